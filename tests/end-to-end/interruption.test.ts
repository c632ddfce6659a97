import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

/** An engine that begins to export an image and never ends; tells when it began. */
async function stallingEngine(): Promise<{ readonly host: string; readonly exporting: Promise<unknown> }> {
  const socket = join(folder, `engine-${readdirSync(folder).length}.sock`);
  const server = createServer((request, response) => {
    if (request.url?.endsWith("/_ping")) response.end("OK");
    else if (request.url?.endsWith("/json")) response.end(JSON.stringify(image));
    else {
      response.write(Buffer.alloc(1_000_000));
      server.emit("exporting");
    }
  });
  const exporting = once(server, "exporting");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `unix://${socket}`, exporting };
}

const image = {
  Id: `sha256:${"1".repeat(64)}`,
  RepoTags: ["slow:1"],
  RepoDigests: [],
  Architecture: "amd64",
  Os: "linux",
  RootFS: { Type: "layers", Layers: [] },
  Size: 1_000_000,
};

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s during a scan ends it with 130 and leaves nothing behind",
  async (signal) => {
    const { host, exporting } = await stallingEngine();
    const work = join(folder, signal);
    mkdirSync(work);
    const started = performance.now();
    const result = await plimsoll(["scan", "docker:slow:1", "--output", join(work, "report.txt")], {
      env: { DOCKER_HOST: host, TMPDIR: work },
      started: (child) => void exporting.then(() => setTimeout(() => child.kill(signal), 300)),
    });
    expect(result).toEqual({ code: 130, signal: null, stdout: "", stderr: "error: interrupted [cancelled]\n" });
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(readdirSync(work)).toEqual([]);
  },
);

test("an interruption is not held up by a proxy that never answers", async () => {
  const connections: Socket[] = [];
  const proxy = createSocketServer((connection) => void connections.push(connection.on("error", () => undefined)));
  const connected = once(proxy, "connection");
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy has no port");
  const interrupted = Promise.withResolvers<number>();
  const result = await plimsoll(["scan", "registry:registry.example/app:1", "--no-update"], {
    env: {
      PLIMSOLL_OFFLINE: "",
      HTTPS_PROXY: `http://127.0.0.1:${address.port}`,
      https_proxy: `http://127.0.0.1:${address.port}`,
    },
    started: (child) =>
      void connected.then(() => {
        interrupted.resolve(performance.now());
        child.kill("SIGINT");
      }),
  });
  expect(result).toEqual({ code: 130, signal: null, stdout: "", stderr: "error: interrupted [cancelled]\n" });
  expect(performance.now() - (await interrupted.promise)).toBeLessThan(10_000);
});

test("a log-in that waits for its password on standard input ends when it is interrupted", async () => {
  const result = await plimsoll(["login", "127.0.0.1:1", "-u", "ada", "--password-stdin"], {
    holdsInput: true,
    started: (child) => void setTimeout(() => child.kill("SIGTERM"), 1500),
  });
  expect(result).toEqual({ code: 130, signal: null, stdout: "", stderr: "error: interrupted [cancelled]\n" });
});
