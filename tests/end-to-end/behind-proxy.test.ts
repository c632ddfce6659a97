import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FakeProxyOptions, fakeProxy } from "../registry/setup/fake-proxy.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { pushImage } from "../registry/setup/push-image.ts";
import { reference, testClient } from "../registry/setup/registry-client.ts";
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
  expect(stdout + stderr).toContain(`the proxy ${proxy.host} wants a user and a password (it answered 407)`);
  expect(proxy.asked.length).toBeGreaterThan(0);
});

const answers: readonly (readonly [FakeProxyOptions, string])[] = [
  [{ tunnels: 403 }, "does not connect to that host: it answered 403"],
  [{ tunnels: { bytes: "\0".repeat(40) } }, "does not lead there: what it answers is no HTTP"],
  [{ tunnels: 502 }, "does not connect to that host: it answered 502"],
];

test.each(answers)("a scan behind a proxy that is %j ends with what it does", async (options, words) => {
  const proxy = await fakeProxy(options);
  const { code, stderr } = await behind(proxy.host, ["scan", "registry:registry.test/team/app:v1", "--no-update"]);
  expect(code).toBe(3);
  expect(stderr).toContain(`the proxy ${proxy.host} ${words}`);
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
