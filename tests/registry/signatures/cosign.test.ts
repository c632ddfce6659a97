import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImageReference } from "../../../src/model/packages/reference.ts";
import { blobOf } from "../../../src/registry/content/blob-source.ts";
import { digestOf } from "../../../src/registry/content/content-digest.ts";
import { clientSignatureSource } from "../../../src/registry/signatures/client-signature-source.ts";
import { readPublicKeys } from "../../../src/registry/signatures/public-key.ts";
import type { Referrer, SignatureSource } from "../../../src/registry/signatures/signature-source.ts";
import { verifyImage } from "../../../src/registry/signatures/verify-image.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "../setup/docker-registry.ts";
import { testClient } from "../setup/registry-client.ts";

/*
 * What cosign 3.1.3 wrote into a registry when it signed one image with four kinds of key: in the old way, in the old way as a referrer
 * (which takes the signatures under the tag along), and as bundles; and two attestations, an old one and a bundle.
 */
interface Recording {
  readonly digest: string;
  readonly repository: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly manifests: Readonly<Record<string, string>>;
  readonly blobs: Readonly<Record<string, string>>;
}

const recording: Recording = JSON.parse(readFileSync(new URL("cosign-3.1.3.json", import.meta.url), "utf8"));
const { digest, repository, keys, manifests, blobs } = recording;
const image = { repository, digest };
const mediaType = "application/vnd.oci.image.manifest.v1+json";
const spdx = "https://spdx.dev/Document";
const names = ["p256", "p384", "ed25519", "rsa"];

describe("what cosign wrote, read from a recording", () => {
  checks(() => recorded);
});

describe.skipIf(registryObstacle !== undefined)(
  `what cosign wrote, read from Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
    });
    afterAll(() => registry.stop());
    checks(async () => {
      const client = testClient();
      const name = { registry: registry.host, repository };
      for (const content of Object.values(blobs)) await client.pushBlob(name, blobOf(Buffer.from(content)));
      for (const [key, text] of Object.entries(manifests)) {
        // The client itself keeps the index under the tag that stands in for the list of referrers.
        if (key === indexTag) continue;
        const reference: ImageReference = { ...name, ...(key.includes(":") ? { digest: key } : { tag: key }) };
        await client.pushManifest(reference, { bytes: Buffer.from(text), mediaType });
      }
      return clientSignatureSource(client, registry.host);
    });
  },
);

function checks(open: () => SignatureSource | Promise<SignatureSource>): void {
  test("every key verifies its own signatures in every form, and no other", async () => {
    const source = await open();
    let verified = 0;
    for (const name of names) {
      const verdict = await verifyImage(source, image, { keys: readPublicKeys(keys[name] ?? "", name) });
      expect(verdict).toMatchObject({ outcome: "verified", problems: [] });
      expect(verdict.signatures).toHaveLength(15);
      const own = verdict.signatures.filter((fact) => fact.verified);
      verified += own.length;
      const said = own.filter(({ kind }) => kind === "signature").map(({ annotations }) => annotations?.["who"]);
      expect(said.sort()).toEqual([name, name, name, ...(name === "p256" ? ["referrer"] : [])]);
      const forms = new Set(own.map(({ format, place }) => `${format} ${place}`));
      expect(forms).toEqual(
        new Set(["simple-signing tag", "simple-signing referrer", "bundle referrer", ...attested(name)]),
      );
      const strangers = verdict.signatures.filter((fact) => !fact.verified).map(({ reason }) => reason);
      expect(new Set(strangers)).toEqual(new Set(["it was not made with any of the keys"]));
    }
    expect(verified).toBe(15);
  });

  test("its attestations have their predicate type", async () => {
    const policy = { keys: readPublicKeys(keys["p256"] ?? "", "p256"), predicateType: spdx };
    const { outcome, signatures } = await verifyImage(await open(), image, policy);
    expect(outcome).toBe("verified");
    const attestations = signatures.filter(({ kind }) => kind === "attestation");
    expect(attestations.map(({ format, predicateType }) => [format, predicateType])).toEqual([
      ["envelope", spdx],
      ["bundle", spdx],
    ]);
  });

  test("all of it counts for nothing without the right key, and for another image", async () => {
    const source = await open();
    expect(await verifyImage(source, image, { keys: [] })).toMatchObject({ outcome: "not-verified", problems: [] });
    const everybody = { keys: readPublicKeys(Object.values(keys).join("\n"), "all") };
    const other = { repository, digest: `sha256:${"0".repeat(64)}` };
    const moved: SignatureSource = {
      ...source,
      manifest: (name, reference) => source.manifest(name, reference.replace(other.digest.slice(7), digest.slice(7))),
      blob: (name, blob, size) => source.blob(name, blob, size),
      referrers: (name) => source.referrers(name, digest),
    };
    const verdict = await verifyImage(moved, other, everybody);
    expect(verdict.outcome).toBe("not-verified");
    expect(new Set(verdict.signatures.map(({ reason }) => reason))).toEqual(new Set(["it is about another image"]));
  });
}

function attested(name: string): readonly string[] {
  return name === "p256" ? ["envelope tag"] : [];
}

const indexTag = digest.replace(":", "-");

const recorded: SignatureSource = {
  manifest: (_, reference) => {
    const text = manifests[reference];
    const bytes = Buffer.from(text ?? "");
    return Promise.resolve(text === undefined ? undefined : { bytes, mediaType, digest: digestOf(bytes) });
  },
  blob: (_, blob) => Promise.resolve(Buffer.from(blobs[blob] ?? "")),
  async *referrers(): AsyncGenerator<Referrer> {
    const index: { readonly manifests: readonly Referrer[] } = JSON.parse(manifests[indexTag] ?? "");
    yield* index.manifests;
  },
};
