import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { pythonBundled } from "./python-bundled.ts";

const vendor = "usr/lib/python3/site-packages/pip/_vendor";
const sboms = "usr/lib/python3/site-packages/cryptography-50.0.2.dist-info/sboms";
const requirements = "CacheControl==0.14.4\r\nrequests==2.34.2  # pinned\n    idna==3.20\n\n# a comment\n";
const pip = {
  bomFormat: "CycloneDX",
  specVersion: "1.4",
  components: [
    { type: "library", name: "pip", "bom-ref": "bom-ref:pip" },
    component("pkg:pypi/requests@2.34.2"),
    component("pkg:pypi/idna@3.20"),
  ],
};
const crates = {
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  metadata: { component: component("pkg:cargo/cryptography-rust@0.1.0") },
  components: [
    component("pkg:cargo/asn1@0.24.1"),
    component("pkg:cargo/cryptography-key-parsing@0.1.0?download_url=file:///build/src"),
    { ...component("pkg:cargo/cc@1.2.0"), scope: "excluded" },
    { ...component("pkg:generic/openssl@4.0.3"), components: [component("pkg:cargo/pem@3.0.6")] },
    component("pkg:cargo/asn1@0.24.1"),
  ],
};
const spdx = {
  spdxVersion: "SPDX-2.3",
  documentDescribes: ["SPDXRef-wheel"],
  packages: [spdxPackage("wheel", "pkg:pypi/thing@1"), spdxPackage("lib", "pkg:generic/zlib@1.3.1")],
};

describeExtractor(pythonBundled, [
  {
    path: `${vendor}/vendor.txt`,
    bytes: Buffer.from(requirements),
    expected: [
      found("pypi", "cachecontrol", "0.14.4"),
      found("pypi", "requests", "2.34.2"),
      found("pypi", "idna", "3.20"),
    ],
  },
  {
    path: `${vendor}/bom.cdx.json`,
    bytes: json(pip),
    expected: [found("pypi", "requests", "2.34.2"), found("pypi", "idna", "3.20")],
  },
  {
    path: `${sboms}/cryptography-rust.cyclonedx.json`,
    bytes: json(crates),
    expected: [found("cargo", "asn1", "0.24.1"), found("generic", "openssl", "4.0.3"), found("cargo", "pem", "3.0.6")],
  },
  { path: `${sboms}/any/name.json`, bytes: json(spdx), expected: [found("generic", "zlib", "1.3.1")] },
]);

test("language/python-bundled leaves out libraries of a distribution that were copied into a wheel", () => {
  const document = {
    bomFormat: "CycloneDX",
    metadata: { component: { ...component("pkg:pypi/numpy@2.4.0"), "bom-ref": "numpy" } },
    components: [
      { ...component("pkg:pypi/numpy@2.4.0"), "bom-ref": "numpy" },
      component("pkg:rpm/almalinux/libgfortran@8.5.0-22.el8_10"),
    ],
  };
  expect(read(`${sboms}/auditwheel.cdx.json`, json(document))).toEqual({ extractions: [], problems: [] });
});

test("language/python-bundled reports components without a package URL as not compared", () => {
  const path = `${sboms}/libraries.json`;
  const components = [
    { type: "library", name: "zlib", version: "1.3.1" },
    { type: "file", name: "LICENSE", version: "1" },
    component("pkg:cargo/asn1@0.24.1"),
  ];
  const message = `1 component of ${path} has no package URL and was not compared: zlib 1.3.1`;
  expect(read(path, json({ bomFormat: "CycloneDX", components }))).toEqual({
    extractions: [found("cargo", "asn1", "0.24.1")],
    problems: [{ code: "not-examined", message, path }],
  });
  const packages = ["a", "b"].map((name) => ({ SPDXID: name, name, versionInfo: "1" }));
  expect(read(path, json({ spdxVersion: "SPDX-2.3", packages })).problems).toEqual([
    {
      code: "not-examined",
      message: `2 components of ${path} have no package URL and were not compared: for example a 1`,
      path,
    },
  ]);
});

test("language/python-bundled passes over SBOMs that lie elsewhere", () => {
  expect(read("srv/sbom.json", json(pip))).toEqual({ extractions: [], problems: [] });
  expect(read("srv/tool/bom.cdx.json", json(pip))).toEqual({ extractions: [], problems: [] });
});

test.each([
  ["vendor.txt", "requests>=2\n"],
  ["bom.cdx.json", "{"],
  ["bom.cdx.json", "{}"],
  ["bom.cdx.json", JSON.stringify({ bomFormat: "CycloneDX", components: [component("pkg:pypi/requests")] })],
])("language/python-bundled reports a %s that it cannot read: %j", (name, text) => {
  expect(read(`${vendor}/${name}`, Buffer.from(text))).toMatchObject({
    extractions: [],
    problems: [{ code: "unreadable" }],
  });
});

function component(purl: string) {
  return { type: "library", name: "x", purl };
}

function spdxPackage(id: string, purl: string) {
  return { SPDXID: `SPDXRef-${id}`, externalRefs: [{ referenceType: "purl", referenceLocator: purl }] };
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function found(type: "pypi" | "cargo" | "generic", name: string, version: string): Extraction {
  return { kind: "package", package: { type, name, version } };
}

function read(path: string, bytes: Uint8Array) {
  const problems: Problem[] = [];
  const context = {
    signal: new AbortController().signal,
    problem: (problem: Problem) => void problems.push(problem),
  };
  return { extractions: [...pythonBundled.extract(memoryFile(path, bytes), context)], problems };
}
