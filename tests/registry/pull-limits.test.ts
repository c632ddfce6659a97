import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { RegistryClient } from "../../src/registry/registry-client.ts";
import { type FakeRegistry, type FakeRequest, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, reference, testClient } from "./setup/registry-client.ts";

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
const spent = { code: "registry-refused", message: expect.stringContaining("refuses further pulls") as string };

/** What is told of pulls with an answer; nothing where they are not counted. */
type Told = { readonly limit: string; readonly remaining: string; readonly source?: string } | undefined;

/** As Docker Hub: manifests are counted, `HEAD` is not, and what is too much is refused. */
async function countingRegistry(
  repositories: readonly string[],
  told: (repository: string, request: FakeRequest) => Told,
): Promise<FakeRegistry & { readonly methods: (repository?: string) => string }> {
  const registry = await fakeRegistry();
  for (const repository of repositories) registry.putManifest(repository, image, { tag: "v1" });
  registry.intercept = (request, response) => {
    const repository = /^\/v2\/(.+)\/manifests\//.exec(request.path)?.[1];
    const now = repository === undefined ? undefined : told(repository, request);
    if (!now) return false;
    tell(response, now);
    return request.method === "GET" && Number.parseInt(now.remaining, 10) === 0 && refuse(response);
  };
  const methods = (repository = ""): string =>
    registry.requests
      .filter(({ path }) => path.includes("/manifests/") && path.startsWith(`/v2/${repository}`))
      .map(({ method }) => method)
      .join(" ");
  return Object.assign(registry, { methods });
}

function tell(response: ServerResponse, { limit, remaining, source }: NonNullable<Told>): void {
  response.setHeader("ratelimit-limit", limit);
  response.setHeader("ratelimit-remaining", remaining);
  if (source !== undefined) response.setHeader("docker-ratelimit-source", source);
}

function refuse(response: ServerResponse): true {
  const message = "You have reached your unauthenticated pull rate limit.";
  return sendJson(response, 429, { errors: [{ code: "TOOMANYREQUESTS", message }] });
}

/** The headers of an answer of Docker Hub's to `HEAD`, as recorded in May 2025. */
const nothingLeft = { limit: "100;w=21600", remaining: "0;w=21600", source: "2001:41d0:801:2000::" };

const pull = (client: RegistryClient, { host }: FakeRegistry, repository = "team/app"): Promise<unknown> =>
  client.manifest(reference(`${host}/${repository}:v1`));
const look = (client: RegistryClient, { host }: FakeRegistry, repository = "team/app"): Promise<unknown> =>
  client.head(reference(`${host}/${repository}:v1`));

describe("a registry that says that no pull remains", () => {
  test("is sent none, and the error tells the limit, the window and what raises it", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = testClient();
    await look(client, registry);
    for (let time = 0; time < 5; time++) {
      await expect(pull(client, registry)).rejects.toMatchObject({
        code: "registry-refused",
        message: `the registry ${registry.host} refuses further pulls: its limit of 100 in 6 hours is used up`,
        hint: expect.stringContaining(`plimsoll login ${registry.host}`) as string,
      });
    }
    expect(registry.methods()).toBe("HEAD");
  });

  test("is looked at as before, and blobs come, for neither is counted", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const blob = registry.putBlob("team/app", Buffer.from("layer"));
    const client = testClient();
    await look(client, registry);
    await look(client, registry);
    const place = { registry: registry.host, repository: "team/app" };
    expect(await client.blobBytes(place, blob, 100)).toEqual(Buffer.from("layer"));
    expect(registry.methods()).toBe("HEAD HEAD");
  });

  test("and says so with its refusal is not asked again", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = testClient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("GET");
  });

  test("gives what it then says is left", async () => {
    let remaining = "0;w=21600";
    const registry = await countingRegistry(["team/app"], () => ({ ...nothingLeft, remaining }));
    const client = testClient();
    await look(client, registry);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    remaining = "3;w=21600";
    await look(client, registry);
    await pull(client, registry);
    expect(registry.methods()).toBe("HEAD HEAD GET");
  });

  test("is told who logged in, and that another account may have more", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = testClient({ credentials: { [registry.host]: basic("alice", "wonder") } });
    await look(client, registry);
    await expect(pull(client, registry)).rejects.toMatchObject({
      ...spent,
      hint: expect.stringContaining("an account that has a higher one") as string,
    });
  });

  test("for a while is waited for, and that is told", async () => {
    let [remaining, asked] = [0, 0];
    const registry = await countingRegistry(["team/app"], () => {
      asked = performance.now();
      return { limit: "10;w=1", remaining: `${remaining};w=1` };
    });
    const waited: string[] = [];
    const client = testClient({ limits: { longWait: 100 }, waiting: (sentence) => void waited.push(sentence) });
    await look(client, registry);
    const before = asked;
    remaining = 9;
    await pull(client, registry);
    expect(asked - before).toBeGreaterThan(900);
    expect(waited).toEqual([
      `waiting for the registry ${registry.host}: it allows no further pulls and asks to wait for 1 seconds`,
    ]);
    expect(registry.methods()).toBe("HEAD GET");
  });
});

