import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "../../registry/setup/docker-registry.ts";
import { fakeRegistry } from "../../registry/setup/fake-registry.ts";
import { testClient } from "../../registry/setup/registry-client.ts";
import { type Exchange, watchedRegistry } from "../../registry/setup/watched-registry.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { isOfUpload, plays, type Stage, unplayed } from "../matching/distribution-cases.ts";

interface Case {
  readonly category: "pull" | "push" | "discovery" | "management";
  readonly group: string;
  readonly name: string;
  readonly requests: readonly CaseRequest[];
  readonly headers_checked: readonly string[];
}

interface CaseRequest {
  readonly method: string;
  readonly path: string;
  /** None: any success. */
  readonly statuses: readonly (number | string)[];
}

describeWithCorpus("the cases of the OCI distribution specification, from the client's side", () => {
  const all = corpusJson<Case[]>("platform", "distribution-conformance", "cases-v1.1.1.json");
  const ours = all.filter(({ category, group }) => category !== "management" && group !== "Teardown");
  const played = ours.filter(({ name }) => unplayed[name] === undefined);

  test("all of pull, push and content discovery are played but for those that no client can play", () => {
    expect([all.length, ours.length, played.length]).toEqual([83, 57, 54]);
    expect(played.filter(({ name }) => plays[name] === undefined)).toEqual([]);
    const names = ours.map(({ name }) => name);
    expect([...Object.keys(plays), ...Object.keys(unplayed)].filter((name) => !names.includes(name))).toEqual([]);
    // The rest deletes, to test that or to clean up; the client has no method for it.
    const rest = all.filter((one) => !ours.includes(one) && one.category !== "management");
    expect(rest.flatMap(({ requests }) => requests).every(({ method }) => method === "DELETE")).toBe(true);
  });

  describe("with a registry that has all of it", () => {
    test.each(named(played))("%s", async (_, one) => {
      const { host } = await fakeRegistry({ referrers: true, filters: true, smallestChunk: 1000 });
      const exchanges = await playedAt(host, one.name);
      expect(lacking(one, exchanges)).toEqual([]);
    });
  });

  describe.skipIf(registryObstacle !== undefined)(
    `with Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
    () => {
      // What it answers otherwise; the client comes to the same in another way.
      const position = "it keeps its place in the address: a part elsewhere is added, a part again is called invalid";
      const referrers = "it has no list of referrers: the tag that stands in for it is written and read";
      const noList = "GET /v2/{name}/referrers/{digest} 200";
      const noPosition = "PATCH {Location of the previous answer} 416";
      const differs: Readonly<Record<string, { readonly reason: string; readonly lacks: readonly string[] }>> = {
        "Out-of-order blob upload should return 416": {
          reason: position,
          lacks: [noPosition, "Location", "OCI-Chunk-Min-Length"],
        },
        "Retry previous blob chunk should return 416": { reason: position, lacks: [noPosition] },
        "References setup": { reason: referrers, lacks: ["OCI-Subject"] },
        "GET request to nonexistent blob should result in empty 200 response": {
          reason: referrers,
          lacks: [noList, "Content-Type"],
        },
        "GET request to existing blob should yield 200": { reason: referrers, lacks: [noList, "Content-Type"] },
        "GET request to existing blob with filter should yield 200": {
          reason: referrers,
          lacks: [noList, "Content-Type", "OCI-Filters-Applied"],
        },
        "GET request to missing manifest should yield 200": { reason: referrers, lacks: [noList, "Content-Type"] },
      };
      let registry: RunningRegistry;
      beforeAll(async () => {
        registry = await startDockerRegistry();
      });
      afterAll(() => registry.stop());

      test.each(named(played))("%s", async (_, one) => {
        const exchanges = await playedAt(registry.host, one.name);
        expect(lacking(one, exchanges)).toEqual(differs[one.name]?.lacks ?? []);
      });
    },
  );
});

let count = 0;

/** Plays a case in repositories of its own, and gives what was asked and answered. */
async function playedAt(target: string, name: string): Promise<readonly Exchange[]> {
  const registry = await watchedRegistry(target);
  const repository = `case-${++count}/app`;
  const place = { registry: registry.host, repository };
  const stage: Stage = {
    registry,
    client: testClient(),
    place,
    other: { ...place, repository: `${repository}/other` },
  };
  await plays[name]?.(stage);
  expectManners(registry.exchanges);
  return registry.exchanges;
}

/** What holds in every case. */
function expectManners(exchanges: readonly Exchange[]): void {
  let location: string | undefined;
  for (const [index, { request, answer }] of exchanges.entries()) {
    const { searchParams } = new URL(request.path, "http://x/");
    expect(request.method).not.toBe("DELETE");
    if (request.method === "POST")
      expect([searchParams.has("digest"), searchParams.has("mount")]).toEqual([false, searchParams.has("from")]);
    // What a play itself sends again was sent by the client once.
    if (!isOfUpload(request) || exchanges[index - 1]?.request === request) continue;
    // An upload goes on where the last answer said.
    const address = request.path.replace(/[?&]digest=sha256%3A[0-9a-f]{64}$/, "");
    if (request.method === "PATCH" || request.method === "PUT") expect(address).toBe(location);
    const next = answer.headers.location;
    if (next !== undefined) location = pathOf(next);
  }
}

function pathOf(location: string): string {
  const { pathname, search } = new URL(location, "http://x/");
  return `${pathname}${search}`;
}

/** What an answer to any request of an upload may say, where the suite looks at the last. */
const saidAtTheBegin = ["OCI-Chunk-Min-Length"];

/** The requests of a case that were not made or were answered otherwise, and the headers that the answers lack. */
function lacking({ requests, headers_checked: headers }: Case, exchanges: readonly Exchange[]): string[] {
  const matching = (wanted: CaseRequest): readonly Exchange[] =>
    exchanges.filter((one) => isAsked(wanted, one) && isAllowed(one.answer.status, wanted));
  const missing = requests.filter((wanted) => matching(wanted).length === 0);
  const unsaid = headers.filter((name) => {
    const looked = saidAtTheBegin.includes(name) ? requests : requests.slice(-1);
    return !looked.flatMap(matching).some(({ answer }) => answer.headers[name.toLowerCase()] !== undefined);
  });
  return [...missing.map(({ method, path, statuses }) => `${method} ${path} ${statuses.join("|")}`), ...unsaid];
}

function isAllowed(status: number, { statuses }: CaseRequest): boolean {
  return (statuses.length === 0 ? ["200..299"] : statuses).some((allowed) => {
    const [from = 0, to = from] = String(allowed).split("..").map(Number);
    return status >= from && status <= to;
  });
}

function isAsked({ method, path }: CaseRequest, { request }: Exchange): boolean {
  if (method !== request.method) return false;
  const expression = path.startsWith("{Location")
    ? "/v2/.+/blobs/.+"
    : path
        .replace("{name}", "case-[0-9]+/app(?:/other)?")
        .replace("{digest}", "sha256:[0-9a-f]{64}")
        .replace("{reference}", "[^/]+");
  return new RegExp(`^${expression}$`).test(new URL(request.path, "http://x/").pathname);
}

function named(cases: readonly Case[]): (readonly [string, Case])[] {
  return cases.map((one) => [`${one.category}, ${one.group}: ${one.name}`, one] as const);
}
