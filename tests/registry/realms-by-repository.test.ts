import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, reference, testClient } from "./setup/registry-client.ts";

const keys = ["dev", "prod", "qa", "x"];
const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };

/** A registry each of whose keys, the first component of a repository, has a token server of its own (Artifactory). */
async function byPath(
  options: { readonly refusesForeign?: true } = {},
): Promise<FakeRegistry & { readonly asked: string[] }> {
  const registry = await fakeRegistry();
  const asked: string[] = [];
  for (const key of keys) for (const name of ["a", "b"]) registry.putManifest(`${key}/${name}`, image, { tag: "v1" });
  registry.intercept = ({ path, headers }, response) => {
    const key = /^\/api\/docker\/([^/]+)\/token/.exec(path)?.[1];
    if (key !== undefined) {
      const scopes = new URL(path, "http://x/").searchParams.getAll("scope");
      asked.push(`${key} ${scopes.join(" ")}`);
      const isForeign = scopes.some((scope) => !scope.startsWith(`repository:${key}/`));
      return options.refusesForeign && isForeign
        ? sendJson(response, 403, {})
        : sendJson(response, 200, { token: `of-${key}` });
    }
    const wanted = /^\/v2\/([^/]+)\//.exec(path)?.[1];
    if (wanted === undefined || headers.authorization === `Bearer of-${wanted}`) return false;
    const realm = `http://${registry.host}/api/docker/${wanted}/token`;
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="x"` }).flushHeaders();
    // Before the answer for one key ends come those for many others.
    void sleep(wanted === "dev" ? 100 : 0).then(() => response.end("{}"));
    return true;
  };
  return Object.assign(registry, { asked });
}

test.each([{}, { refusesForeign: true as const }])(
  "repositories with token servers of their own are read at the same time: %j",
  async (options) => {
    const registry = await byPath(options);
    const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") } });
    const read = (name: string): Promise<unknown> => client.manifest(reference(`${registry.host}/${name}:v1`));
    let isRead = false;
    const slow = read("dev/a").finally(() => {
      isRead = true;
    });
    while (!isRead) for (const key of ["prod", "qa", "x"]) expect(await read(`${key}/a`)).toBeDefined();
    expect(await slow).toBeDefined();
  },
);

test("what was learnt for a repository holds while others are asked", async () => {
  const registry = await byPath();
  const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") } });
  for (const key of keys) await client.head(reference(`${registry.host}/${key}/a:v1`));
  const before = registry.asked.length;
  registry.forget();
  for (const key of keys) await client.head(reference(`${registry.host}/${key}/a:v1`));
  expect(registry.requests).toHaveLength(keys.length);
  expect(registry.asked).toHaveLength(before);
});

test("credentials that a token server refuses are shown to it once for a repository", async () => {
  const registry = await byPath();
  const answer = registry.intercept;
  let refused = 0;
  registry.intercept = (request, response) => {
    const isRealm = request.path.startsWith("/api/docker/dev/") && request.path.includes("dev%2Fb");
    if (!isRealm) return answer(request, response);
    refused++;
    return sendJson(response, 401, {});
  };
  const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") } });
  await client.head(reference(`${registry.host}/dev/a:v1`));
  await expect(client.head(reference(`${registry.host}/dev/b:v1`))).rejects.toMatchObject({ code: "registry-refused" });
  expect(refused).toBe(1);
});

test("what is not there is not there, also when another token server refused first", async () => {
  const registry = await byPath({ refusesForeign: true });
  const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") } });
  await client.head(reference(`${registry.host}/dev/a:v1`));
  expect(await client.head(reference(`${registry.host}/prod/a:missing`))).toBeUndefined();
  expect(registry.asked.map((question) => question.split(" ")[0])).toEqual(["dev", "dev", "prod"]);
});
