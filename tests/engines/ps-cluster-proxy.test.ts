import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openCluster } from "../../src/engines/kubernetes/cluster-client.ts";
import { readKubeContext } from "../../src/engines/kubernetes/kube-context.ts";
import { readKubeConfig } from "../../src/engines/kubernetes/read-kube-config.ts";
import { PlimsollError } from "../../src/model/error.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { listenLocally } from "../setup/local-server.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";
import { shop } from "./ps-pods.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`a cluster behind a proxy${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startCluster(folder);
    cluster.lists = shop;
  });
  afterAll(() => cluster.close());

  function proxied(address: string): string {
    const user = `token: ${cluster.token}`;
    return writeKubeconfig(cluster, "proxied", { user, more: `    proxy-url: ${JSON.stringify(address)}` });
  }

  function ps(path: string, env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const args = ["ps", "--engine", "kubernetes", "--no-update", "--kubeconfig", path];
    return plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0", ...env } });
  }

  /** A proxy that leads to the cluster whatever it is asked for, and what it was asked for. */
  async function openProxy() {
    const targets: string[] = [];
    const proxy: Server = createServer().on("connect", (request, socket, head) => {
      targets.push(request.url ?? "");
      const upstream = connect(cluster.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    return { address: `http://127.0.0.1:${port}`, targets };
  }

  test("goes through the proxy of the kubeconfig, whatever NO_PROXY says", async () => {
    const { address, targets } = await openProxy();
    expect((await ps(proxied(address), { NO_PROXY: "*" })).code).toBe(0);
    expect(new Set(targets)).toEqual(new Set([`127.0.0.1:${cluster.port}`]));
  });

  test("goes through HTTPS_PROXY where the kubeconfig names no proxy, unless NO_PROXY excepts the cluster", async () => {
    const { address, targets } = await openProxy();
    const path = writeKubeconfig(cluster, "environment", { user: `token: ${cluster.token}` });
    expect((await ps(path, { HTTPS_PROXY: "http://127.0.0.1:1" })).code).toBe(0);
    writeFileSync(path, readFileSync(path, "utf8").replace("https://127.0.0.1", "https://cluster.invalid"));
    expect((await ps(path, { HTTPS_PROXY: address })).code).toBe(0);
    expect(new Set(targets)).toEqual(new Set([`cluster.invalid:${cluster.port}`]));
    targets.length = 0;
    const excepted = await ps(path, { HTTPS_PROXY: address, NO_PROXY: "10.0.0.0/8,invalid" });
    expect(excepted.stderr).toContain("cannot resolve the host name in cluster.invalid");
    expect(targets).toEqual([]);
    const dead = await ps(path, { HTTPS_PROXY: "http://someone:s3cret@127.0.0.1:1" });
    expect(dead.stderr).toContain("no response from the proxy 127.0.0.1:1");
    expect(dead.stderr).toContain("HTTPS_PROXY");
    expect(dead.stderr).not.toContain("s3cret");
  });

  test("names the proxy of the kubeconfig when it is down, is not found, and does not let through", async () => {
    const throughProxy = async (address: string): Promise<string> => {
      const path = proxied(address);
      const { code, stderr, stdout } = await ps(path);
      expect(code).toBe(3);
      expect(stderr + stdout).not.toMatch(/s3cret|someone|c29tZW9uZT/);
      return stderr;
    };
    expect(await throughProxy("http://someone:s3cret@127.0.0.1:1")).toContain("no response from the proxy 127.0.0.1:1");
    expect(await throughProxy("http://someone:s3cret@proxy.invalid:3128")).toContain(
      "cannot resolve the host name of the proxy proxy.invalid:3128",
    );
    for (const end of ["", "connection: close\r\n"]) {
      const proxy = createServer().on("connect", ({ headers }, socket) => {
        socket.write(`HTTP/1.1 407 who is ${headers["proxy-authorization"]}\r\n${end}content-length: 0\r\n\r\n`);
        if (end !== "") socket.end();
      });
      const host = `127.0.0.1:${await listenLocally(proxy)}`;
      const refused = await throughProxy(`http://someone:s3cret@${host}`);
      expect(refused).toContain(`the proxy ${host} cannot connect to 127.0.0.1:${cluster.port} (407 who is [secret])`);
    }
  });

  test.each([
    ["breaks off", "", "socket hang up"],
    ["speaks no HTTP", "SSH-2.0-OpenSSH\r\n", "Parse Error: Expected HTTP/"],
    ["lets nobody through", "HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n", "403 No"],
  ])("a proxy that %s is named, and does not hold the program", async (_, answer, words) => {
    const proxy = createSocketServer((socket) => {
      socket.on("error", () => undefined).resume();
      if (answer === "") socket.end();
      else socket.write(answer);
    });
    const host = `127.0.0.1:${await listenLocally(proxy)}`;
    const { code, stderr } = await ps(proxied(`http://${host}`));
    expect(code).toBe(3);
    expect(stderr).toContain(`the proxy ${host} cannot connect to 127.0.0.1:${cluster.port} (${words}`);
  });

  test("a percent sign in a password that is no escape is told as such", async () => {
    const { code, stderr } = await ps(proxied("http://someone:s3%cret@127.0.0.1:1"));
    expect(code).toBe(3);
    expect(stderr).toContain("has an unescaped %");
    expect(stderr).not.toContain("s3%cret");
  });

  test.each([
    ["never answers", "its time is over", ""],
    ["never answers", "it is cancelled", ""],
    ["leads to where nobody answers", "its time is over", "HTTP/1.1 200 OK\r\n\r\n"],
  ])("a proxy that %s is waited for until %s", async (_, end, answer) => {
    const sockets: Socket[] = [];
    const silent = createSocketServer((socket) => {
      sockets.push(socket.resume());
      socket.write(answer);
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const config = await readKubeConfig({ paths: [proxied(`http://${host}`)], required: true });
    if (!config) throw new Error("no kubeconfig");
    const isCancelled = end === "it is cancelled";
    using client = openCluster(await readKubeContext(config, undefined), {
      exec: { environment: {}, searchPath: "" },
      connectTimeout: isCancelled ? 60_000 : 200,
    });
    const signal = isCancelled ? AbortSignal.timeout(200) : new AbortController().signal;
    const error = await client.get("/version", { signal }).catch((reason: unknown) => reason);
    if (!(error instanceof PlimsollError)) throw new Error(String(error));
    if (isCancelled) expect(error.code).toBe("cancelled");
    else expect(error.message).toContain(`127.0.0.1:${cluster.port} does not respond through the proxy ${host}`);
    await expect.poll(() => sockets.every((socket) => socket.readableEnded || socket.destroyed)).toBe(true);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
