import { createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import type { TestLayer } from "../../src/registry/signatures/fixtures/memory-source.ts";
import {
  bundleLayer,
  bundleType,
  envelopeLayer,
  makeKey,
  signedEnvelope,
  statementOf,
} from "../../src/registry/signatures/fixtures/sign.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { distributionLayer } from "../setup/distribution-image.ts";
import { tar } from "../setup/tar.ts";
import { type Attachable, attachAsReferrer, attachUnderTag, signImage } from "./setup/attach.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { pushIndex, pushLayers } from "./setup/push-image.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const key = makeKey();
const stranger = makeKey();
const cyclonedxType = "application/vnd.cyclonedx+json";
const predicateType = "https://cyclonedx.org/bom";
const signer = { kind: "key", name: key.trusted.fingerprint };
/** What the layers hold; the documents list other packages, so that a report shows what it was made from. */
const inLayers = ["base-files"];

describe.skipIf(registryObstacle !== undefined)(
  `plimsoll scan --use-attached-sbom${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const plimsoll = startPlimsoll();
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      const pem = createPublicKey(key.secret).export({ type: "spki", format: "pem" });
      writeFileSync(join(plimsoll.folder, "key.pub"), pem);
    });
    afterAll(() => registry.stop());

    const run = (name: string, ...args: string[]): Promise<RunResult> =>
      plimsoll(["scan", `${registry.host}/${name}`, "--no-update", "--use-attached-sbom", ...args], {
        env: { PLIMSOLL_OFFLINE: "0" },
      });
    const scan = async (name: string): Promise<{ report: Report; stderr: string; names: readonly string[] }> => {
      const { stdout, stderr } = await run(name, "--key", "key.pub", "--format", "json");
      const report = JSON.parse(stdout) as Report;
      return { report, stderr, names: report.packages.map((found) => found.name) };
    };
    const push = async (name: string, architecture = "amd64") => {
      const client = testClient();
      const named = reference(`${registry.host}/${name}`);
      const { members = [] } = distributionLayer({
        manager: "deb",
        release: { ID: "debian", VERSION_ID: "12", VERSION_CODENAME: "bookworm", PRETTY_NAME: "Debian 12" },
        packages: inLayers.map((one) => ({ name: one, version: "12.4" })),
      });
      const pushed = await pushLayers(client, named, { architecture, tars: [tar(members)] });
      return { client, named, image: pushed.descriptor, pushed };
    };

    test.each<[string, (image: Attachable) => { artifactType: string; layers: TestLayer[] } | TestLayer[]]>([
      ["under cosign's tag", ({ digest }) => [envelopeLayer(attestation(digest, sbom()))]],
      [
        "as a referrer",
        ({ digest }) => ({
          artifactType: "application/vnd.dev.cosign.artifact.att.v1+json",
          layers: [envelopeLayer(attestation(digest, sbom()))],
        }),
      ],
      [
        "as a bundle",
        ({ digest }) => ({
          artifactType: bundleType,
          layers: [bundleLayer({ dsseEnvelope: attestation(digest, sbom()) })],
        }),
      ],
    ])("takes an attestation %s in place of the layers, and says whose word it is", async (where, make) => {
      const name = `team/${where.replaceAll(/[^a-z]+/g, "-")}:1`;
      const { client, named, image } = await push(name);
      const made = make(image);
      if (Array.isArray(made)) await attachUnderTag(client, named, { image, ending: "att", layers: made });
      else await attachAsReferrer(client, named, { image, ...made });
      const { report, stderr, names } = await scan(name);
      expect(names).toEqual(["apt", "bash"]);
      expect(report.target).toMatchObject({
        ...{ kind: "registry", manifestDigest: image.digest, platform: "linux/amd64" },
        attachedSbom: { format: "cyclonedx", place: "attestation", signer },
      });
      expect(report.layers).toEqual([]);
      expect(report.distro).toMatchObject({ id: "debian", version: "12" });
      expect(stderr).toBe("");
      const { stdout } = await run(name, "--key", "key.pub");
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(`signed by the key ${key.trusted.fingerprint}`);
    });

    test("takes a document that is attached as an artifact once the artifact is signed", async () => {
      const { client, named, image } = await push("team/artifact:1");
      const layers = [{ mediaType: cyclonedxType, content: Buffer.from(JSON.stringify(sbom())) }];
      const artifact = await attachAsReferrer(client, named, { image, artifactType: cyclonedxType, layers });
      const unsigned = await scan("team/artifact:1");
      expect(unsigned.names).toEqual(inLayers);
      expect(unsigned.report.target.attachedSbomRefused).toEqual([
        `the SBOM in ${artifact.digest} is not verified: it has no trusted signature`,
      ]);
      await signImage(client, named, { image: artifact, key });
      const { report, names } = await scan("team/artifact:1");
      expect(names).toEqual(["apt", "bash"]);
      expect(report.target.attachedSbom).toMatchObject({ place: "artifact", manifest: artifact.digest, signer });
      const args = ["scan", `${registry.host}/team/artifact:1`, "--no-update", "--format", "json"];
      const { stdout } = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0" } });
      const unasked = JSON.parse(stdout) as Report;
      expect(unasked.packages.map((found) => found.name)).toEqual(inLayers);
      expect(unasked.target.attachedSbom).toBeUndefined();
    });

    test.each<[string, (digest: string) => object, RegExp]>([
      ["another key", (digest) => attestation(digest, sbom(), stranger), /it was not made with any of the keys/],
      ["another image", () => attestation(`sha256:${"0".repeat(64)}`, sbom()), /it is about another image/],
      [
        "a change after it was signed",
        (digest) => changed(attestation(digest, sbom())),
        /it was not made with any of the keys/,
      ],
      ["no package", (digest) => attestation(digest, { ...sbom(), components: [] }), /it lists no package/],
    ])("reads the layers after all for an SBOM with %s, and says so", async (what, make, reason) => {
      const name = `team/${what.replaceAll(/[^a-z]+/g, "-")}:1`;
      const { client, named, image } = await push(name);
      await attachUnderTag(client, named, { image, ending: "att", layers: [envelopeLayer(make(image.digest))] });
      const { report, stderr, names } = await scan(name);
      expect(names).toEqual(inLayers);
      expect(report.target.attachedSbom).toBeUndefined();
      expect(report.target.attachedSbomRefused).toEqual([expect.stringMatching(reason)]);
      expect(stderr).toMatch(/^note: no attached SBOM could be used, so the layers were read\n/);
      expect(stderr).toMatch(reason);
    });

    test("reads the layers where nothing is attached", async () => {
      await push("team/nothing:1");
      const { report, stderr, names } = await scan("team/nothing:1");
      expect(names).toEqual(inLayers);
      expect(report.target.attachedSbomRefused).toEqual(["no SBOM is attached to the image"]);
      expect(stderr).toContain("no SBOM is attached to the image");
    });

    test("takes the SBOM of an index for an image of it only when it says that it is of that image", async () => {
      const [amd, arm] = [await push("team/platforms:amd"), await push("team/platforms:arm", "arm64")];
      const named = reference(`${registry.host}/team/platforms:1`);
      const index = await pushIndex(amd.client, named, [
        { image: amd.pushed, platform: "linux/amd64" },
        { image: arm.pushed, platform: "linux/arm64" },
      ]);
      const attach = (predicate: object) => {
        const layers = [envelopeLayer(attestation(index.digest, predicate))];
        return attachUnderTag(amd.client, named, { image: index, ending: "att", layers });
      };
      await attach(sbom());
      const { report, names } = await scan("team/platforms:1");
      expect(names).toEqual(inLayers);
      expect(report.target.attachedSbomRefused).toEqual([expect.stringMatching(/an index of several images/)]);
      await attach({ ...sbom(), metadata: { component: { type: "container", version: amd.image.digest } } });
      const second = await run("team/platforms:1", "--key", "key.pub", "--format", "json", "--platform", "linux/amd64");
      const target = (JSON.parse(second.stdout) as Report).target;
      expect(target).toMatchObject({ manifestDigest: amd.image.digest, attachedSbom: { signer } });
      const third = await run("team/platforms:1", "--key", "key.pub", "--format", "json", "--platform", "linux/arm64");
      expect((JSON.parse(third.stdout) as Report).target.attachedSbom).toBeUndefined();
    });

    test.each<[string, string, string[], RegExp]>([
      ["without anybody who is trusted", "HOST/team/nothing:1", ["--use-attached-sbom"], /no trusted signer given/],
      [
        "with a key alone",
        "HOST/team/nothing:1",
        ["--key", "key.pub"],
        /scan verifies only the signature of an attached SBOM/,
      ],
      [
        "for many images",
        "HOST/team/nothing:1",
        ["--use-attached-sbom", "--key", "key.pub", "--all-platforms"],
        /one image/,
      ],
      [
        "for what is in no registry",
        "dir:.",
        ["--use-attached-sbom", "--key", "key.pub"],
        /needs an image in a registry, and .* is not in one/,
      ],
    ])("is wrong usage %s", async (_, target, args, message) => {
      const name = target.replace("HOST", registry.host);
      const { code, stderr, stdout } = await plimsoll(["scan", name, "--no-update", ...args], {
        env: { PLIMSOLL_OFFLINE: "0" },
      });
      expect(stderr).toMatch(message);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    });
  },
);

function attestation(digest: string, predicate: object, by = key): ReturnType<typeof signedEnvelope> {
  return signedEnvelope(by, { ...statementOf(digest, predicateType), predicate });
}

function changed(envelope: ReturnType<typeof signedEnvelope>): object {
  const text = Buffer.from(envelope.payload, "base64").toString().replaceAll("bash", "fish");
  return { ...envelope, payload: Buffer.from(text).toString("base64") };
}

function sbom(): object {
  const components = ["apt", "bash"].map((name) => ({
    ...{ type: "library", name, version: "5.2-1" },
    purl: `pkg:deb/debian/${name}@5.2-1?arch=amd64&distro=debian-12`,
  }));
  const system = { type: "operating-system", name: "debian", version: "12" };
  return { bomFormat: "CycloneDX", specVersion: "1.6", components: [system, ...components] };
}
