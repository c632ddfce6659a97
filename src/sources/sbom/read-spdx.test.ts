import { describe, expect, test } from "vitest";
import { readSbom } from "./read-sbom.ts";
import type { SbomContents } from "./sbom-collector.ts";

function read(purl: string, more: object): SbomContents {
  const reference = { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl };
  const document = {
    spdxVersion: "SPDX-2.3",
    packages: [{ SPDXID: "a", name: "a", externalRefs: [reference], ...more }],
  };
  const signal = new AbortController().signal;
  return readSbom(Buffer.from(JSON.stringify(document)), { signal, problem: () => {} });
}

const docker = "pkg:deb/debian/docker-ce-cli@5%3A24.0.7-1~debian.12~bookworm?arch=amd64&distro=debian-12";
const nodejs = "pkg:rpm/redhat/nodejs@16.13.1-3.module%2Bel8.5.0?arch=x86_64&distro=redhat-8.8&epoch=1";

test.each([
  [docker, "Person: Docker (support@docker.com)", "Docker <support@docker.com>"],
  [docker, "Organization: Docker", "Docker"],
  [docker, "Person: Docker", "Docker"],
  [nodejs, "Organization: Red Hat, Inc.", "Red Hat, Inc."],
  [nodejs, "Organization: NGINX Packaging <nginx-packaging@f5.com>", "NGINX Packaging <nginx-packaging@f5.com>"],
  [nodejs, "Organization: Example (Europe)", "Example (Europe)"],
  [nodejs, "Person: Jane Doe (jane@example.com)", undefined],
  [nodejs, "NOASSERTION", undefined],
  ["pkg:npm/lodash@4.17.20", "Person: Somebody", undefined],
])("%s supplied by %j is built by %j", (purl, supplier, vendor) => {
  expect(read(purl, { supplier }).packages[0]?.vendor).toBe(vendor);
});

/** As Trivy 0.74 writes it. */
function remarks(...comments: readonly string[]): object {
  const annotations = comments.map((comment) => ({
    ...{ annotator: "Tool: trivy-0.74.0", annotationDate: "2026-11-29T04:21:31Z", annotationType: "OTHER" },
    comment,
  }));
  return { annotations };
}

test("Trivy's annotations tell the module stream and the repositories", () => {
  const label = "nodejs:16:8050020211213115342:c5368500";
  const { packages, distribution } = read(
    nodejs,
    remarks(`Modularitylabel: ${label}`, "ContentSet: rhel-8-for-x86_64-appstream-rpms", "PkgType: redhat"),
  );
  expect(packages[0]?.module).toBe("nodejs:16");
  expect(distribution?.repositories).toEqual(["rhel-8-for-x86_64-appstream-rpms"]);
  expect(read(`${nodejs}&modularitylabel=${label}`, {}).packages[0]?.module).toBe("nodejs:16");
});

test("what somebody else remarks is not taken for Trivy's", () => {
  const annotations = [{ annotator: "Person: Jane", comment: "Modularitylabel: nodejs:18" }];
  expect(read(nodejs, { annotations }).packages[0]?.module).toBeUndefined();
});

test("the operating system that the document describes gives way to the one of its packages", () => {
  const signal = new AbortController().signal;
  const distributionIn = (purl: string) => {
    const externalRefs = [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }];
    const system = { SPDXID: "os", name: "ACME OS", versionInfo: "3.1", primaryPackagePurpose: "OPERATING-SYSTEM" };
    const packages = [system, { SPDXID: "a", name: "a", externalRefs }];
    const document = { spdxVersion: "SPDX-2.3", documentDescribes: ["os"], packages };
    return readSbom(Buffer.from(JSON.stringify(document)), { signal, problem: () => {} }).distribution;
  };
  expect(distributionIn(docker)).toMatchObject({ id: "debian", version: "12" });
  expect(distributionIn("pkg:npm/lodash@4.17.20")).toMatchObject({ id: "acme os", version: "3.1" });
});

