import type { Credential } from "../credentials/credential.ts";
import { apiPages, memberOf } from "./api-pages.ts";
import { bearerSecrets, firstGiven, isNo, listCatalog, prefixNeeded, splitPrefix, textOf } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

/**
 * Quay: its interface lists a namespace, to a stranger what is public, and to the OAuth token of an application (the password of the
 * user `$oauthtoken`) all that this may see. Robots cannot ask it; what they may pull stands in the catalogue, where that is enabled.
 *
 * Source: Red Hat's documentation, "Red Hat Quay API reference", listRepos; quay `endpoints/api/repository.py`, `endpoints/v2/catalog.py`.
 */
export const quay: Vendor = {
  id: "quay",
  name: "Quay",
  isHost: (host) => host === "quay.io",
  isShown: ({ bearer, header }) => bearer?.realm.pathname === "/v2/auth" || /^quay\b/i.test(header("server")),
  async *list(place) {
    const { registry, prefix, problem } = place;
    const [namespace] = splitPrefix(prefix);
    if (namespace === "") {
      let some = false;
      for await (const name of listCatalog(place)) {
        some = true;
        yield name;
      }
      // One that is not enabled is there, and empty.
      if (!some) throw prefixNeeded(registry, `${registry}/NAMESPACE`);
      return;
    }
    const credential = await place.credential();
    if (!credential || isApplication(credential)) {
      yield* firstGiven(
        () => listNamespace(place, { namespace, credential }),
        () => listCatalog(place),
      );
      return;
    }
    let isEmpty = true;
    yield* firstGiven(
      async function* () {
        for await (const name of listCatalog(place)) {
          isEmpty = false;
          yield name;
        }
        // One that is not enabled is there, and empty.
        if (isEmpty)
          problem("the catalogue is empty, and the interface lists what is private to an application's token only");
      },
      async function* () {
        problem("the catalogue is not given, and the interface lists what is private to an application's token only");
        yield* listNamespace(place, { namespace, credential: undefined });
      },
    );
    // What is public may be missing in a catalogue.
    try {
      yield* listNamespace(place, { namespace, credential: undefined });
    } catch (cause) {
      if (!isNo(cause)) throw cause;
    }
  },
};

function isApplication(credential: Credential): boolean {
  return credential.kind === "basic" && credential.username === "$oauthtoken";
}

async function* listNamespace(
  { client, registry }: ListedPlace,
  { namespace, credential }: { readonly namespace: string; readonly credential: Credential | undefined },
): AsyncGenerator<string> {
  const host = client.host(registry);
  const base = await host.address("/api/v1/repository");
  const url = (token: string | undefined): URL => {
    const page = new URL(base);
    page.search = new URLSearchParams({ namespace, public: "true", ...(token && { next_page: token }) }).toString();
    return page;
  };
  const repositories = apiPages({
    server: host,
    request: (_, token) => ({
      url: url(token),
      secrets: bearerSecrets(credential),
      what: `the repositories of ${registry}/${namespace}`,
    }),
    entries: (json) => memberOf(json, "repositories"),
    more: ({ json }) => textOf(memberOf(json, "next_page")) || false,
  });
  for await (const { name, kind } of repositories) {
    if (kind === undefined || kind === null || kind === "image") yield `${namespace}/${textOf(name)}`;
  }
}
