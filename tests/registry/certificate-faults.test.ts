import { createServer } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { openDockerEngine } from "../../src/engines/docker/docker-engine.ts";
import { download } from "../../src/io/http/download.ts";
import { HttpClient } from "../../src/io/http/http-client.ts";
import { openRegistryClient, type RegistryAccess } from "../../src/pipeline/targets/registry-access.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { listenLocally } from "../setup/local-server.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type CertificateFiles, makeCertificates, makeExpiring, makeNamed, pem } from "./setup/certificates.ts";
import { reference } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const home = temporaryFolder();
const { authority, server: sound, client } = makeCertificates(home);
const caFile = authority.certificate;
const names = ["one.test", "two.test", "three.test", "four.test"];
const faulty = {
  expired: makeExpiring(home, authority),
  "for other names": makeNamed(home, authority, names),
  "self-signed": authority,
};
const reasons = {
  expired: "its certificate has expired",
  "for other names": "its certificate is for one.test, two.test, three.test, …, not for 127.0.0.1",
  "self-signed": "its certificate is self-signed",
};
const { signal } = new AbortController();

// The one certificate expires a second after it was made.
beforeAll(() => sleep(1_500));

async function portOf({ certificate, key }: CertificateFiles): Promise<number> {
  const tls = { cert: pem(certificate), key: pem(key) };
  return listenLocally(createServer(tls, (_, response) => response.writeHead(404).end()));
}

function head(host: string, access: Partial<RegistryAccess>): Promise<unknown> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return openRegistryClient({ environment: {}, home, ...access }, controller.signal).head(reference(`${host}/a/b:v1`));
}

test.each([
  ["expired", "Renew the certificate of the registry, and check the clock of this machine."],
  ["for other names", "Use a name that is in the certificate, or add this name to the certificate."],
  ["self-signed", "Give the CA certificate of the registry with --registry-ca FILE."],
] as const)("a registry whose certificate is %s is told with what to do", async (fault, hint) => {
  const host = `127.0.0.1:${await portOf(faulty[fault])}`;
  await expect(head(host, fault === "self-signed" ? {} : { caFile })).rejects.toMatchObject({
    code: "registry-unreachable",
    message: `the request to the registry ${host} failed: ${reasons[fault]}`,
    hint: `${hint} --insecure ${host} skips this check if you trust the network.`,
  });
  expect(await head(host, { insecure: [host] })).toBeUndefined();
});

test.each([
  ["expired", /^Check the clock of this machine; /],
  ["for other names", /^Check the host name in the address of the mirror/],
  ["self-signed", /NODE_EXTRA_CA_CERTS/],
] as const)("a mirror of advisories whose certificate is %s is told with what to do", async (fault, hint) => {
  const file = download(`https://127.0.0.1:${await portOf(faulty[fault])}/all.zip`, join(home, "feed"), {
    client: new HttpClient(undefined, fault === "self-signed" ? {} : { ca: pem(caFile) }),
    signal,
    maxBytes: 100,
    attempts: 1,
  });
  await expect(file).rejects.toMatchObject({
    message: expect.stringContaining(reasons[fault]),
    hint: expect.stringMatching(hint),
  });
});

test.each([
  ["expired", "Renew the certificate of the engine, and check the clock of this machine."],
  ["for other names", "Use a host name in DOCKER_HOST that is in the certificate, or add it to the certificate."],
] as const)("a Docker Engine whose certificate is %s is told with what to do", async (fault, hint) => {
  const engine = openDockerEngine({
    host: `tcp://127.0.0.1:${await portOf(faulty[fault])}`,
    tls: { authorities: pem(caFile), certificate: pem(client.certificate), key: pem(client.key), verify: true },
  });
  await expect(engine.inspectImage("app:1", signal)).rejects.toMatchObject({
    code: "engine-unreachable",
    message: expect.stringContaining(reasons[fault]),
    hint,
  });
});

test.each([
  ["without its port", () => "127.0.0.1"],
  ["with another port", () => "127.0.0.1:1"],
])("--insecure %s is told with the name that is meant", async (_, named) => {
  const host = `127.0.0.1:${await portOf(sound)}`;
  const hint = `--insecure is given for ${named()}, not for ${host}: use --insecure ${host}.`;
  await expect(head(host, { insecure: [named()] })).rejects.toMatchObject({ code: "registry-unreachable", hint });
  expect(await head(host, { insecure: [named(), host] })).toBeUndefined();
  // Another host is another matter.
  await expect(head(host, { insecure: ["localhost"] })).rejects.toMatchObject({
    hint: expect.stringContaining("--registry-ca"),
  });
});

test("the command line names the registry for --insecure, with its port", async () => {
  const host = `127.0.0.1:${await portOf(sound)}`;
  const scan = ["scan", `registry:${host}/team/app:1`, "--no-update", "--no-cache"];
  const online = { env: { PLIMSOLL_OFFLINE: "0" } };
  const { code, stderr } = await plimsoll([...scan, "--insecure", "127.0.0.1"], online);
  expect(code).toBe(3);
  expect(stderr).toContain(`--insecure is given for 127.0.0.1, not for ${host}: use --insecure ${host}.\n`);
});
