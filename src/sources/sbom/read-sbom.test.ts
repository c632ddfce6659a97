import { describe, expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import type { Package } from "../../model/packages/package.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { readSbom } from "./read-sbom.ts";
import type { SbomContents } from "./sbom-collector.ts";

interface Reading extends SbomContents {
  readonly problems: readonly Problem[];
}

function readBytes(bytes: Uint8Array, signal: AbortSignal = new AbortController().signal): Reading {
  const problems: Problem[] = [];
  return { ...readSbom(bytes, { signal, problem: (problem) => problems.push(problem) }), problems };
}

function readCycloneDx(components: unknown, more: object = {}): Reading {
  const document = { bomFormat: "CycloneDX", specVersion: "1.6", components, ...more };
  return readBytes(Buffer.from(JSON.stringify(document)));
}

function readSpdx(packages: unknown, more: object = {}): Reading {
  return readBytes(Buffer.from(JSON.stringify({ spdxVersion: "SPDX-2.3", packages, ...more })));
}

function spdxPackage(id: string, purl: string, more: object = {}): object {
  const externalRefs = [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }];
  return { SPDXID: id, name: id, externalRefs, ...more };
}

function errorOf(action: () => unknown): PlimsollError {
  try {
    action();
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

function only({ packages }: Reading): Package | undefined {
  expect(packages.length).toBe(1);
  return packages[0];
}

describe("source packages", () => {
  const debs = (count: number, qualifiers = ""): object[] =>
    Array.from({ length: count }, (_, place) => ({
      type: "library",
      name: `lib${place}`,
      version: "1",
      purl: `pkg:deb/debian/lib${place}@1?distro=debian-12${qualifiers}`,
    }));

  test("that no package of a distribution names are told, for advisories are filed under them", () => {
    expect(readCycloneDx(debs(12)).problems).toMatchObject([{ code: "not-examined" }]);
    expect(readCycloneDx(debs(12)).problems[0]?.message).toContain("none of the 12 deb packages");
  });

  test("may be missing where there are few and the tool names only those of another name, and where one names its own", () => {
    const syft = { metadata: { tools: { components: [{ type: "application", name: "syft", version: "1.18.0" }] } } };
    expect(readCycloneDx(debs(9), syft).problems).toEqual([]);
    expect(
      readCycloneDx(debs(9), { metadata: { tools: [{ vendor: "aquasecurity", name: "trivy" }] } }).problems,
    ).toEqual([]);
    expect(readCycloneDx(debs(12), syft).problems).toMatchObject([{ code: "not-examined" }]);
    expect(readCycloneDx([...debs(12), ...debs(1, "&upstream=thing")]).problems).toEqual([]);
    expect(readCycloneDx([...debs(100), ...debs(1, "&upstream=thing")]).problems[0]?.message).toContain(
      "only 1 of the 101 deb packages in the SBOM names its source package",
    );
    expect(readCycloneDx([...debs(100), ...debs(1, "&upstream=thing")], syft).problems).toEqual([]);
  });

  test("are missed in documents of other tools however few packages there are", () => {
    expect(readCycloneDx(debs(9)).problems).toMatchObject([{ code: "not-examined" }]);
    expect(readCycloneDx(debs(1)).problems[0]?.message).toContain("the deb package in the SBOM does not name");
    const document = (creators: readonly string[]): Reading =>
      readSpdx([spdxPackage("libssl3", "pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12")], {
        creationInfo: { creators },
      });
    expect(document(["Organization: Syft friends", "Tool: make-sbom-1"]).problems).toMatchObject([
      { code: "not-examined" },
    ]);
    expect(document(["Organization: Anchore, Inc", "Tool: syft-1.18.0"]).problems).toEqual([]);
  });

  test("are missed for rpm too, but not where advisories name the packages that are installed", () => {
    const rpm = (vendor: string, distro: string): Reading =>
      readCycloneDx([
        { type: "library", name: "lib64openssl3", version: "3-1", purl: `pkg:rpm/${vendor}/a@3-1?distro=${distro}` },
      ]);
    expect(rpm("openeuler", "openeuler-22.03").problems).toMatchObject([{ code: "not-examined" }]);
    for (const id of ["almalinux", "alma", "amazonlinux", "oraclelinux"])
      expect(rpm(id, `${id}-9`).problems).toEqual([]);
  });
});

describe("the path of a Go module", () => {
  const name = (purl: string, written: string): string | undefined =>
    only(readCycloneDx([{ type: "library", name: written, purl }]))?.name;

  test("is put together again where the package URL has its end as a subpath", () => {
    const whole = "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc";
    const purl = "pkg:golang/go.opentelemetry.io/contrib/instrumentation@v0.40.0#google.golang.org/grpc/otelgrpc";
    expect(name(purl, whole)).toBe(whole);
    expect(name("pkg:golang/github.com/golang-jwt/jwt@v4.5.0#v4", "github.com/golang-jwt/jwt/v4")).toBe(
      "github.com/golang-jwt/jwt/v4",
    );
    expect(name("pkg:golang/github.com/golang-jwt/jwt@4.5.1#v4", "jwt")).toBe("github.com/golang-jwt/jwt/v4");
  });

  test("ends before a subpath that names a package of it", () => {
    expect(name("pkg:golang/golang.org/x/crypto@v0.20.0#ssh", "golang.org/x/crypto")).toBe("golang.org/x/crypto");
    expect(name("pkg:golang/example.org/a/b@v1.2.0#v2", "example.org/a/b")).toBe("example.org/a/b");
  });
});

test("a vendor that is none is not taken for a maker of packages", () => {
  const vendorOf = (publisher: string): string | undefined =>
    only(readCycloneDx([{ type: "library", name: "a", purl: "pkg:rpm/rocky/a@1-1?upstream=a-1-1.src.rpm", publisher }]))
      ?.vendor;
  for (const nobody of ["(none)", "NOASSERTION", "Unknown", "N/A", " "]) expect(vendorOf(nobody)).toBeUndefined();
  expect(vendorOf("Rocky Enterprise Software Foundation")).toBe("Rocky Enterprise Software Foundation");
});

test("the repositories that an SBOM of Plimsoll names are those of the distribution", () => {
  const properties = ["one", "two"].map((value) => ({ name: "plimsoll:distribution:repository", value }));
  const { distribution } = readCycloneDx([{ type: "operating-system", name: "rhel", version: "9.2", properties }]);
  expect(distribution?.repositories).toEqual(["one", "two"]);
});

describe("a CycloneDX document", () => {
  test("gives nested components in their order", () => {
    const component = (name: string, components: unknown[] = []): object => {
      return { type: "library", name, version: "1", purl: `pkg:npm/${name}@1`, components };
    };
    const { packages } = readCycloneDx([
      component("a", [component("b", [component("c")]), component("d")]),
      component("e"),
    ]);
    expect(packages.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("nested 50,000 deep is read without running out of stack", () => {
    const depth = 50_000;
    const open = '{"type":"library","name":"a","purl":"pkg:npm/a@1","components":[';
    const text = `{"bomFormat":"CycloneDX","specVersion":"1.4","components":[${open.repeat(depth)}${"]}".repeat(depth)}]}`;
    expect(readBytes(Buffer.from(text)).packages.length).toBe(depth);
  });

  test("puts the epoch back before an rpm's version", () => {
    const purl = "pkg:rpm/redhat/npm@8.19.2-1?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=nodejs-18.9.1-1.src.rpm";
    expect(only(readCycloneDx([{ type: "library", name: "npm", purl }]))).toMatchObject({
      version: "1:8.19.2-1",
      architecture: "x86_64",
      source: { name: "nodejs", version: "1:18.9.1-1" },
    });
  });

  test.each([
    [
      {
        "aquasecurity:trivy:SrcName": "pam",
        "aquasecurity:trivy:SrcVersion": "1.5.2",
        "aquasecurity:trivy:SrcRelease": "6",
      },
      "pam 1.5.2-6",
    ],
    [
      {
        "aquasecurity:trivy:SrcName": "gcc",
        "aquasecurity:trivy:SrcEpoch": "4",
        "aquasecurity:trivy:SrcVersion": "12",
      },
      "gcc 4:12",
    ],
    [{ "syft:metadata:source": "pam" }, "pam 1.0"],
    [{ "syft:metadata:source": "pam", "syft:metadata:sourceVersion": "2.0" }, "pam 2.0"],
    [{ "syft:metadata:originPackage": "pam" }, "pam 1.0"],
    [{ "syft:metadata:sourceRpm": "pam-devel-1.5-2.fc40.src.rpm" }, "pam-devel 1.5-2.fc40"],
    [{ "plimsoll:source:name": "own", "plimsoll:source:version": "3", "syft:metadata:source": "pam" }, "own 3"],
  ])("takes the source package from the properties %j", (properties, expected) => {
    const pairs = Object.entries(properties).map(([name, value]) => ({ name, value }));
    const found = only(readCycloneDx([{ name: "libpam", purl: "pkg:deb/debian/libpam@1.0", properties: pairs }]));
    expect(`${found?.source?.name} ${found?.source?.version}`).toBe(expected);
  });

  test("takes name and version of the source package from the qualifier upstream", () => {
    const purls = [
      "pkg:deb/debian/libc6@2.36?upstream=glibc%402.35",
      "pkg:apk/alpine/ssl_client@1.30?upstream=busybox",
    ];
    expect(readCycloneDx(purls.map((purl) => ({ name: "x", purl }))).packages.map(({ source }) => source)).toEqual([
      { name: "glibc", version: "2.35" },
      { name: "busybox", version: "1.30" },
    ]);
  });

  test("keeps the spelling of names that package URLs fold", () => {
    const { packages } = readCycloneDx([
      { name: "PyYAML", purl: "pkg:pypi/pyyaml@6" },
      { name: "zope.interface", purl: "pkg:pypi/zope-interface@5" },
      { group: "github.com/BurntSushi", name: "toml", purl: "pkg:golang/github.com/burntsushi/toml@v1.2.0" },
      { name: "something else", purl: "pkg:npm/lodash@4.17.15" },
    ]);
    expect(packages.map(({ name }) => name)).toEqual([
      "PyYAML",
      "zope.interface",
      "github.com/BurntSushi/toml",
      "lodash",
    ]);
  });

  test("counts what cannot be judged in one problem and leaves out what is not a package", () => {
    const { packages, problems } = readCycloneDx([
      { type: "library", name: "a", version: "1" },
      { type: "library", name: "b", purl: "pkg:npm/b" },
      { type: "library", name: "c", purl: "pkg:bower/c@1" },
      { type: "application", name: "nginx", version: "1.21" },
      { type: "application", name: "app/Gemfile.lock" },
      { type: "file", name: "etc/passwd" },
      { type: "container", name: "base", purl: "pkg:oci/base@sha256:12" },
      { type: "library", name: "bash", purl: "pkg:rpm/redhat/bash@5-1?arch=src" },
    ]);
    expect(packages).toEqual([]);
    expect(problems).toEqual([
      {
        code: "unreadable",
        message:
          "4 of 8 components in the SBOM could not be compared without a version or supported package URL: for example a 1, b, c",
      },
    ]);
  });

  test("reports components that share an id and differ, and reads equal ones without a problem", () => {
    const lodash = {
      "bom-ref": "one",
      type: "library",
      name: "lodash",
      version: "1.0.0",
      purl: "pkg:npm/lodash@1.0.0",
    };
    const other = { ...lodash, version: "4.17.21", purl: "pkg:npm/lodash@4.17.21" };
    const message = "components with different contents share one id in the SBOM, so it contradicts itself: one";
    expect(readCycloneDx([lodash, lodash]).problems).toEqual([]);
    const differing = readCycloneDx([lodash, other]);
    expect(differing.problems).toEqual([{ code: "unreadable", message }]);
    expect(differing.packages.map(({ version }) => version)).toEqual(["1.0.0", "4.17.21"]);
    const versions = ["1.0.0", "4.17.21"].map((version) => spdxPackage("one", `pkg:npm/lodash@${version}`));
    expect(readSpdx(versions).problems).toEqual([{ code: "unreadable", message }]);
  });

  test("gives the distribution of its operating-system component before that of package URLs", () => {
    const bash = { name: "bash", purl: "pkg:deb/debian/bash@5?distro=debian-12&upstream=bash" };
    const system = { type: "operating-system", name: "debian", version: "12.5" };
    expect(readCycloneDx([bash, system])).toMatchObject({
      distribution: { id: "debian", version: "12.5" },
      problems: [],
    });
    expect(readCycloneDx([bash]).distribution).toMatchObject({ id: "debian", version: "12" });
    expect(readCycloneDx([]).distribution).toBeNull();
  });

  test("with packages of two distributions says that they are judged as one", () => {
    const { distribution, problems } = readCycloneDx([
      { name: "bash", purl: "pkg:deb/debian/bash@5?distro=debian-12&upstream=bash" },
      { name: "musl", purl: "pkg:apk/alpine/musl@1?distro=alpine-3.19&upstream=musl" },
    ]);
    expect(distribution?.id).toBe("debian");
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "unknown-distribution: the SBOM also lists packages of alpine 3.19, but they are compared as packages of debian 12",
    ]);
  });
});

describe("an SPDX document", () => {
  test("may hold packages of a language as sources, but not those of a distribution", () => {
    const source = { primaryPackagePurpose: "SOURCE" };
    const { packages } = readSpdx([
      spdxPackage("a", "pkg:npm/lodash@4.17.20", source),
      spdxPackage("b", "pkg:deb/debian/openssl@3.0?arch=source", source),
    ]);
    expect(packages.map(({ purl }) => purl)).toEqual(["pkg:npm/lodash@4.17.20"]);
  });

  test("gives the owner that Syft relates by overlapping files", () => {
    const { packages } = readSpdx(
      [spdxPackage("os", "pkg:deb/debian/python3-yaml@6.0"), spdxPackage("py", "pkg:pypi/pyyaml@6.0")],
      {
        relationships: [
          {
            spdxElementId: "os",
            relationshipType: "OTHER",
            relatedSpdxElement: "py",
            comment: "ownership-by-file-overlap: indicates ...",
          },
        ],
      },
    );
    expect(packages.map(({ ownedBy }) => ownedBy)).toEqual([undefined, { type: "deb", name: "python3-yaml" }]);
  });

  test("gives Trivy's distribution and source packages", () => {
    const { packages, distribution, problems } = readSpdx([
      { SPDXID: "os", name: "debian", versionInfo: "12.5", primaryPackagePurpose: "OPERATING-SYSTEM" },
      { SPDXID: "group", name: "app/Gemfile.lock", primaryPackagePurpose: "APPLICATION" },
      spdxPackage("bash", "pkg:deb/debian/libc6@2.36-9?distro=debian-12.5", {
        primaryPackagePurpose: "LIBRARY",
        sourceInfo: "built package from: glibc 2.36-9",
        licenseDeclared: "NOASSERTION",
        licenseConcluded: "LGPL-2.1-only",
      }),
    ]);
    expect(problems).toEqual([]);
    expect(distribution).toMatchObject({ id: "debian", version: "12.5" });
    expect(packages).toMatchObject([{ source: { name: "glibc", version: "2.36-9" }, licenses: ["LGPL-2.1-only"] }]);
  });

  test("does not ask for a package URL of the one element that it describes", () => {
    const packages = [{ SPDXID: "root", name: "shop", versionInfo: "1" }];
    expect(readSpdx(packages, { documentDescribes: ["root"] }).problems).toEqual([]);
    expect(readSpdx(packages).problems.length).toBe(1);
  });
});

describe("a document that cannot be read", () => {
  test.each([
    ["", "the SBOM is not well-formed JSON"],
    ["[]", "the SBOM is damaged: the document is not an object"],
    ["{}", "the JSON document is neither CycloneDX nor SPDX"],
    ['{"bomFormat":"CycloneDX"}', "the CycloneDX document gives no version; versions 1.2 to 1.7 are supported"],
    [
      '{"bomFormat":"CycloneDX","specVersion":"2.0"}',
      'the CycloneDX document is of version "2.0"; versions 1.2 to 1.7 are supported',
    ],
    ['{"spdxVersion":"SPDX-2.1"}', 'the SPDX document is of version "SPDX-2.1"; versions 2.2 and 2.3 are supported'],
    [
      '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}',
      "the SPDX 3 document is damaged: it has no @graph",
    ],
    [
      '{"@context":"https://spdx.org/rdf/3.1/spdx-context.jsonld","@graph":[]}',
      "the SPDX 3 document is damaged: it is not of version 3.0",
    ],
    [
      '<bom xmlns="http://cyclonedx.org/schema/bom/1.1"/>',
      'the CycloneDX document is of version "1.1"; versions 1.2 to 1.7 are supported',
    ],
    [
      '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>',
      "the SBOM is not well-formed XML: unclosed root tag",
    ],
    ["# by a tool\nSPDXVersion: SPDX-2.2\nPackage", "the SBOM is damaged: line 3 is not a field of SPDX tag-value"],
    [
      "SPDXVersion: SPDX-2.2\nComment: <text>a",
      "the SBOM is damaged: line 2 is a text without an end of SPDX tag-value",
    ],
    ["<rdf:RDF xmlns:spdx='http://spdx.org/rdf/terms#'/>", "the SBOM is SPDX RDF, which is not supported"],
    [
      '{"bomFormat":"CycloneDX","specVersion":"1.4","components":{}}',
      "the SBOM is damaged: components is not an array",
    ],
    [
      '{"bomFormat":"CycloneDX","specVersion":"1.4","components":[{"components":[{"purl":1}]}]}',
      "the SBOM is damaged: components[0].components[0].purl is not a string",
    ],
    ['{"spdxVersion":"SPDX-2.3","packages":[null]}', "the SBOM is damaged: packages[0] is not an object"],
    [
      '{"artifacts":[],"descriptor":{"name":"syft"},"schema":{"url":"https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.json"}}',
      "the SBOM is Syft's own JSON, which is not supported",
    ],
  ])("%j says why", (text, message) => {
    const error = errorOf(() => readBytes(Buffer.from(text)));
    expect([error.code, error.message]).toEqual(["sbom-malformed", message]);
  });

  test("is refused when it is not UTF-8", () => {
    expect(errorOf(() => readBytes(Buffer.from([0x7b, 0xff, 0x7d]))).message).toBe("the SBOM is not UTF-8 text");
  });

  test("is refused beyond a million components", () => {
    const text = `{"bomFormat":"CycloneDX","specVersion":"1.4","components":[${"{},".repeat(1_000_000)}{}]}`;
    expect(errorOf(() => readBytes(Buffer.from(text))).code).toBe("limit-exceeded");
  });

  test("is refused beyond 256 MiB before anything is decoded", () => {
    const huge = new Uint8Array(256 * 1024 * 1024 + 1);
    expect(errorOf(() => readBytes(huge)).code).toBe("limit-exceeded");
  });

  test("stops on abort", () => {
    const text = '{"bomFormat":"CycloneDX","specVersion":"1.4","components":[{}]}';
    expect(errorOf(() => readBytes(Buffer.from(text), AbortSignal.abort())).code).toBe("cancelled");
  });
});