/** A package that contains a file, as Trivy relates the two. */
function withFile(more: object, name = "app/node_modules/lodash/package.json"): readonly string[] | undefined {
  const externalRefs = [
    { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/lodash@4.17.20" },
  ];
  const document = {
    spdxVersion: "SPDX-2.3",
    packages: [{ SPDXID: "a", name: "lodash", externalRefs, ...more }],
    files: [{ SPDXID: "f", fileName: name }],
    relationships: [
      { spdxElementId: "target", relationshipType: "CONTAINS", relatedSpdxElement: "a" },
      { spdxElementId: "a", relationshipType: "CONTAINS", relatedSpdxElement: "f" },
      { spdxElementId: "a", relationshipType: "CONTAINS", relatedSpdxElement: "gone" },
    ],
  };
  const context = { signal: new AbortController().signal, problem: () => {} };
  return readSbom(Buffer.from(JSON.stringify(document)), context).packages[0]?.paths;
}

test("the file that a package of Trivy's contains is its path, and so is the program that its sourceInfo names", () => {
  expect(withFile(remarks("PkgType: node-pkg"))).toEqual(["app/node_modules/lodash/package.json"]);
  const inProgram = { ...remarks("PkgType: gobinary"), sourceInfo: "package found in: usr/local/bin/app" };
  expect(withFile(inProgram)).toEqual(["usr/local/bin/app"]);
});

test("files that a package of another tool contains are what it installed, not its path", () => {
  expect(withFile({})).toEqual([]);
  expect(withFile({ sourceInfo: "acquired package info from installed node module manifest file: /p.json" })).toEqual([
    "p.json",
  ]);
});

describe("what Syft writes of a package", () => {
  function packagesOf(
    purls: readonly string[],
    more: object = {},
    creators: readonly string[] = ["Tool: syft-1.18.0"],
  ) {
    const packages = purls.map((purl, index) => ({
      SPDXID: `p${index}`,
      name: purl.slice(purl.lastIndexOf("/") + 1).split("@", 1)[0],
      externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
    }));
    const document = { spdxVersion: "SPDX-2.3", creationInfo: { creators }, packages, ...more };
    const context = { signal: new AbortController().signal, problem: () => {} };
    return readSbom(Buffer.from(JSON.stringify(document)), context).packages;
  }

  test("tells the main module of a Go program: it depends on modules, and none on it", () => {
    const purls = [
      "pkg:golang/example.org/tool@v0.0.0-20240101120000-abcdef123456",
      "pkg:golang/example.org/dep@v1.0.0",
    ];
    const relationships = [{ spdxElementId: "p1", relationshipType: "DEPENDENCY_OF", relatedSpdxElement: "p0" }];
    expect(packagesOf(purls, { relationships }).map(({ mainModule }) => mainModule)).toEqual([true, undefined]);
    const byAnother = packagesOf(purls, { relationships }, ["Tool: other-1.0"]);
    expect(byAnother.map(({ mainModule }) => mainModule)).toEqual([undefined, undefined]);
  });

  test("tells it of nothing that is not written in Go, so that copies are alike", () => {
    const relationships = [{ spdxElementId: "p2", relationshipType: "DEPENDENCY_OF", relatedSpdxElement: "p0" }];
    const found = packagesOf(["pkg:npm/thing@1", "pkg:npm/thing@1", "pkg:npm/other@1"], { relationships });
    expect(found).toHaveLength(3);
    expect(found[0]).toEqual(found[1]);
    expect(found.filter(({ mainModule }) => mainModule)).toEqual([]);
  });

  test("may have a guess for a group where it is the artifact's name", () => {
    const purls = ["pkg:maven/thing/thing@1", "pkg:maven/org.example/thing@1", "pkg:npm/thing@1"];
    const guesses = [true, undefined, undefined];
    expect(packagesOf(purls).map(({ groupIsGuess }) => groupIsGuess)).toEqual(guesses);
    expect(packagesOf(purls, {}, ["Tool: trivy-0.70.0"])[0]?.groupIsGuess).toBe(undefined);
  });
});

test("the one package of a language that a document describes is the project itself", () => {
  const packageOf = (id: string, purl: string) => ({
    ...{ SPDXID: id, name: id, externalRefs: [{ referenceType: "purl", referenceLocator: purl }] },
  });
  const packages = [packageOf("app", "pkg:npm/app@1.0.0"), packageOf("lodash", "pkg:npm/lodash@4.17.20")];
  const own = (documentDescribes: readonly string[]) => {
    const document = { spdxVersion: "SPDX-2.3", documentDescribes, packages };
    const context = { signal: new AbortController().signal, problem: () => {} };
    return readSbom(Buffer.from(JSON.stringify(document)), context).packages.map(({ ownProject }) => ownProject);
  };
  expect(own(["app"])).toEqual([true, undefined]);
  expect(own(["app", "lodash"])).toEqual([undefined, undefined]);
  expect(own([])).toEqual([undefined, undefined]);
});
