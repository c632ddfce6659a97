import { expect, test } from "vitest";
import { basicAuthorization } from "../../src/io/http/basic-authorization.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { feedServer } from "../setup/feed-server.ts";
import { npmBucket } from "../setup/publisher-files.ts";
import { type GuardedRegistry, guardedRegistry, type Spoil } from "./guarded-registry.ts";
import { markedProxy } from "./marked-proxy.ts";
import { markedSecret, secretsFound } from "./marked-secret.ts";
import { runInOwnHome, twoAtATime } from "./run-in-own-home.ts";
import { spoilingServers } from "./spoiling-servers.ts";

const plimsoll = startPlimsoll();
const password = markedSecret("the mirror's password");
const records = [{ id: "CVE-2024-0001", name: "leaky", fixed: "2.0.0" }];
const sbom = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  components: [{ type: "library", name: "leaky", version: "1.5.0", purl: "pkg:npm/leaky@1.5.0" }],
};
const files = { "sbom.json": JSON.stringify(sbom) };

/** A mirror of feeds that wants a password, and its address with that. */
async function guardedMirror(spoil?: Spoil): Promise<GuardedRegistry & { readonly address: string }> {
  const { address } = await feedServer(npmBucket(records));
  const letsIn = [basicAuthorization({ username: "ada", password: password.value })];
  const guard = { letsIn, challenge: () => 'Basic realm="a mirror"' };
  const front = await guardedRegistry(new URL(address).host, { guard, spoil });
  return { ...front, address: `http://ada:${encodeURIComponent(password.value)}@${front.host}` };
}

const commands: readonly ((mirror: string) => { readonly args: readonly string[]; readonly env?: Env })[] = [
  (mirror) => ({ args: ["db", "update", "--only", "npm", "--mirror", mirror, "--db", "new.db"] }),
  (mirror) => ({ args: ["db", "build", "--only", "npm", "--mirror", mirror, "--db", "new.db"] }),
  (mirror) => ({ args: ["scan", "sbom:../home/sbom.json", "--format", "json"], env: { PLIMSOLL_MIRROR: mirror } }),
];
type Env = Readonly<Record<string, string>>;

test("a mirror's password shows nowhere, nor in the database", async () => {
  const { address, heard } = await guardedMirror();
  const results = await twoAtATime(commands, (command) =>
    runInOwnHome(plimsoll, { ...command(address), files, secrets: [password] }),
  );
  expect(results.map(({ code, leaks, stderr }) => ({ code, leaks, stderr }))).toEqual(
    commands.map(() => ({ code: 0, leaks: [], stderr: "" })),
  );
  expect(secretsFound([...heard].join("\n"), [password])).toEqual([password.name]);
});

test("nor when the mirror goes wrong and repeats it", async () => {
  const names = ["refuses what it is shown", "is broken", "sends to an address with what it was shown"];
  const spoils = [...names, "sends headers that are none", "answers with what is none of what was asked for"];
  const results = await twoAtATime(spoils, async (name, index) => {
    const { address, heard } = await guardedMirror(spoilingServers[name]);
    const command = commands[index % commands.length];
    if (!command) throw new Error("there is no command");
    const { leaks } = await runInOwnHome(plimsoll, { ...command(address), files, secrets: [password] });
    return { name, leaks, isHeard: heard.size > 0 };
  });
  expect(results).toEqual(spoils.map((name) => ({ name, leaks: [], isHeard: true })));
});

test("nor a proxy's, on the way to a mirror that lets anybody in, or does not exist", async () => {
  const secret = markedSecret("the password of the proxy before a mirror");
  const { address } = await feedServer(npmBucket(records));
  const proxy = await markedProxy(secret, { "mirror.test": new URL(address).host });
  const env = { http_proxy: proxy.address, https_proxy: proxy.address };
  const mirrors = ["http://mirror.test", "http://elsewhere.test", "https://mirror.test"];
  const results = await twoAtATime(mirrors, async (mirror) => {
    const args = ["db", "update", "--only", "npm", "--mirror", mirror, "--db", "new.db"];
    const { code, leaks } = await runInOwnHome(plimsoll, { args, env, secrets: [secret] });
    return { mirror, code, leaks };
  });
  expect(results).toEqual(mirrors.map((mirror, index) => ({ mirror, code: index === 0 ? 0 : 3, leaks: [] })));
  expect(proxy.heard.size).toBeGreaterThan(0);
});
