import type { Credential } from "../credentials/credential.ts";
import { apiPages, memberOf } from "./api-pages.ts";
import { bearerSecrets, firstGiven, givenOr, isNo, listCatalog, prefixNeeded, splitPrefix, textOf } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

/**
 * Quay: its interface lists a namespace, to a stranger what is public, and to the OAuth token of an application (the
 * password of the user `$oauthtoken`) all that this may see. Robots cannot ask it; what they may pull stands in the
 * catalogue, where that is enabled.
 *
 * Source: Red Hat's documentation, "Red Hat Quay API reference", listRepos; quay `endpoints/api/repository.py`,
 * `endpoints/v2/catalog.py`, `endpoints/v2/v2auth.py`.
 */
export const quay: Vendor = {
  id: "quay",
  name: "Quay",
  isHost: (host) => host === "quay.io",
  isShown: ({ bearer, header }) => bearer?.realm.pathname === "/v2/auth" || /^quay\b/i.test(header("server")),
  async *list(place) {
    const [namespace] = splitPrefix(place.prefix);
    if (namespace === "") return yield* listWhole(place);
    const credential = await place.credential();
    if (!credential || isApplication(credential)) return yield* listAsUser(place, { namespace, credential });
    yield* listAsRobot(place, namespace);
  },
};

interface Namespace {
  readonly namespace: string;
  readonly credential: Credential | undefined;
}

/** All that the catalogue has. A disabled catalogue is present and empty for anonymous users, or refused. */
async function* listWhole(place: ListedPlace): AsyncGenerator<string> {
  const needed = prefixNeeded(place.registry, `${place.registry}/NAMESPACE`);
  const known = await place.credential();
  let isEmpty = true;
  const names = givenOr(
    () => listCatalogOfUser(place),
    (cause) => (known ? cause : needed),
  );
  for await (const name of names) {
    isEmpty = false;
    yield name;
  }
  if (isEmpty) throw needed;
}

/** The token server knows scopes of repositories alone; any token of a user opens the catalogue. */
function listCatalogOfUser(place: ListedPlace): AsyncGenerator<string> {
  return listCatalog(place, []);
}

function listAsUser(place: ListedPlace, namespace: Namespace): AsyncGenerator<string> {
  return firstGiven(
    () => listNamespace(place, namespace),
    () => listCatalogOfUser(place),
  );
}

/** The catalogue, and what is public of the namespace, which may be missing there. */
async function* listAsRobot(place: ListedPlace, namespace: string): AsyncGenerator<string> {
  const publicRepositories = { namespace, credential: undefined };
  yield* firstGiven(
    () => listRobotsCatalog(place),
    async function* () {
      place.problem(`the catalogue is not available, and ${privateToApplications}`);
      yield* listNamespace(place, publicRepositories);
    },
  );
  try {
    yield* listNamespace(place, publicRepositories);
  } catch (cause) {
    if (!isNo(cause)) throw cause;
  }
}

/** The catalogue; a disabled one, which is present and empty, is reported as a problem. */
async function* listRobotsCatalog(place: ListedPlace): AsyncGenerator<string> {
  let isEmpty = true;
  for await (const name of listCatalogOfUser(place)) {
    isEmpty = false;
    yield name;
  }
  if (isEmpty) place.problem(`the catalogue is empty, and ${privateToApplications}`);
}

const privateToApplications = "the API lists private repositories only for an application token";

function isApplication(credential: Credential): boolean {
  return credential.kind === "basic" && credential.username === "$oauthtoken";
}

async function* listNamespace(
  { client, registry }: ListedPlace,
  { namespace, credential }: Namespace,
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
