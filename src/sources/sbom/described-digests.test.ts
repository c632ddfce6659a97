import { expect, test } from "vitest";
import { describedDigests } from "./described-digests.ts";

const hex = "ab".repeat(32);
const digest = `sha256:${hex}`;

function digestsIn(document: unknown): string[] {
  return [...describedDigests(Buffer.from(JSON.stringify(document)))];
}

function cyclonedx(component: object): object {
  return { bomFormat: "CycloneDX", specVersion: "1.6", metadata: { component } };
}

function spdx(element: object, relationships: readonly object[]): object {
  return { spdxVersion: "SPDX-2.3", packages: [{ SPDXID: "image", name: "app", ...element }], relationships };
}

const describes = { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "image" };

test.each([
  ["its version", { version: digest }],
  ["its hash", { hashes: [{ alg: "SHA-256", content: hex }] }],
  ["its package URL", { purl: `pkg:oci/app@${digest}?arch=amd64` }],
  ["its package URL, escaped", { purl: `pkg:oci/app@sha256%3A${hex}?repository_url=example.test%2Fapp` }],
])("a CycloneDX document gives the digest of what it describes as %s", (_, component) => {
  expect(digestsIn(cyclonedx(component))).toEqual([digest]);
});

test.each([
  ["its version", { versionInfo: digest }],
  ["its checksum", { checksums: [{ algorithm: "SHA256", checksumValue: hex }] }],
  ["its package URL", { externalRefs: [{ referenceType: "purl", referenceLocator: `pkg:oci/app@sha256%3A${hex}` }] }],
])("an SPDX document gives the digest of what it describes as %s", (_, element) => {
  expect(digestsIn(spdx(element, [describes]))).toEqual([digest]);
  expect(digestsIn({ ...spdx(element, []), documentDescribes: ["image"] })).toEqual([digest]);
});

test("what a document holds is not what it describes, and of two things that it describes neither counts", () => {
  expect(digestsIn(spdx({ versionInfo: digest }, []))).toEqual([]);
  expect(digestsIn(spdx({ versionInfo: digest }, [describes, { ...describes, relatedSpdxElement: "other" }]))).toEqual(
    [],
  );
  expect(digestsIn({ bomFormat: "CycloneDX", components: [{ version: digest }] })).toEqual([]);
  expect(digestsIn(cyclonedx({ version: "1.0", hashes: [{ alg: "SHA-1", content: hex }] }))).toEqual([]);
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["a list", "[]"],
  ["members of other types", '{"bomFormat":"CycloneDX","metadata":{"component":{"version":1,"hashes":{},"purl":[]}}}'],
  ["no objects", '{"spdxVersion":"SPDX-2.3","packages":[1],"relationships":[null],"documentDescribes":"image"}'],
])("%s gives no digest", (_, text) => {
  expect([...describedDigests(Buffer.from(text))]).toEqual([]);
});
