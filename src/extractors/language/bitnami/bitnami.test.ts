import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { bitnami } from "./bitnami.ts";

const path = "opt/bitnami/redis/.spdx-redis.spdx";
const redis = {
  SPDXID: "SPDXRef-redis",
  name: "redis",
  versionInfo: "7.4.0-0",
  externalRefs: [
    { referenceCategory: "SECURITY", referenceType: "cpe23Type", referenceLocator: "cpe:2.3:*:redis:redis:7.4.0:*" },
    url("pkg:bitnami/redis@7.4.0-0?arch=arm64&distro=debian-12"),
  ],
};
const inside = {
  name: "golang.org/x/text",
  versionInfo: "v0.3.0",
  externalRefs: [url("pkg:golang/golang.org/x/text@v0.3.0")],
};
const list = { mongodb: { arch: "amd64", digest: "d2", distro: "debian-10", type: "NAMI", version: "4.4.11-2" } };

describeExtractor(bitnami, [
  {
    path,
    bytes: bytesOf({ spdxVersion: "SPDX-2.3", packages: [redis, inside, { name: "no reference" }] }),
    expected: [of("redis", "7.4.0-0", { arch: "arm64", distro: "debian-12" })],
  },
  {
    path: "opt/bitnami/.bitnami_components.json",
    bytes: bytesOf(list),
    expected: [of("mongodb", "4.4.11-2", { arch: "amd64", distro: "debian-10" })],
  },
  { path: "app/other.spdx", bytes: bytesOf("SPDXVersion: SPDX-2.3"), expected: [] },
]);

test("language/bitnami takes the version beside a package URL that has none", () => {
  const found = { ...redis, externalRefs: [url("pkg:bitnami/redis")] };
  expect(read({ packages: [found] }).extractions).toEqual([of("redis", "7.4.0-0")]);
});

describe("language/bitnami reports", () => {
  test.each([
    ["what is not JSON", "SPDXVersion: SPDX-2.3"],
    ["a document that names no component", { packages: [inside] }],
    ["what is not an object", "[]"],
    ["packages that are not a list", { packages: { redis } }],
  ])("%s", (_, document) => {
    expect(read(document)).toMatchObject({ extractions: [], problems: [{ code: "unreadable", path }] });
  });

  test("a component without a version that can be one, beside those that have one", () => {
    const without = { versionInfo: 7, externalRefs: [url("pkg:bitnami/redis")] };
    expect(read({ packages: [redis, without] })).toMatchObject({
      extractions: [of("redis", "7.4.0-0", { arch: "arm64", distro: "debian-12" })],
      problems: [{ code: "unreadable", path }],
    });
    const listed = "opt/bitnami/.bitnami_components.json";
    expect(read({ ...list, redis: { version: 7 }, node: "18" }, listed)).toMatchObject({
      extractions: [of("mongodb", "4.4.11-2", { arch: "amd64", distro: "debian-10" })],
      problems: [{ code: "unreadable", path: listed }],
    });
  });
});

function url(referenceLocator: string): object {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}

function of(name: string, version: string, qualifiers?: Readonly<Record<string, string>>): Extraction {
  return { kind: "package", package: { type: "bitnami", name, version, ...(qualifiers && { qualifiers }) } };
}

function read(document: object | string, at = path): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...bitnami.extract(memoryFile(at, bytesOf(document)), context)], problems };
}

function bytesOf(value: object | string): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}
