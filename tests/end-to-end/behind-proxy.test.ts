import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PrivateSigstore } from "../../src/registry/signatures/fixtures/private-sigstore.ts";
import { signKeyless } from "../registry/setup/attach.ts";
import { type FakeProxyOptions, fakeProxy } from "../registry/setup/fake-proxy.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { pushImage } from "../registry/setup/push-image.ts";
import { reference, testClient } from "../registry/setup/registry-client.ts";
import { listenLocally } from "../setup/local-server.ts";
import { type RunOptions, type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
writeFileSync(join(plimsoll.folder, "key.pub"), publicKey.export({ type: "spki", format: "pem" }));

const digest = `sha256:${"a".repeat(64)}`;
const notification = JSON.stringify({
  events: [
    {
      action: "push",
      target: { repository: "team/app", digest, mediaType: "application/vnd.oci.image.manifest.v1+json", tag: "v1" },
      request: { host: "registry.test" },
    },
  ],
});
const commands: readonly { readonly args: readonly string[]; readonly input?: string }[] = [
  { args: ["scan", "registry:registry.test/team/app:v1", "--no-update"] },
  { args: ["scan", "--registry", "registry.test", "--no-update"] },
  { args: ["scan", "--notification", "-", "--no-update"], input: notification },
  { args: ["sbom", "registry:registry.test/team/app:v1"] },
  { args: ["login", "registry.test", "--username", "alice", "--password-stdin"], input: "marker-secret" },
  { args: ["verify", "registry.test/team/app:v1", "--key", "key.pub"] },
  { args: ["verify", `registry.test/team/app@${digest}`, "--key", "key.pub"] },
  { args: ["db", "update", "--mirror", "https://feeds.test", "--db", "none.sqlite"] },
];

/** Runs the program behind a proxy that never ends a connection; the program has to end by itself. */
async function behind(
  proxy: string,
  args: readonly string[],
  { env = {}, ...options }: RunOptions = {},
): Promise<RunResult> {
  let timer: NodeJS.Timeout | undefined;
  const address = `http://someone:marker-pa55word@${proxy}`;
  const result = await plimsoll(args, {
    ...options,
    env: { PLIMSOLL_OFFLINE: "0", HTTPS_PROXY: address, HTTP_PROXY: address, ...env },
    started: (child) => {
      timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    },
  });
  clearTimeout(timer);
  expect(result.stdout + result.stderr).not.toMatch(/pa55word|someone|marker-secret|c29tZW9uZT/);
  return result;
}

test.each(commands)("$args ends behind a proxy that wants a password, and says so", async ({ args, input }) => {
  const proxy = await fakeProxy({ tunnels: 407, plain: 407 });
  const { code, stdout, stderr } = await behind(proxy.host, args, input === undefined ? {} : { input });
  expect(code).toBe(3);
  expect(stdout + stderr).toContain(`the proxy ${proxy.host} requires a user name and a password (HTTP status 407)`);
  expect(stdout + stderr).toContain(
    "Check the user name and password in the variable HTTPS_PROXY: the proxy rejected them.",
  );
  expect(proxy.asked.length).toBeGreaterThan(0);
});

const answers: readonly (readonly [FakeProxyOptions, string])[] = [
  [{ tunnels: 403 }, "does not connect to the host: HTTP status 403"],
  [{ tunnels: { bytes: "\0".repeat(40) } }, "does not forward the request: its response is not HTTP"],
  [{ tunnels: 502 }, "does not connect to the host: HTTP status 502"],
];

test.each(answers)("a scan behind a proxy that is %j ends with what it does", async (options, words) => {
  const proxy = await fakeProxy(options);
  const { code, stderr } = await behind(proxy.host, ["scan", "registry:registry.test/team/app:v1", "--no-update"]);
  expect(code).toBe(3);
  expect(stderr).toContain(`the proxy ${proxy.host} ${words}`);
});

test.each([
  ["says nothing", { bytes: "" }, "does not forward the request: it did not respond"],
  ["ends connections", "end", "does not forward the request: the connection was lost, 3 times in a row"],
] as const)("a trusted root behind a proxy that %s costs a bounded time", async (_, tunnels, words) => {
  const registry = await fakeRegistry();
  const named = reference(`${registry.host}/team/app:v1`);
  const { descriptor: image } = await pushImage(testClient(), named, { texts: ["signed"] });
  const job = { identity: "someone@example.test", issuer: "https://id.example.test" };
  await signKeyless(testClient(), named, { image, sigstore: new PrivateSigstore(), job });
  const proxy = await fakeProxy({ tunnels });
  const args = ["verify", `${registry.host}/team/app:v1`, "--identity", "*@example.test", "--issuer", job.issuer];
  const { code, stdout, stderr } = await behind(proxy.host, args);
  expect(code).toBe(3);
  expect(stdout + stderr).toContain(
    `the trusted root of tuf-repo-cdn.sigstore.dev could not be fetched: the proxy ${proxy.host} ${words}`,
  );
  expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT tuf-repo-cdn.sigstore.dev:443"]));
});

test("an update from a mirror that says nothing behind a proxy ends, and tells what it waits for", async () => {
  const port = await listenLocally(createServer((socket) => void socket.on("error", () => undefined).resume()));
  const args = ["db", "update", "--mirror", "http://feeds.test", "--db", "none.sqlite", "--timeout", "2"];
  const { code, stderr } = await behind(`127.0.0.1:${port}`, args);
  expect(code).toBe(3);
  expect(stderr).toContain("note: waiting for feeds.test: no data received for 10 seconds\n");
  expect(stderr).toContain("the server sent almost no data for too long");
});

test("an update from a mirror whose proxy speaks no HTTP says so", async () => {
  const port = await listenLocally(createServer((socket) => void socket.end("SSH-2.0-OpenSSH\r\n")));
  const args = ["db", "update", "--mirror", "http://feeds.test", "--db", "none.sqlite"];
  const { code, stderr } = await behind(`127.0.0.1:${port}`, args);
  expect(code).toBe(3);
  expect(stderr).toContain(`the proxy 127.0.0.1:${port} sent a response that is not HTTP`);
});

test("a variable that names no proxy fails nothing that is on this machine", async () => {
  const registry = await fakeRegistry();
  await pushImage(testClient(), reference(`${registry.host}/team/app:v1`), { texts: ["here"] });
  const env = { PLIMSOLL_OFFLINE: "0", HTTP_PROXY: "socks5://127.0.0.1:1", HTTPS_PROXY: "socks5://127.0.0.1:1" };
  const local = await plimsoll(["sbom", `registry:${registry.host}/team/app:v1`], { env });
  expect(local).toMatchObject({ code: 0, stderr: "" });
  const { code, stderr } = await plimsoll(["sbom", "registry:registry.test/team/app:v1"], { env });
  expect(code).toBe(2);
  expect(stderr).toContain("error: the variable HTTPS_PROXY is not the address of an HTTP proxy [usage]\n");
});

test("a registry is scanned over plain HTTP where a proxy refuses tunnels, and the program ends", async () => {
  const registry = await fakeRegistry();
  await pushImage(testClient(), reference(`${registry.host}/team/app:v1`), { texts: ["plain"] });
  const args = ["sbom", "registry:registry.test/team/app:v1", "--insecure", "registry.test"];
  const options = { hosts: { "registry.test": registry.host } };
  const proxy = await fakeProxy({ ...options, tunnels: 403 });
  expect(await behind(proxy.host, args)).toMatchObject({ code: 0, stderr: "" });
  expect(proxy.asked[0]).toBe("CONNECT registry.test:443");
  const only = await fakeProxy(options);
  expect(await behind(only.host, args, { env: { HTTPS_PROXY: "" } })).toMatchObject({ code: 0, stderr: "" });
  expect(new Set(only.asked.map((line) => line.split(" ", 1)[0]))).toEqual(new Set(["GET"]));
});
