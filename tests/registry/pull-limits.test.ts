import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { type FakeRegistry, type FakeRequest, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, reference, type TestClientOptions, testClient } from "./setup/registry-client.ts";

const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
const spent = { code: "registry-refused", message: expect.stringContaining("refuses further pulls") as string };

/** What is told of pulls with an answer; nothing where they are not counted. */
type Told = { readonly limit: string; readonly remaining: string; readonly source?: string } | undefined;

/** As Docker Hub: manifests are counted, `HEAD` is not, and what is too much is refused; others serve all the same. */
async function countingRegistry(
  repositories: readonly string[],
  told: (repository: string, request: FakeRequest) => Told,
  refuses = true,
): Promise<FakeRegistry & { readonly methods: (repository?: string) => string }> {
  const registry = await fakeRegistry();
  for (const repository of repositories) registry.putManifest(repository, image, { tag: "v1" });
  registry.intercept = (request, response) => {
    const repository = /^\/v2\/(.+)\/manifests\//.exec(request.path)?.[1];
    const now = repository === undefined ? undefined : told(repository, request);
    if (!now) return false;
    tell(response, now);
    return refuses && request.method === "GET" && Number.parseInt(now.remaining, 10) === 0 && refuse(response);
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

/** Time as the gate sees it goes on by so many seconds at once. */
function clock(): (seconds: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  const spy = vi.spyOn(performance, "now").mockImplementation(() => now() + ahead);
  onTestFinished(() => spy.mockRestore());
  return (seconds) => {
    ahead += seconds * 1000;
  };
}

/** Tries that a request is given. */
const attempts = 2;
const patient = (options: TestClientOptions = {}): RegistryClient => testClient({ ...options, limits: { attempts } });

describe("a registry that serves whatever it says", () => {
  test.each([
    ["0;w=3600", "0;w=3600"],
    ["5000;w=60", "0;w=60"],
    ["100;w=21600", "0;w=21600"],
    ["10", "0"],
    ["10;w=0", "0;w=0"],
  ])("is asked on, as of %s and %s", async (limit, remaining) => {
    const registry = await countingRegistry(["team/app", "team/other"], () => ({ limit, remaining }), false);
    const waited: string[] = [];
    const client = testClient({ limits: { longWait: 1 }, waiting: (sentence) => void waited.push(sentence) });
    await look(client, registry);
    const workers = ["team/app", "team/other", "team/app"].map(async (repository) => {
      for (let time = 0; time < 10; time++) await pull(client, registry, repository);
    });
    await Promise.all(workers);
    expect(registry.methods()).toBe(`HEAD${" GET".repeat(30)}`);
    expect(waited.filter((sentence) => sentence.includes("requested wait"))).toEqual([]);
  });

  test("is tried as often as others where it refuses in between", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft, false);
    const answer = registry.intercept;
    let asked = 0;
    registry.intercept = (request, response) => {
      const isDone = answer(request, response);
      return isDone || (request.path.includes("/manifests/") && asked++ % 2 === 0 && refuse(response));
    };
    const client = patient();
    for (let time = 0; time < 5; time++) await pull(client, registry);
    expect(asked).toBe(10);
  });

  test.each([
    ["0;w=3600", "0;w=3600"],
    ["10", "0"],
    ["10;w=3600", "1;w=3600"],
    // Short enough for those that try again.
    ["10;w=3", "0;w=3"],
  ])("or refuses for another reason, holds nothing back, as with %s and %s", async (limit, remaining) => {
    const registry = await countingRegistry(["team/app"], () => ({ limit, remaining }), false);
    const answer = registry.intercept;
    registry.intercept = (request, response) =>
      answer(request, response) || (request.path.endsWith("/bad") && refuse(response));
    const client = patient();
    const bad = client.manifest(reference(`${registry.host}/team/app:bad`));
    await expect(bad).rejects.toMatchObject({ code: "registry-unreachable" });
    await pull(client, registry);
  });
});

