import { expect, test } from "vitest";
import { looksLikeSbom } from "./looks-like-sbom.ts";

test.each([
  ['{"bomFormat":"CycloneDX"', true],
  ['\ufeff {\n  "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json"', true],
  ['{ "spdxVersion" : "SPDX-2.3"', true],
  ['{"SPDXID":"SPDXRef-DOCUMENT"', true],
  ['{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"', true],
  ['<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4">', true],
  ["SPDXVersion: SPDX-2.2", true],
  ["# by a tool\nSPDXID: SPDXRef-DOCUMENT\nSPDXVersion: SPDX-2.2", true],
  ['---\nSPDXID: "SPDXRef-DOCUMENT"\nspdxVersion: SPDX-2.3', true],
  ["see SPDXVersion: SPDX-2.2", false],
  ['{\n "artifacts": [\n  {\n   "id": "2ff71a67fb024c86",', true],
  ['{"artifacts":[{"name":"build.log"', false],
  ['{"name":"package.json","bomFormat":"other"}', false],
  ['[{"bomFormat":"CycloneDX"}]', false],
  ["", false],
  ["\u001f\u008b", false],
])("the first bytes %j are those of an SBOM: %s", (head, expected) => {
  expect(looksLikeSbom(Buffer.from(head))).toBe(expected);
});
