import type { Credential } from "../credentials/credential.ts";
import { apiPages, hasMore } from "./api-pages.ts";
import { bearerSecrets, firstGiven, givenOr, listCatalog, prefixNeeded, textOf, unfitLogIn } from "./listing.ts";
import type { ListedPlace, RegistrySigns, Vendor } from "./vendor.ts";

const pageSize = 100;

/**
 * GitLab: the registry sends for tokens to the GitLab that it belongs to, whose interface lists the repositories of a
 * group with its subgroups, or of a project. The catalogue is for administrators.
 *
 * Source: GitLab's documentation, "Container registry API" and "REST API authentication".
 */
export const gitlab: Vendor = {
  id: "gitlab",
  name: "GitLab",
  isHost: (host) => host === "registry.gitlab.com",
  isShown: (signs) => gitlabOf(signs) !== undefined,
  async *list(place) {
    const { registry, prefix } = place;
    if (prefix !== "") {
      yield* firstGiven(
        () => listBelow(place, "groups", prefix),
        ...projectPaths(prefix).map((path) => () => listBelow(place, "projects", path)),
        () => listCatalog(place),
      );
      return;
    }
    const needed = prefixNeeded(registry, `${registry}/GROUP or ${registry}/GROUP/PROJECT`);
    yield* givenOr(
      () => listCatalog(place),
      () => needed,
    );
  },
};

/** Up to three components of a repository's name come after those of its project. */
function projectPaths(prefix: string): readonly string[] {
  const parts = prefix.split("/");
  return [0, 1, 2, 3].flatMap((dropped) => {
    const count = parts.length - dropped;
    return count < 2 ? [] : [parts.slice(0, count).join("/")];
  });
}

async function* listBelow(place: ListedPlace, kind: "groups" | "projects", path: string): AsyncGenerator<string> {
  const { client, registry } = place;
  const host = client.host(registry);
  const origin = gitlabOf(await place.signs()) ?? "https://gitlab.com";
  const credential = await place.credential();
  const secrets = apiSecrets(credential);
  const id = encodeURIComponent(path);
  const repositories = apiPages({
    server: host,
    request: (page) => ({
      url: new URL(`${origin}/api/v4/${kind}/${id}/registry/repositories?per_page=${pageSize}&page=${page}`),
      secrets,
      what: `the repositories of ${registry}/${path}`,
    }),
    entries: (json) => json,
    more: (answer, count) => hasMore(answer, { count, pageSize }),
  });
  for await (const entry of repositories) yield textOf(entry["path"]);
  if (credential && credential.kind !== "basic") place.problem(unfitLogIn("GitLab"));
}

/** The token of a job has a header of its own; other tokens are passwords of any user. */
function apiSecrets(credential: Credential | undefined): Readonly<Record<string, string>> {
  const isJob = credential?.kind === "basic" && credential.username === "gitlab-ci-token";
  return isJob ? { "job-token": credential.password.reveal() } : bearerSecrets(credential);
}

/** The address of the GitLab to which a registry sends for tokens. */
function gitlabOf({ bearer }: RegistrySigns): string | undefined {
  if (bearer?.service !== "container_registry" || !bearer.realm.pathname.endsWith("/jwt/auth")) return undefined;
  return `${bearer.realm.origin}${bearer.realm.pathname.slice(0, -"/jwt/auth".length)}`;
}
