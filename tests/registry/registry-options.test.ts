import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type Certificates, makeCertificates, pem } from "./setup/certificates.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { basic, reference, testClient } from "./setup/registry-client.ts";

const htpasswd = "alice:$2b$05$k77b7u3FWX3TXiv04PH9p.BLJbNPd7NCXwnaNfB14dtKClqN5wMaO\n";
const password = "marker-pa55word";

describe.skipIf(registryObstacle !== undefined)(
  `the options for registries, with Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const plimsoll = startPlimsoll();
    const scan = (image: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      plimsoll(["scan", `registry:${image}`, "--no-update", "--format", "json", ...args], {
        env: { PLIMSOLL_OFFLINE: "0", ...env },
      });
    /** Whether a scan came as far as a report. */
    const isScanned = async (...args: Parameters<typeof scan>): Promise<boolean> =>
      (await scan(...args)).stdout.includes('"kind": "registry"');

    describe("that speaks TLS and wants a certificate", () => {
      let certificates: Certificates;
      let registry: RunningRegistry;
      let image: string;
      beforeAll(async () => {
        const folder = join(plimsoll.folder, "tls");
        mkdirSync(folder);
        certificates = makeCertificates(folder);
        const clientAuthority = certificates.authority.certificate;
        registry = await startDockerRegistry({ tls: { ...certificates.server, clientAuthority } });
        image = `${registry.host}/team/app:v1`;
      });
      afterAll(() => registry.stop());

      test("certs.d has its authority and what it is shown; --registry-ca and --insecure stand in for the authority", async () => {
        const ca = pem(certificates.authority.certificate);
        const { certificate, key } = certificates.client;
        const clientCertificate = { certificate: pem(certificate), key: pem(key) };
        const client = testClient({ settings: new Map([[registry.host, { ca, clientCertificate }]]) });
        await pushImage(client, reference(image), { texts: ["tls"] });
        expect(await isScanned(image, [])).toBe(false);

        const folder = join(plimsoll.folder, "home/.config/containers/certs.d", registry.host);
        mkdirSync(folder, { recursive: true });
        copyFileSync(certificate, join(folder, "client.cert"));
        copyFileSync(key, join(folder, "client.key"));
        const untrusted = await scan(image, []);
        expect(untrusted).toMatchObject({ code: 3, stdout: "" });
        expect(untrusted.stderr).toContain("--insecure");
        const authority = certificates.authority.certificate;
        expect(await isScanned(image, ["--registry-ca", authority])).toBe(true);
        expect(await isScanned(image, [], { PLIMSOLL_REGISTRY_CA: authority })).toBe(true);
        expect(await isScanned(image, ["--insecure", registry.host])).toBe(true);
        expect(await isScanned(image, [], { PLIMSOLL_INSECURE: `other.test,${registry.host}` })).toBe(true);

        copyFileSync(authority, join(folder, "ca.crt"));
        expect(await isScanned(image, [])).toBe(true);
      });
    });

    describe("that asks for a password", () => {
      let registry: RunningRegistry;
      beforeAll(async () => {
        registry = await startDockerRegistry({ auth: { kind: "basic", htpasswd } });
      });
      afterAll(() => registry.stop());

      test("the environment's credential goes to its registry, and a mirror is asked in the registry's place", async () => {
        const client = testClient({ credentials: { [registry.host]: basic("alice", password) } });
        await pushImage(client, reference(`${registry.host}/hub/library/app:v1`), { texts: ["mirrored"] });
        const credential = {
          PLIMSOLL_REGISTRY: registry.host,
          PLIMSOLL_REGISTRY_USER: "alice",
          PLIMSOLL_REGISTRY_PASSWORD: password,
        };
        expect(await isScanned(`${registry.host}/hub/library/app:v1`, [], credential)).toBe(true);
        const mirror = ["--registry-mirror", `docker.io=${registry.host}/hub`];
        expect(await isScanned("app:v1", mirror, credential)).toBe(true);
        const half = await scan("app:v1", mirror, { PLIMSOLL_REGISTRY_USER: "alice" });
        expect(half).toMatchObject({ code: 2, stdout: "" });
        expect(half.stderr).toContain("PLIMSOLL_REGISTRY");
      });
    });

    test.each([
      ["--insecure", "no registry"],
      ["--registry-mirror", "docker.io"],
    ])("%s with a wrong value is wrong usage", async (option, value) => {
      expect(await scan("app:v1", [option, value])).toMatchObject({ code: 2, stdout: "" });
    });
  },
);