describe("a registry that refuses since no pull remains", () => {
  test("is sent none, and the error tells the limit, the window and what raises it", async () => {
    const registry = await countingRegistry(["team/app", "team/other"], () => nothingLeft);
    const client = patient();
    for (const repository of ["team/app", "team/app", "team/other", "team/app"]) {
      await expect(pull(client, registry, repository)).rejects.toMatchObject({
        code: "registry-refused",
        message: `the registry ${registry.host} refuses further pulls: its limit of 100 pulls in 6 hours is reached`,
        hint: expect.stringContaining(`plimsoll login ${registry.host}`) as string,
      });
    }
    expect(registry.methods()).toBe("GET GET");
  });

  test("gets no more than those that were in flight", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = testClient({ limits: { attempts, concurrency: 3 } });
    const workers = Array.from({ length: 3 }, async () => {
      for (let time = 0; time < 50; time++) await expect(pull(client, registry)).rejects.toMatchObject(spent);
    });
    await Promise.all(workers);
    expect(registry.requests.length).toBeLessThanOrEqual(3 * attempts);
  });

  test("is looked at as before, and blobs come, for neither is counted", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const blob = registry.putBlob("team/app", Buffer.from("layer"));
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await look(client, registry);
    await look(client, registry);
    const place = { registry: registry.host, repository: "team/app" };
    expect(await client.blobBytes(place, blob, 100)).toEqual(Buffer.from("layer"));
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("GET GET HEAD HEAD");
  });

  test("and then asks to be left alone still gives blobs", async () => {
    const pass = clock();
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const blob = registry.putBlob("team/app", Buffer.from("layer"));
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/manifests/")) return false;
      response.setHeader("retry-after", "2");
      return refuse(response);
    };
    pass(21_600 / 20);
    const tried = pull(client, registry);
    await expect.poll(() => registry.methods()).toBe("GET");
    await sleep(100);
    const begun = Date.now();
    await client.blobBytes({ registry: registry.host, repository: "team/app" }, blob, 100);
    expect(Date.now() - begun).toBeLessThan(1500);
    await expect(tried).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("GET");
  });

  test("may have said so before", async () => {
    const registry = await countingRegistry(["team/app"], (_, { method }) =>
      method === "HEAD" ? nothingLeft : undefined,
    );
    const answer = registry.intercept;
    registry.intercept = (request, response) =>
      answer(request, response) ||
      (request.method === "GET" && request.path.includes("/manifests/") && refuse(response));
    const client = patient();
    await look(client, registry);
    for (let time = 0; time < 3; time++) await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("HEAD GET GET");
  });

  test("gives what it then says is left", async () => {
    let remaining = "0;w=21600";
    const registry = await countingRegistry(["team/app"], () => ({ ...nothingLeft, remaining }));
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    remaining = "3;w=21600";
    await look(client, registry);
    await pull(client, registry);
    expect(registry.methods()).toBe("GET GET HEAD GET");
  });

  test("is told who logged in, and that another account may have more", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = patient({ credentials: { [registry.host]: basic("alice", "wonder") } });
    await expect(pull(client, registry)).rejects.toMatchObject({
      ...spent,
      hint: expect.stringContaining("an account that has a higher limit") as string,
    });
  });

  test("is tried again once in a while, and opens by what that one gets", async () => {
    const pass = clock();
    let remaining = "0;w=21600";
    const registry = await countingRegistry(["team/app"], () => ({ ...nothingLeft, remaining }));
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    pass(21_600 / 20 - 60);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("");
    pass(60);
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => pull(client, registry)));
    for (const one of tries) expect(one).toMatchObject({ reason: spent });
    expect(registry.methods()).toBe("GET");
    remaining = "100;w=21600";
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    pass(21_600 / 20);
    await pull(client, registry);
    await pull(client, registry);
    expect(registry.methods()).toBe("GET GET GET");
  });

  test.each([
    [300, 50, 15],
    [150, 50, 15],
    [1_000_000_000, 3590, 15],
  ])("for %d seconds is tried after a while, neither short nor endless", async (window, before, after) => {
    const pass = clock();
    const registry = await countingRegistry(["team/app"], () => ({ limit: "9", remaining: `0;w=${window}` }));
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    pass(before);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("");
    pass(after);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("GET");
  });

  test("is asked as ever when the window is over", async () => {
    const pass = clock();
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const client = patient();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    pass(21_600);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("GET GET");
  });

  test("is open again by a pull that was on its way and is served", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    registry.putManifest("team/app", image, { tag: "slow" });
    const answer = registry.intercept;
    let goOn: (() => void) | undefined;
    registry.intercept = (request, response) => {
      if (!request.path.endsWith("/slow")) return answer(request, response);
      goOn = () => void response.writeHead(200, { "content-type": image.mediaType }).end(JSON.stringify(image));
      return true;
    };
    const client = patient();
    const slow = client.manifest(reference(`${registry.host}/team/app:slow`));
    await expect.poll(() => goOn).toBeDefined();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("");
    goOn?.();
    await slow;
    registry.intercept = () => false;
    await pull(client, registry);
  });
});

