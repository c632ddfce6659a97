import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { fakeRegistry, listen, pseudoRandom, sendBlob, sendCut, sendJson, sha256 } from "./setup/fake-registry.ts";
import { collect, reference, testClient } from "./setup/registry-client.ts";

const repositoryOf = (host: string): { registry: string; repository: string } => ({
  registry: host,
  repository: "team/app",
});

describe("a blob from a registry that breaks down", () => {
  test("connections that break at random do not show", async () => {
    const registry = await fakeRegistry();
    const bytes = randomBytes(3_000_000);
    const blob = registry.putBlob("team/app", bytes);
    const random = pseudoRandom(42);
    let cuts = 0;
    registry.intercept = ({ method, path, headers }, response) => {
      if (method !== "GET" || !path.includes("/blobs/") || random() < 0.25) return false;
      cuts++;
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
      const rest = bytes.subarray(from);
      const head = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      return sendCut(response, rest, {
        after: Math.floor(random() * 400_000),
        status: headers.range ? 206 : 200,
        headers: head,
      });
    };
    expect(await collect(testClient().blob(repositoryOf(registry.host), blob))).toEqual(bytes);
    expect(cuts).toBeGreaterThan(3);
  });

  test("a server that cannot start in the middle sends the beginning again, which is passed over", async () => {
    const registry = await fakeRegistry({ ranges: false });
    const bytes = randomBytes(300_000);
    const blob = registry.putBlob("team/app", bytes);
    let cut = false;
    registry.intercept = ({ path }, response) => {
      if (cut || !path.includes("/blobs/")) return false;
      cut = true;
      return sendCut(response, bytes, { after: 120_000 });
    };
    expect(await collect(testClient().blob(repositoryOf(registry.host), blob))).toEqual(bytes);
  });

  test("a part is asked for by range, and cut out where the server sends all", async () => {
    for (const ranges of [true, false]) {
      const registry = await fakeRegistry({ ranges });
      const bytes = randomBytes(200_000);
      const blob = registry.putBlob("team/app", bytes);
      const part = testClient().blob(repositoryOf(registry.host), blob, { from: 1000, to: 150_000 });
      expect(await collect(part)).toEqual(bytes.subarray(1000, 150_000));
    }
  });

  test("a server that falls silent is asked for the rest", async () => {
    const registry = await fakeRegistry();
    const bytes = randomBytes(100_000);
    const blob = registry.putBlob("team/app", bytes);
    let silent = false;
    registry.intercept = ({ path }, response) => {
      if (silent || !path.includes("/blobs/")) return false;
      silent = true;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 50_000));
      return true;
    };
    const client = testClient({ limits: { idleTimeout: 100 } });
    expect(await collect(client.blob(repositoryOf(registry.host), blob))).toEqual(bytes);
  });

  test("a reader that is slow is not taken for a silent server", async () => {
    const registry = await fakeRegistry();
    const bytes = randomBytes(2_000_000);
    const blob = registry.putBlob("team/app", bytes);
    let size = 0;
    const client = testClient({ limits: { idleTimeout: 60, attempts: 1 } });
    for await (const piece of client.blob(repositoryOf(registry.host), blob)) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 200));
      size += piece.length;
    }
    expect(size).toBe(bytes.length);
  });

  test("other bytes of the same length are a digest mismatch, after the last byte", async () => {
    const registry = await fakeRegistry();
    const blob = registry.putBlob("team/app", Buffer.from("right"));
    registry.intercept = ({ path }, response) => path.includes("/blobs/") && sendBlob(response, Buffer.from("wrong"));
    const wrong = collect(testClient().blob(repositoryOf(registry.host), blob));
    await expect(wrong).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  test("a blob that is longer or shorter than its manifest says is a digest mismatch", async () => {
    const registry = await fakeRegistry();
    const blob = registry.putBlob("team/app", Buffer.from("right"));
    for (const body of ["rightly", "rig"]) {
      for (const chunked of [true, false]) {
        registry.intercept = ({ path }, response) => {
          if (!path.includes("/blobs/")) return false;
          response.writeHead(200, chunked ? {} : { "content-length": body.length });
          response.end(body);
          return true;
        };
        const wrong = collect(testClient().blob(repositoryOf(registry.host), blob));
        const code = chunked && body === "rig" ? "registry-unreachable" : "digest-mismatch";
        await expect(wrong, `${body} ${chunked}`).rejects.toMatchObject({ code });
      }
    }
  });

  test("it gives up after five attempts without progress", async () => {
    const registry = await fakeRegistry();
    const blob = registry.putBlob("team/app", Buffer.from("bytes"));
    registry.intercept = ({ path }, response) =>
      path.includes("/blobs/") && sendCut(response, Buffer.from("bytes"), { after: 0 });
    const failure = collect(testClient().blob(repositoryOf(registry.host), blob));
    await expect(failure).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("5 times"),
    });
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(5);
  });

  test("an abort in the middle ends it", async () => {
    const registry = await fakeRegistry();
    const bytes = randomBytes(100_000);
    const blob = registry.putBlob("team/app", bytes);
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/blobs/")) return false;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 50_000));
      return true;
    };
    const controller = new AbortController();
    const client = testClient({ signal: controller.signal });
    const reading = collect(client.blob(repositoryOf(registry.host), blob));
    setTimeout(() => controller.abort(), 50);
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a reader that stops early leaves room for the next", async () => {
    const registry = await fakeRegistry();
    const blob = registry.putBlob("team/app", randomBytes(1_000_000));
    const client = testClient({ limits: { concurrency: 1 } });
    for await (const _ of client.blob(repositoryOf(registry.host), blob)) break;
    expect(await collect(client.blob(repositoryOf(registry.host), blob))).toHaveLength(1_000_000);
  });
});