describe("pulls are counted", () => {
  test("for all repositories, of which one that is not known is looked at first, once", async () => {
    const registry = await countingRegistry(["team/app", "team/other"], () => nothingLeft);
    const client = testClient();
    await look(client, registry);
    const pulls = Array.from({ length: 8 }, () => pull(client, registry, "team/other"));
    for (const one of await Promise.allSettled(pulls)) expect(one).toMatchObject({ reason: spent });
    expect(registry.methods("team/other")).toBe("HEAD");
  });

  test("for each account, as the registry names it", async () => {
    const registry = await countingRegistry(["team/app", "free/app", "paid/app"], (repository) => {
      if (repository === "free/app") return undefined;
      return repository === "team/app"
        ? nothingLeft
        : { limit: "200;w=21600", remaining: "9;w=21600", source: "alice" };
    });
    const client = testClient();
    await look(client, registry);
    await pull(client, registry, "paid/app");
    await pull(client, registry, "free/app");
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await pull(client, registry, "paid/app");
    await pull(client, registry, "free/app");
    expect(registry.methods("paid/")).toBe("HEAD GET GET");
    expect(registry.methods("free/")).toBe("HEAD GET GET");
    expect(registry.methods("team/")).toBe("HEAD");
  });

  test("for each user where the registry does not name the account", async () => {
    const registry = await countingRegistry(["team/app", "paid/app"], (repository) => ({
      limit: "100;w=21600",
      remaining: repository === "team/app" ? "0;w=21600" : "9;w=21600",
    }));
    const answer = registry.intercept;
    registry.intercept = (request, response) => {
      if (request.path === "/v2/" || request.headers.authorization !== undefined) return answer(request, response);
      return sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="test"' });
    };
    const users = new Map([
      ["team/app", basic("alice", "wonder")],
      ["paid/app", basic("bob", "builder")],
    ]);
    const client = new RegistryClient({
      credentials: { find: (_, repository = "") => Promise.resolve(users.get(repository)) },
      signal: new AbortController().signal,
    });
    await look(client, registry);
    await pull(client, registry, "paid/app");
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await pull(client, registry, "paid/app");
  });

  test("at each registry by itself, so a mirror still serves", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const mirror = await countingRegistry(["hub/team/app"], () => undefined);
    await look(testClient(), registry);
    const client = testClient({ settings: new Map([[registry.host, { mirrors: [`${mirror.host}/hub`] }]]) });
    await look(client, registry);
    await pull(client, registry);
    expect(mirror.methods()).toBe("GET");
  });

  test("by the latest answer, and not by one that it overtook", async () => {
    let slow: (() => void) | undefined;
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const answer = registry.intercept;
    registry.intercept = (request, response) => {
      if (request.path !== "/v2/team/app/manifests/slow") return answer(request, response);
      tell(response, { ...nothingLeft, remaining: "1;w=21600" });
      slow = () => void response.writeHead(404).end();
      return true;
    };
    const client = testClient();
    const overtaken = client.head(reference(`${registry.host}/team/app:slow`));
    await expect.poll(() => slow).toBeDefined();
    await look(client, registry);
    slow?.();
    expect(await overtaken).toBeUndefined();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
  });

  test("only where it is said for how long", async () => {
    const registry = await countingRegistry(["team/app"], (_, { method }) =>
      method === "HEAD" ? { limit: "10", remaining: "0" } : { limit: "10", remaining: "9" },
    );
    const client = testClient();
    await look(client, registry);
    await pull(client, registry);
    expect(registry.methods()).toBe("HEAD GET");
  });
});