describe("pulls are counted", () => {
  test("for each account, as the registry names it", async () => {
    const registry = await countingRegistry(["team/app", "free/app", "paid/app"], (repository) => {
      if (repository === "free/app") return undefined;
      return repository === "team/app"
        ? nothingLeft
        : { limit: "200;w=21600", remaining: "9;w=21600", source: "alice" };
    });
    const client = patient();
    await pull(client, registry, "paid/app");
    await pull(client, registry, "free/app");
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await pull(client, registry, "paid/app");
    await pull(client, registry, "free/app");
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods("paid/")).toBe("GET GET");
    expect(registry.methods("free/")).toBe("GET GET");
    expect(registry.methods("team/")).toBe("GET GET");
  });

  test("for two addresses of ours, and then nothing is asked by either", async () => {
    let asked = 0;
    const repositories = ["team/a", "team/b", "team/c"];
    const registry = await countingRegistry(repositories, () => ({
      ...nothingLeft,
      source: asked++ % 3 === 0 ? "192.0.2.7" : "2001:db8::",
    }));
    const client = patient();
    const pullAll = async (): Promise<void> => {
      for (const each of repositories) await expect(pull(client, registry, each)).rejects.toMatchObject(spent);
    };
    for (const each of repositories) await look(client, registry, each);
    await pullAll();
    await pullAll();
    registry.forget();
    await pullAll();
    expect(registry.methods()).toBe("");
  });

  test("for each user where the registry does not name the account", async () => {
    const registry = await countingRegistry(["team/app", "team/more", "paid/app"], (repository) => ({
      limit: "100;w=21600",
      remaining: repository.startsWith("team/") ? "0;w=21600" : "9;w=21600",
    }));
    const answer = registry.intercept;
    registry.intercept = (request, response) => {
      if (request.path === "/v2/" || request.headers.authorization !== undefined) return answer(request, response);
      return sendJson(response, 401, {}, { "www-authenticate": 'Basic realm="test"' });
    };
    const alice = basic("alice", "wonder");
    const users = new Map([
      ["team/app", alice],
      ["team/more", alice],
      ["paid/app", basic("bob", "builder")],
    ]);
    const client = new RegistryClient({
      credentials: { find: (_, repository = "") => Promise.resolve(users.get(repository)) },
      signal: new AbortController().signal,
      limits: { attempts, retryDelay: 1 },
    });
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    registry.forget();
    await pull(client, registry, "paid/app");
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    await expect(pull(client, registry, "team/more")).rejects.toMatchObject(spent);
    await pull(client, registry, "paid/app");
    expect(registry.methods("team/")).toBe("");
  });

  test("at each registry by itself, so a mirror still serves", async () => {
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const mirror = await countingRegistry(["hub/team/app"], () => undefined);
    const client = patient({ settings: new Map([[registry.host, { mirrors: [`${mirror.host}/hub`] }]]) });
    await look(client, registry);
    await pull(client, registry);
    expect(mirror.methods()).toContain("GET");
  });

  test("by the latest answer, and not by one that it overtook", async () => {
    let slow: (() => void) | undefined;
    const registry = await countingRegistry(["team/app"], () => nothingLeft);
    const answer = registry.intercept;
    registry.intercept = (request, response) => {
      if (request.path !== "/v2/team/app/manifests/slow") return answer(request, response);
      tell(response, { ...nothingLeft, remaining: "1;w=21600" });
      response.setHeader("docker-content-digest", `sha256:${"0".repeat(64)}`);
      slow = () => void response.writeHead(200).end();
      return true;
    };
    const client = patient();
    const overtaken = client.head(reference(`${registry.host}/team/app:slow`));
    await expect.poll(() => slow).toBeDefined();
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    slow?.();
    await overtaken;
    expect(client.rateLimit(registry.host)?.remaining).toBe(0);
    await expect(pull(client, registry)).rejects.toMatchObject(spent);
    expect(registry.methods()).toBe("HEAD GET GET");
  });
});
