import { apiPages, hasMore } from "./api-pages.ts";
import { basicSecrets, firstGiven, listCatalog, splitPrefix, textOf, unfitLogIn } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const pageSize = 100;

/**
 * Harbor: its interface lists projects and their repositories, to each user what that may see; the catalogue is for
 * administrators.
 *
 * Source: goharbor/harbor `api/v2.0/swagger.yaml`: listProjects, listRepositories.
 */
export const harbor: Vendor = {
  id: "harbor",
  name: "Harbor",
  isShown: ({ bearer }) => bearer?.service === "harbor-registry",
  async *list(place) {
    await prove(place);
    yield* firstGiven(
      () => listProjects(place),
      () => listCatalog(place),
    );
  },
};

/**
 * Shows the log-in to the token server, without a scope: the interface treats a user with a wrong password as
 * anonymous, and lists the public part. Errors: `registry-refused`, those of a request.
 */
async function prove({ client, registry, prefix, credential, problem }: ListedPlace): Promise<void> {
  const known = await credential();
  if (!known) return;
  const host = client.host(registry);
  const purpose = { scopes: [], ...(prefix !== "" && { repository: prefix }) };
  const answer = await host.send({ path: "/v2/", ...purpose });
  if (answer.status !== 200) throw await host.refusal(answer, "the log-in", purpose);
  if (known.kind !== "basic") problem(unfitLogIn("Harbor"));
}

async function* listProjects(place: ListedPlace): AsyncGenerator<string> {
  const [first] = splitPrefix(place.prefix);
  if (first !== "") {
    yield* listProject(place, first);
    return;
  }
  for await (const { name } of entries(place, "/api/v2.0/projects", "the projects"))
    yield* listProject(place, textOf(name));
}

async function* listProject(place: ListedPlace, project: string): AsyncGenerator<string> {
  const path = `/api/v2.0/projects/${encodeURIComponent(project)}/repositories`;
  for await (const { name } of entries(place, path, `the repositories of ${place.registry}/${project}`))
    yield textOf(name);
}

async function* entries(
  { client, registry, credential }: ListedPlace,
  path: string,
  what: string,
): ReturnType<typeof apiPages> {
  const host = client.host(registry);
  const base = await host.address(path);
  const secrets = basicSecrets(await credential());
  yield* apiPages({
    server: host,
    // A project is named by its name, also where that is a number.
    request: (page) => ({
      url: new URL(`?page=${page}&page_size=${pageSize}`, base),
      headers: { "x-is-resource-name": "true" },
      secrets,
      what,
    }),
    entries: (json) => json,
    more: (answer, count) => hasMore(answer, { count, pageSize }),
  });
}
