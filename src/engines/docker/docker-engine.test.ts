import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createSocketServer, type Server as SocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import { readDockerCertificates } from "./docker-certificates.ts";
import { type DockerEngine, type DockerEngineOptions, openDockerEngine } from "./docker-engine.ts";

const id = `sha256:${"a1".repeat(32)}`;
const layer = `sha256:${"b2".repeat(32)}`;
const description = {
  Id: id,
  RepoTags: ["shop:1"],
  RepoDigests: [`shop@sha256:${"c3".repeat(32)}`],
  Architecture: "arm",
  Os: "linux",
  Variant: "v7",
  Size: 1234,
  RootFS: { Type: "layers", Layers: [layer] },
};
const never = new AbortController().signal;

let folder: string;
const servers: { close(): void; closeAllConnections?(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plimsoll-engine-"));
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

describe("a Docker Engine that answers well", () => {
  test("describes an image", async () => {
    const engine = await fakeEngine({ "/v1.41/images/shop%3A1/json": json(200, description) });
    expect(await engine.inspectImage("shop:1", never)).toEqual({
      id,
      repoTags: ["shop:1"],
      repoDigests: description.RepoDigests,
      architecture: "arm",
      os: "linux",
      variant: "v7",
      rootFsDiffIds: [layer],
      size: 1234,
    });
    expect(engine.local).toBe(true);
  });

  test("accepts null where there are no names, and an id without its algorithm as Podman writes it", async () => {
    const bare = { ...description, Id: id.slice(7), RepoTags: null, RepoDigests: null, Variant: "" };
    const engine = await fakeEngine({ "/v1.41/images/shop/json": json(200, bare) });
    const image = await engine.inspectImage("shop", never);
    expect(image).toMatchObject({ id, repoTags: [], repoDigests: [] });
    expect(image).not.toHaveProperty("variant");
  });

  test("exports by id, so that a name without a tag brings one image and not all of its tags", async () => {
    const body = Buffer.alloc(300_000, "x");
    const engine = await fakeEngine({
      "/v1.41/images/team/shop/json": json(200, description),
      [`/v1.41/images/${encodeURIComponent(id)}/get`]: (_, response) => response.end(body),
    });
    expect(Buffer.concat(await collect(engine.exportImage("team/shop", { signal: never })))).toEqual(body);
  });

  test("is asked for one platform of an image where it can pick, and for all of it where it cannot", async () => {
    const platform = encodeURIComponent(JSON.stringify({ os: "linux", architecture: "arm64" }));
    for (const [version, query] of [
      ["1.47", ""],
      ["1.48", `?platform=${platform}`],
    ] as const) {
      const answers = {
        [`/v${version}/images/shop/json`]: json(200, description),
        [`/v${version}/images/${encodeURIComponent(id)}/get${query}`]: json(200, {}),
      };
      const engine = await fakeEngine(answers, version);
      const exported = await collect(engine.exportImage("shop", { platform: "linux/arm64", signal: never }));
      expect(Buffer.concat(exported).toString()).toBe("{}");
    }
  });

  test("says of an image that it does not have for a platform for which it has it", async () => {
    const engine = await fakeEngine({ "/v1.48/images/shop/json": json(200, description) }, "1.48");
    const error = await failure(collect(engine.exportImage("shop", { platform: "linux/arm64", signal: never })));
    expect(error).toMatchObject({
      code: "platform-not-found",
      message: expect.stringContaining('has "shop:1", but not for linux/arm64'),
      hint: expect.stringContaining("linux/arm/v7"),
    });
    const gone = await failure(collect(engine.exportImage("shop", { signal: never })));
    expect(gone.code).toBe("image-not-found");
  });

  test("ends the connection when the reader of an export stops early", async () => {
    const closed = Promise.withResolvers<void>();
    const engine = await fakeEngine({
      "/v1.41/images/shop/json": json(200, description),
      [`/v1.41/images/${encodeURIComponent(id)}/get`]: (_, response) => {
        response.on("close", () => closed.resolve());
        response.write("first");
      },
    });
    for await (const chunk of engine.exportImage("shop", { signal: never })) {
      expect(Buffer.from(chunk).toString()).toBe("first");
      break;
    }
    await closed.promise;
  });

  test("is asked in the newest version that both sides know, and without one when it names none", async () => {
    for (const [version, prefix] of [
      ["1.24", "/v1.24"],
      ["9.99", "/v1.53"],
      [null, ""],
      ["../../x", ""],
    ] as const) {
      const engine = await fakeEngine({ [`${prefix}/images/shop/json`]: json(200, description) }, version);
      expect((await engine.inspectImage("shop", never))?.id).toBe(id);
    }
  });

  test("has no such image: undefined when inspected, image-not-found when exported", async () => {
    const engine = await fakeEngine({});
    expect(await engine.inspectImage("nope", never)).toBeUndefined();
    expect(await failure(collect(engine.exportImage("nope", { signal: never })))).toMatchObject({
      code: "image-not-found",
    });
  });

  test.each(["../containers/json", "a/../b", "a//b", "a b", "a?x=1", "a#b", "a%2fb", "-a", "", "a\r\nHost: b"])(
    "is never asked about %j, which names no image",
    async (reference) => {
      let asked = false;
      const engine = await serve((_, response) => {
        asked = true;
        response.end("OK");
      });
      expect(await engine.inspectImage(reference, never)).toBeUndefined();
      expect(asked).toBe(false);
    },
  );

  test("is reached over TCP", async () => {
    const server = createServer(router({ "/v1.41/images/shop/json": json(200, description) }, "1.41"));
    const port = await listen(server);
    const engine = openDockerEngine({ host: `tcp://127.0.0.1:${port}` });
    expect(engine).toMatchObject({ local: false, address: `127.0.0.1:${port}` });
    expect((await engine.inspectImage("shop", never))?.id).toBe(id);
  });

  const openssl = "openssl";
  const hasOpenssl = spawnSync(openssl, ["version"]).status === 0;
  test.skipIf(!hasOpenssl)("is reached over TLS when its certificate is trusted, and only then", async () => {
    const request =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(" ");
    const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const [key, certificate] = [join(folder, "server.key"), join(folder, "ca.pem")];
    execFileSync(openssl, [...request, ...names, "-keyout", key, "-out", certificate], { stdio: "ignore" });
    const routes = router({ "/v1.41/images/shop/json": json(200, description) }, "1.41");
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, routes);
    const host = `tcp://127.0.0.1:${await listen(server)}`;
    const trusting = openDockerEngine({ host, tls: await readDockerCertificates(folder, true) });
    expect((await trusting.inspectImage("shop", never))?.id).toBe(id);
    const careless = openDockerEngine({ host, tls: { verify: false } });
    expect((await careless.inspectImage("shop", never))?.id).toBe(id);
    const strict = openDockerEngine({ host, tls: { verify: true } });
    const refused = await failure(strict.ping(never));
    expect(refused).toMatchObject({ code: "engine-unreachable" });
    expect(refused.message).toContain("cannot establish a trusted TLS connection");
    expect(refused.hint).toContain("DOCKER_CERT_PATH");
  });

  test("needs both files of a client certificate", async () => {
    writeFileSync(join(folder, "cert.pem"), "x");
    expect(await failure(readDockerCertificates(folder, true))).toMatchObject({ code: "usage" });
    expect(await failure(readDockerCertificates("-----BEGIN PRIVATE KEY-----\nmarker", true))).toMatchObject({
      code: "usage",
      message: expect.not.stringContaining("marker"),
    });
  });
});

describe("a Docker Engine that cannot be reached", () => {
  test("says that there is no socket, and what to do", async () => {
    const engine = openDockerEngine({ host: `unix://${folder}/none.sock` });
    const error = await failure(engine.ping(never));
    expect(error).toMatchObject({ code: "engine-unreachable", hint: expect.stringContaining("DOCKER_HOST") });
    expect(error.message).toBe(`no Docker Engine socket found at ${folder}/none.sock`);
  });

  test("says that nothing listens at a socket that was left behind", async () => {
    const path = join(folder, "left.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", script]);
    const error = await failure(openDockerEngine({ host: `unix://${path}` }).ping(never));
    expect(error).toMatchObject({ code: "engine-unreachable", hint: expect.stringContaining("Start Docker") });
  });

  test("gives up on a host that accepts a connection but never finishes the TLS handshake", async () => {
    const port = await listen(createSocketServer((socket) => socket.on("error", () => {})));
    const engine = openDockerEngine({ host: `tcp://127.0.0.1:${port}`, tls: { verify: true }, connectTimeout: 100 });
    const error = await failure(engine.ping(never));
    expect(error).toMatchObject({ code: "engine-unreachable", message: expect.stringContaining("does not respond") });
  });
});

