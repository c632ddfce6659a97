import { describe, expect, test } from "vitest";
import type { Problem } from "../../model/reports/problem.ts";
import { looksLikeSbom } from "./looks-like-sbom.ts";
import { readSbom } from "./read-sbom.ts";

const cyclonedx = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  components: [{ type: "library", name: "lodash", version: "4.17.15", purl: "pkg:npm/lodash@4.17.15" }],
};
const spdx = {
  spdxVersion: "SPDX-2.3",
  packages: [
    {
      SPDXID: "SPDXRef-lodash",
      name: "lodash",
      externalRefs: [
        { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/lodash@4.17.15" },
      ],
    },
  ],
};

describe("an SBOM in an in-toto statement is read", () => {
  test.each([
    ["CycloneDX, v0.1", statement(cyclonedx, "v0.1")],
    ["CycloneDX, v1", statement(cyclonedx)],
    ["SPDX", statement(spdx)],
    ["SPDX as a text", statement(JSON.stringify(spdx))],
    ["CycloneDX as cosign wrapped it", statement({ Data: cyclonedx, Timestamp: "2022-01-01T00:00:00Z" })],
    ["SPDX as cosign wrapped it", statement({ Data: JSON.stringify(spdx), Timestamp: "" })],
    ["CycloneDX in an envelope", envelope(statement(cyclonedx))],
    ["SPDX in an envelope, with the payload first", reversed(envelope(statement(spdx)))],
  ])("%s", (_, document) => {
    const bytes = Buffer.from(JSON.stringify(document));
    expect(looksLikeSbom(bytes.subarray(0, 4096))).toBe(true);
    expect(read(bytes).packages).toMatchObject([{ type: "npm", name: "lodash", version: "4.17.15" }]);
  });
});

test("the signatures of an envelope are reported as not verified", () => {
  expect(read(Buffer.from(JSON.stringify(statement(cyclonedx)))).problems).toEqual([]);
  expect(read(Buffer.from(JSON.stringify(envelope(statement(cyclonedx))))).problems).toEqual([
    { code: "not-examined", message: "the signatures of the DSSE envelope around the SBOM were not verified" },
  ]);
});

test.each([
  ["a statement of another kind", statement({ buildDefinition: {} }), /predicate .* is not an SBOM in JSON/],
  ["a statement without a predicate", statement(undefined), /predicate .* is not an SBOM in JSON/],
  ["an envelope of another kind", envelope({ some: "thing" }), /envelope does not contain an in-toto statement/],
  ["an envelope in an envelope", envelope(envelope(statement(cyclonedx))), /does not contain an in-toto statement/],
])("%s is refused", (_, document, message) => {
  expect(() => read(Buffer.from(JSON.stringify(document)))).toThrow(message);
});

function statement(predicate: unknown, version = "v1") {
  return {
    _type: `https://in-toto.io/Statement/${version}`,
    subject: [{ name: "image", digest: { sha256: "0".repeat(64) } }],
    predicateType: "https://example.com/predicate",
    predicate,
  };
}

function envelope(payload: unknown) {
  return {
    payloadType: "application/vnd.in-toto+json",
    payload: Buffer.from(JSON.stringify(payload)).toString("base64"),
    signatures: [{ keyid: "", sig: "AAAA" }],
  };
}

function reversed(value: object): object {
  return Object.fromEntries(Object.entries(value).reverse());
}

function read(bytes: Uint8Array) {
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  return { ...readSbom(bytes, { signal: new AbortController().signal, problem }), problems };
}