describe("a busy registry", () => {
  test("429 and 5xx pass, and Retry-After is heeded", async () => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
    const answers = [503, 429, 500, 502];
    registry.intercept = ({ path }, response) => {
      const status = path.includes("/manifests/") ? answers.shift() : undefined;
      if (status === undefined) return false;
      return sendJson(response, status, {}, status === 429 ? { "retry-after": "1" } : {});
    };
    const start = Date.now();
    await testClient().manifest(reference(`${registry.host}/team/app:v1`));
    expect(Date.now() - start).toBeGreaterThan(950);
    expect(answers).toEqual([]);
  });

  test("one that wants to be left alone for longer than we wait is not waited for", async () => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) =>
      path !== "/v2/" && sendJson(response, 429, {}, { "retry-after": "21600" });
    const failure = testClient().manifest(reference(`${registry.host}/team/app:v1`));
    await expect(failure).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("21600 seconds"),
      hint: expect.stringContaining("log in"),
    });
  });

  test("one that is slow or asks to wait is told of, once, before it is given up", async () => {
    const [silent, busy] = [await fakeRegistry(), await fakeRegistry()];
    silent.intercept = ({ path }) => path !== "/v2/";
    busy.intercept = ({ path }, response) => path !== "/v2/" && sendJson(response, 429, {}, { "retry-after": "1" });
    const told: string[] = [];
    const limits = { attempts: 2, longWait: 100, idleTimeout: 300 };
    const client = testClient({ limits, waiting: (sentence) => void told.push(sentence) });
    for (const { host } of [silent, busy]) {
      await expect(client.manifest(reference(`${host}/team/app:v1`))).rejects.toMatchObject({
        code: "registry-unreachable",
      });
    }
    expect(told).toEqual([
      `waiting for the registry ${silent.host}: it has not responded for 1 seconds`,
      `waiting for the registry ${busy.host}: HTTP status 429, with a requested wait of 1 seconds`,
    ]);
  });

  test("Docker Hub's count of pulls is told", async () => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
    registry.intercept = (_, response) => {
      response.setHeader("ratelimit-limit", "100;w=21600");
      response.setHeader("ratelimit-remaining", "76;w=21600");
      return false;
    };
    const client = testClient();
    expect(client.rateLimit(registry.host)).toBeUndefined();
    await client.manifest(reference(`${registry.host}/team/app:v1`));
    expect(client.rateLimit(registry.host)).toEqual({ limit: 100, remaining: 76, window: 21_600 });
  });

  test("it never has more requests at a time than allowed", async () => {
    const registry = await fakeRegistry();
    const blob = registry.putBlob("team/app", randomBytes(10_000));
    let now = 0;
    let most = 0;
    registry.intercept = (_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        sendBlob(response, Buffer.alloc(10_000));
      }, 5);
      return true;
    };
    const client = testClient({ limits: { concurrency: 3 } });
    const work = Array.from({ length: 20 }, () =>
      collect(client.blob(repositoryOf(registry.host), blob)).catch(() => undefined),
    );
    await Promise.all(work);
    expect(most).toBe(3);
  });

  test("an abort ends waiting at once", async () => {
    const registry = await fakeRegistry();
    registry.intercept = (_, response) => sendJson(response, 503, {}, { "retry-after": "2" });
    const controller = new AbortController();
    const client = testClient({ signal: controller.signal });
    const failure = client.manifest(reference(`${registry.host}/team/app:v1`));
    setTimeout(() => controller.abort(), 50);
    await expect(failure).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("redirects", () => {
  test("a blob may lie elsewhere, where credentials and cookies do not follow", async () => {
    const bytes = Buffer.from("layer");
    const seen: (string | undefined)[] = [];
    const store = createServer((request, response) => {
      seen.push(request.headers.authorization, request.headers.cookie);
      sendBlob(response, bytes, { range: request.headers.range });
    });
    const storeHost = await listen(store);
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/blobs/")) return false;
      response.writeHead(307, { location: `http://${storeHost}/somewhere?signature=x` }).end();
      return true;
    };
    const client = testClient({ settings: new Map([[registry.host, { trustedHosts: [storeHost] }]]) });
    const content = { digest: sha256(bytes), size: bytes.length };
    expect(await collect(client.blob(repositoryOf(registry.host), content))).toEqual(bytes);
    expect(seen).toEqual([undefined, undefined]);
  });

  test.each([
    "http://127.0.0.1:1/blob",
    "http://10.0.0.1/blob",
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost:1/blob",
    "http://[::ffff:169.254.169.254]/blob",
    "http://0x7f.1/blob",
  ])("a private address that nobody named is not asked: %s", async (location) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/blobs/")) return false;
      response.writeHead(307, { location }).end();
      return true;
    };
    const failure = collect(
      testClient().blob(repositoryOf(registry.host), { digest: sha256(Buffer.from("x")), size: 1 }),
    );
    await expect(failure).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("not on the public internet"),
    });
  });

  test("more than five are too many", async () => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/blobs/")) return false;
      response.writeHead(302, { location: path }).end();
      return true;
    };
    const failure = collect(
      testClient().blob(repositoryOf(registry.host), { digest: sha256(Buffer.from("x")), size: 1 }),
    );
    await expect(failure).rejects.toMatchObject({ code: "registry-unreachable" });
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(6);
  });
});