describe("a Docker Engine that answers wrongly", () => {
  const inspect = "/v1.41/images/shop/json";
  const failing = async (routes: Record<string, RequestListener>): Promise<PlimsollError> =>
    failure((await fakeEngine(routes)).inspectImage("shop", never));

  test("is quoted in its own words, made harmless", async () => {
    const error = await failing({ [inspect]: json(500, { message: "\u001b[31mdisk\nis\u202e full" }) });
    expect(error.code).toBe("engine-failed");
    expect(error.message).toMatch(/responded with status 500: \[31mdisk is full$/);
  });

  test("is quoted in plain text, cut to a line", async () => {
    const error = await failing({ [inspect]: (_, response) => response.writeHead(400).end("too old ".repeat(1000)) });
    expect(error.message).toContain("responded with status 400: too old");
    expect(error.message.length).toBeLessThan(450);
  });

  test("is not followed to another place", async () => {
    const error = await failing({
      [inspect]: (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    });
    expect(error).toMatchObject({ code: "engine-failed", message: expect.stringContaining("redirect") });
  });

  test.each([
    ["text that is not JSON", "{"],
    ["JSON that is not an object", "[]"],
    ["an object without an id", "{}"],
    ["an id that is none", JSON.stringify({ Id: "../x" })],
  ])("is refused for %s", async (_, body) => {
    const error = await failing({ [inspect]: (_, response) => response.end(body) });
    expect(error).toMatchObject({
      code: "engine-failed",
      message: expect.stringContaining("sent an invalid description of the image"),
    });
  });

  test("is cut off when its description has no end", async () => {
    const error = await failing({
      [inspect]: (_, response) => {
        const chunk = Buffer.alloc(1024 * 1024, " ");
        const more = (): void => void (response.writable && response.write(chunk, more));
        more();
      },
    });
    expect(error).toMatchObject({ code: "engine-failed", message: expect.stringContaining("more than") });
  });

  test("is given up when it accepts a request and stays silent", async () => {
    const engine = await serve(() => {}, { answerTimeout: 100 });
    const error = await failure(engine.inspectImage("shop", never));
    expect(error).toMatchObject({
      code: "engine-failed",
      message: expect.stringContaining("did not respond within 0.1 s"),
    });
  });

  test("is given up when it does not speak HTTP", async () => {
    const path = join(folder, "other.sock");
    const server = createSocketServer((socket) => {
      socket.on("error", () => {});
      socket.end("220 mail.example ESMTP\r\n");
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const error = await failure(openDockerEngine({ host: `unix://${path}` }).ping(never));
    expect(error).toMatchObject({ code: "engine-failed" });
  });

  test("throws when an export breaks off in the middle", async () => {
    const engine = await fakeEngine({
      [inspect]: json(200, description),
      [`/v1.41/images/${encodeURIComponent(id)}/get`]: (_, response) => {
        response.write("half", () => response.destroy());
      },
    });
    const error = await failure(collect(engine.exportImage("shop", { signal: never })));
    expect(error).toMatchObject({
      code: "engine-failed",
      message: expect.stringContaining("did not complete its response"),
    });
  });

  test("throws what the engine says when it refuses an export", async () => {
    const engine = await fakeEngine({
      [inspect]: json(200, description),
      [`/v1.41/images/${encodeURIComponent(id)}/get`]: json(500, { message: "content digest not found" }),
    });
    const error = await failure(collect(engine.exportImage("shop", { signal: never })));
    expect(error).toMatchObject({
      code: "engine-failed",
      message: expect.stringContaining("content digest not found"),
    });
  });
});

describe("a request that is cancelled", () => {
  test("before it is sent sends nothing", async () => {
    const engine = await serve(() => expect.unreachable());
    expect(await failure(engine.ping(AbortSignal.abort()))).toMatchObject({ code: "cancelled" });
  });

  test("while the engine thinks ends at once", async () => {
    const abort = new AbortController();
    const engine = await serve(() => abort.abort());
    expect(await failure(engine.ping(abort.signal))).toMatchObject({ code: "cancelled" });
  });

  test("in the middle of an export ends it, with Plimsoll's own reason when there is one", async () => {
    const abort = new AbortController();
    const engine = await fakeEngine({
      "/v1.41/images/shop/json": json(200, description),
      [`/v1.41/images/${encodeURIComponent(id)}/get`]: (_, response) => void response.write("first"),
    });
    const reason = new PlimsollError("limit-exceeded", "Too much.");
    const reading = (async () => {
      for await (const _ of engine.exportImage("shop", { signal: abort.signal })) abort.abort(reason);
    })();
    expect(await failure(reading)).toBe(reason);
  });
});

function json(status: number, body: unknown): RequestListener {
  return (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function router(routes: Record<string, RequestListener>, version: string | null): RequestListener {
  return (request, response) => {
    if (request.url === "/_ping") {
      if (version !== null) response.setHeader("Api-Version", version);
      response.end("OK");
      return;
    }
    const route = routes[request.url ?? ""] ?? json(404, { message: "No such image" });
    route(request, response);
  };
}

function fakeEngine(routes: Record<string, RequestListener>, version: string | null = "1.41"): Promise<DockerEngine> {
  return serve(router(routes, version));
}

let sockets = 0;

async function serve(listener: RequestListener, options: DockerEngineOptions = {}): Promise<DockerEngine> {
  const path = join(folder, `${sockets++}.sock`);
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return openDockerEngine({ host: `unix://${path}`, ...options });
}

async function listen(server: SocketServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function failure(promise: Promise<unknown>): Promise<PlimsollError> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (reason: unknown) => reason,
  );
  if (error instanceof PlimsollError) return error;
  throw error;
}
