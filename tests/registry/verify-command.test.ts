import { createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { PrivateSigstore, signedAt } from "../../src/registry/signatures/fixtures/private-sigstore.ts";
import {
  bundleLayer,
  bundleType,
  envelopeLayer,
  makeKey,
  signedEnvelope,
  statementOf,
} from "../../src/registry/signatures/fixtures/sign.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { attachAsReferrer, attachUnderTag, signImage, signKeyless } from "./setup/attach.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { pushImage, pushIndex } from "./setup/push-image.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const key = makeKey();
const stranger = makeKey();
const sigstore = new PrivateSigstore();
const provenance = "https://slsa.dev/provenance/v1";

describe.skipIf(registryObstacle !== undefined)(
  `plimsoll verify${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const plimsoll = startPlimsoll();
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      for (const [name, { secret }] of Object.entries({ key, stranger })) {
        const pem = createPublicKey(secret).export({ type: "spki", format: "pem" });
        writeFileSync(join(plimsoll.folder, `${name}.pub`), pem);
      }
    });
    beforeAll(() => writeFileSync(join(plimsoll.folder, "root.json"), sigstore.trustedRoot));
    afterAll(() => registry.stop());

    const run = (...args: string[]): Promise<RunResult> =>
      plimsoll(["verify", ...args], { env: { PLIMSOLL_OFFLINE: "0" } });
    const push = async (name: string, client: RegistryClient = testClient()) => {
      const named = reference(`${registry.host}/${name}`);
      const { descriptor } = await pushImage(client, named, { texts: [name] });
      return { client, named, image: descriptor };
    };

    test("resolves the tag, says yes with 0, and tells by whom", async () => {
      const { client, named, image } = await push("team/signed:1");
      await signImage(client, named, { image, key, annotations: { stage: "production" } });
      const { code, stdout, stderr } = await run(`${registry.host}/team/signed:1`, "--key", "key.pub");
      expect(stderr).toBe("");
      expect(stdout.split("\n").slice(0, 4)).toEqual([
        `${registry.host}/team/signed:1 is an image.`,
        `team/signed@${image.digest} is verified.`,
        "",
        "  signature",
      ]);
      expect(stdout).toContain(`by       the key ${key.trusted.fingerprint}\n`);
      expect(stdout).toContain("says     stage=production\n");
      expect(code).toBe(0);
    });

    test("says no with 1 for another key, other annotations and an image without signatures", async () => {
      const { client, named, image } = await push("team/no:1");
      const name = `${registry.host}/team/no:1`;
      expect(await run(name, "--key", "key.pub")).toMatchObject({
        code: 1,
        stdout: expect.stringContaining("is not verified: no signature was found.\n"),
      });
      await signImage(client, named, { image, key });
      const other = await run(name, "--key", "stranger.pub");
      expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining("it was not made with any of the keys") });
      const annotated = await run(name, "--key", "key.pub", "--annotation", "stage=production");
      expect(annotated).toMatchObject({ code: 1, stdout: expect.stringContaining("it lacks a required annotation") });
      expect(await run(name, "--key", "stranger.pub", "--key", "key.pub")).toMatchObject({ code: 0 });
    });

    test("finds referrers and bundles behind the tag that stands in for the referrers API", async () => {
      const { client, named, image } = await push("team/bundle:1");
      const statement = statementOf(image.digest, "https://sigstore.dev/cosign/sign/v1");
      const layers = [bundleLayer({ dsseEnvelope: signedEnvelope(key, statement) })];
      await attachAsReferrer(client, named, { image, artifactType: bundleType, layers });
      const { code, stdout } = await run(`${registry.host}/team/bundle:1`, "--key", "key.pub");
      expect(stdout).toContain("(referrer)\n");
      expect(code).toBe(0);
    });

    test("says yes to an identity, by its whole name or a pattern, with the trusted root that is given", async () => {
      const { client, named, image } = await push("team/keyless:1");
      const job = {
        identity: "https://ci.example.test/team/app/build.yml@refs/heads/main",
        issuer: "https://id.example.test",
      };
      await signKeyless(client, named, { image, sigstore, job });
      const verify = (identity: string, issuer: string) =>
        run(
          `${registry.host}/team/keyless:1`,
          "--identity",
          identity,
          "--issuer",
          issuer,
          "--trusted-root",
          "root.json",
        );
      const { code, stdout } = await verify(job.identity, job.issuer);
      expect(stdout).toContain(
        `by       ${job.identity} (issuer ${job.issuer})\n    at       ${signedAt.toISOString()}\n`,
      );
      expect(code).toBe(0);
      expect(await verify("https://ci.example.test/team/*", job.issuer)).toMatchObject({ code: 0 });
      for (const [identity, issuer] of [
        ["https://ci.example.test/team/", job.issuer],
        ["https://ci-example.test/team/*", job.issuer],
        [job.identity, "https://id.example.tes"],
      ] as const) {
        const answer = await verify(identity, issuer);
        expect(answer).toMatchObject({ code: 1, stdout: expect.stringContaining("its signer is not trusted") });
      }
    });

    test("asks for an attestation by its type or by cosign's name for it", async () => {
      const { client, named, image } = await push("team/attested:1");
      const envelope = signedEnvelope(key, statementOf(image.digest, provenance));
      await attachUnderTag(client, named, { image, ending: "att", layers: [envelopeLayer(envelope)] });
      const name = `${registry.host}/team/attested:1`;
      expect(await run(name, "--key", "key.pub")).toMatchObject({ code: 1 });
      expect(await run(name, "--key", "key.pub", "--attestation", provenance)).toMatchObject({ code: 0 });
      expect(await run(name, "--key", "key.pub", "--attestation", "slsaprovenance1")).toMatchObject({ code: 0 });
      expect(await run(name, "--key", "key.pub", "--attestation", "spdx")).toMatchObject({ code: 1 });
    });

    test("verifies an index, and tells when only one of its images is signed", async () => {
      const client = testClient();
      const named = reference(`${registry.host}/team/index:1`);
      const amd = await pushImage(client, named, { texts: ["amd"] });
      const arm = await pushImage(client, named, { texts: ["arm"], architecture: "arm64" });
      const index = await pushIndex(client, named, [
        { image: amd, platform: "linux/amd64" },
        { image: arm, platform: "linux/arm64" },
      ]);
      await signImage(client, named, { image: arm.descriptor, key });
      const name = `${registry.host}/team/index:1`;
      const unsigned = await run(name, "--key", "key.pub", "--format", "json");
      expect(unsigned.code).toBe(1);
      expect(JSON.parse(unsigned.stdout)).toMatchObject({
        schemaVersion: 1,
        ...{ reference: name, kind: "index", repository: "team/index", digest: index.digest, outcome: "not-verified" },
        images: [
          { platform: "linux/amd64", digest: amd.descriptor.digest, outcome: "not-verified" },
          { platform: "linux/arm64", digest: arm.descriptor.digest, outcome: "verified" },
        ],
      });
      expect(await run(name, "--key", "key.pub", "--platform", "linux/arm64")).toMatchObject({ code: 0 });
      expect(await run(name, "--key", "key.pub", "--platform", "linux/amd64")).toMatchObject({ code: 1 });
      await signImage(client, named, { image: index, key });
      const signed = await run(name, "--key", "key.pub", "--format", "json");
      expect(JSON.parse(signed.stdout)).toMatchObject({ digest: index.digest, outcome: "verified" });
      expect(signed.code).toBe(0);
    });

    test("cannot tell, with 3, when a signature could not be looked at", async () => {
      const { client, named, image } = await push("team/broken:1");
      await client.pushManifest(
        { ...named, tag: `${image.digest.replace(":", "-")}.att` },
        {
          bytes: Buffer.from('{"schemaVersion":2,"schemaVersion":2,"manifests":[]}'),
          mediaType: "application/vnd.oci.image.index.v1+json",
        },
      );
      const { code, stdout } = await run(`${registry.host}/team/broken:1`, "--key", "key.pub");
      expect(stdout).toContain("cannot be verified: some of the data could not be read.");
      expect(code).toBe(3);
    });

    test("ends with 3 and one error for an image that is not there", async () => {
      const { code, stdout, stderr } = await run(`${registry.host}/team/none:1`, "--key", "key.pub");
      expect(stderr).toMatch(/^error: the registry .* does not have .*\n {7}.+\n$/);
      expect(stdout).toBe("");
      expect(code).toBe(3);
    });

    test.each<[string, string[], RegExp]>([
      ["nobody who is trusted", [], /no trusted signer given.*\n.*--key cosign\.pub, or --identity/],
      ["an identity without an issuer", ["--identity", "me@example.test"], /belong together/],
      ["an issuer without an identity", ["--issuer", "https://id.example.test"], /belong together/],
      ["everybody", ["--identity", "*", "--issuer", "https://id.example.test"], /would trust every signer/],
      [
        "no network",
        ["--key", "key.pub", "--offline"],
        /cannot verify .* with --offline: signatures are stored in the registry/,
      ],
      ["an unknown type", ["--key", "key.pub", "--attestation", "recipe"], /is not an attestation type/],
      ["a bad annotation", ["--key", "key.pub", "--annotation", "stage"], /Expected NAME=VALUE/],
    ])("is wrong usage with %s", async (_, args, message) => {
      const { code, stdout, stderr } = await run(`${registry.host}/team/signed:1`, ...args);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    });

    test.each(["oci-dir:layout", "docker:nginx", "Not A Name", "dir:."])(
      "%s is no image in a registry",
      async (name) => {
        expect(await run(name, "--key", "key.pub")).toMatchObject({ code: 2, stdout: "" });
      },
    );
  },
);