describe("mirrors", () => {
  test("are asked first, and the registry when they fail", async () => {
    const [mirror, registry] = [await fakeRegistry(), await fakeRegistry()];
    const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };
    const bytes = randomBytes(50_000);
    for (const one of [mirror, registry]) {
      const repository = one === mirror ? "hub/team/app" : "team/app";
      one.putManifest(repository, image, { tag: "v1" });
      one.putBlob(repository, bytes);
    }
    const settings = new Map([[registry.host, { mirrors: [`${mirror.host}/hub`, "127.0.0.1:1"] }]]);
    const client = testClient({ settings });
    const content = { digest: sha256(bytes), size: bytes.length };
    await client.manifest(reference(`${registry.host}/team/app:v1`));
    expect(await collect(client.blob(repositoryOf(registry.host), content))).toEqual(bytes);
    expect(registry.requests).toEqual([]);
    mirror.intercept = ({ path }, response) =>
      path.includes("/blobs/") ? sendCut(response, bytes, { after: 20_000 }) : sendJson(response, 404, {});
    await client.manifest(reference(`${registry.host}/team/app:v1`));
    const resumed = testClient({ settings, limits: { attempts: 1 } });
    expect(await collect(resumed.blob(repositoryOf(registry.host), content))).toEqual(bytes);
    expect(registry.requests.filter(({ headers }) => headers.range?.startsWith("bytes=2"))).toHaveLength(1);
  });
});

test("the digest of a blob is checked over what several places sent of it, and of one that a mirror sent whole", async () => {
  const [mirror, registry] = [await fakeRegistry(), await fakeRegistry()];
  const bytes = randomBytes(50_000);
  const content = { digest: sha256(bytes), size: bytes.length };
  registry.putBlob("team/app", bytes);
  const settings = new Map([[registry.host, { mirrors: [mirror.host] }]]);
  const other = Buffer.from(bytes).fill(0, 0, 10);
  for (const after of [20_000, bytes.length]) {
    mirror.intercept = (_, response) => sendCut(response, other, { after });
    const client = testClient({ settings, limits: { attempts: 1 } });
    const blob = collect(client.blob(repositoryOf(registry.host), content));
    await expect(blob, `${after} bytes from the mirror`).rejects.toMatchObject({ code: "digest-mismatch" });
  }
});

test("plain HTTP is spoken with this machine, and else only where the user allows it", async () => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  const named = reference(`${registry.host}/team/app:v1`);
  for (const settings of [{}, { insecure: true }]) {
    await testClient({ settings: new Map([[registry.host, settings]]) }).manifest(named);
  }
  registry.forget();
  const strict = testClient({ settings: new Map([[registry.host, { insecure: false }]]) }).manifest(named);
  await expect(strict).rejects.toMatchObject({
    code: "registry-unreachable",
    message: expect.stringContaining("does not use TLS"),
    hint: expect.stringContaining("--insecure"),
  });
  expect(registry.requests).toEqual([]);
});
