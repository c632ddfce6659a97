import { expect, test } from "vitest";
import { clientSignatureSource } from "../../../src/registry/signatures/client-signature-source.ts";
import { verifyImage } from "../../../src/registry/signatures/verify-image.ts";
import { fakeRegistry } from "../setup/fake-registry.ts";
import { testClient } from "../setup/registry-client.ts";

const repository = "team/app";
const digest = `sha256:${"1".repeat(64)}`;
const indexType = "application/vnd.oci.image.index.v1+json";
const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

test("an image that nobody signed is not verified", async () => {
  for (const referrers of [true, false]) {
    const registry = await fakeRegistry({ referrers });
    const source = clientSignatureSource(testClient(), registry.host);
    expect(await verifyImage(source, { repository, digest }, {})).toMatchObject({
      outcome: "not-verified",
      signatures: [],
      problems: [],
    });
  }
});

test("a referrer that is listed and not there makes it impossible to tell", async () => {
  const registry = await fakeRegistry({ referrers: false });
  const missing = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${"2".repeat(64)}`,
    size: 9,
  };
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...missing, artifactType: bundleType }] };
  registry.putManifest(repository, index, { tag: digest.replace(":", "-"), mediaType: indexType });
  const source = clientSignatureSource(testClient(), registry.host);
  const verdict = await verifyImage(source, { repository, digest }, {});
  expect(verdict.outcome).toBe("cannot-tell");
  expect(verdict.problems[0]?.message).toMatch(/^the referrers could not be examined: /);
});

test("a registry that does not answer makes it impossible to tell", async () => {
  const registry = await fakeRegistry();
  registry.intercept = (_, response) => {
    response.writeHead(403).end();
    return true;
  };
  const source = clientSignatureSource(testClient(), registry.host);
  const verdict = await verifyImage(source, { repository, digest }, {});
  expect(verdict).toMatchObject({ outcome: "cannot-tell", signatures: [] });
  expect(verdict.problems).toHaveLength(3);
});
