import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { FoundPackage, Package, PackageType } from "../../../src/model/packages/package.ts";
import { packageUrl } from "../../../src/model/packages/package-url.ts";
import type { Layer, Report } from "../../../src/model/reports/report.ts";
import { cyclonedx } from "../../../src/reporters/formats/cyclonedx/cyclonedx.ts";
import { knownExceptions, knownLicenses } from "../../../src/reporters/formats/cyclonedx/licenses.ts";
import { looksLikeSbom } from "../../../src/sources/sbom/looks-like-sbom.ts";
import { readSbom } from "../../../src/sources/sbom/read-sbom.ts";
import type { SbomContents } from "../../../src/sources/sbom/sbom-collector.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { cycloneDxValidator } from "./cyclonedx-schema.ts";

const debian: Distribution = {
  id: "debian",
  idLike: [],
  version: "12",
  codename: "bookworm",
  name: "Debian GNU/Linux 12 (bookworm)",
};
const leap: Distribution = {
  id: "opensuse-leap",
  idLike: ["suse", "opensuse"],
  version: "15.5",
  name: "openSUSE Leap 15.5",
};
const alpineEdge: Distribution = {
  id: "alpine",
  idLike: [],
  version: "3.20.0_alpha20240329",
  name: "Alpine Linux edge",
};

const layer: Layer = { index: 0, diffId: `sha256:${"a".repeat(64)}`, size: 1, base: true, verified: false };

function reportOf(packages: readonly Package[], distro: Distribution | null): Report {
  return {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "0.1.0" },
    createdAt: "2026-01-02T03:04:05Z",
    target: {
      kind: "docker-archive",
      name: "shop.tar",
      imageId: `sha256:${"b".repeat(64)}`,
      manifestDigest: `sha256:${"c".repeat(64)}`,
      tags: ["registry.example:5000/team/shop:1.0"],
      platform: "linux/amd64",
      user: "root",
    },
    distro,
    layers: [layer],
    packages,
    findings: [],
    suppressed: [],
    problems: [{ code: "unreadable", message: "a file cannot be read" }],
    database: { kind: "built-in", builtAt: "", source: "", records: 0, ecosystems: [], parts: [], limits: [] },
    verdict: { decision: "allowed", reasons: ["nothing was found"] },
  };
}

function packageOf(
  { declaration: _declaration, ...found }: FoundPackage,
  distro: Distribution | null,
  more: Partial<Package> = {},
): Package {
  return { ...found, purl: packageUrl(found, distro ?? undefined), paths: [], layer: 0, ...more };
}

function text(report: Report): string {
  return [...cyclonedx(report)].join("");
}

/** The report has a problem, so that the document says that it is incomplete; there must be no other. */
function readBack(document: string): SbomContents {
  const problems: string[] = [];
  const contents = readSbom(Buffer.from(document), {
    signal: new AbortController().signal,
    problem: ({ message }) => void problems.push(message),
  });
  expect(problems).toEqual([expect.stringContaining("is marked as incomplete")]);
  return contents;
}

/** What a document cannot hold: the layer's index. */
function withoutLayers(packages: readonly Package[]): readonly Package[] {
  return packages.map((found) => ({ ...found, layer: null }));
}

const samples: readonly (readonly [string, Report])[] = [
  [
    "Debian with a Python package that it owns",
    reportOf(
      [
        packageOf(
          {
            type: "deb",
            name: "libstdc++6",
            version: "4:12.2.0-14+b1",
            architecture: "amd64",
            source: { name: "gcc-12", version: "12.2.0-14" },
            licenses: ["GPL-3.0-only WITH GCC-exception-3.1"],
          },
          debian,
          { paths: ["var/lib/dpkg/status"] },
        ),
        packageOf({ type: "deb", name: "python3-yaml", version: "6.0-3+b2" }, debian),
        packageOf({ type: "pypi", name: "PyYAML", version: "6.0", licenses: ["MIT"] }, debian, {
          paths: ["usr/lib/python3/dist-packages/PyYAML-6.0.egg-info"],
          ownedBy: { type: "deb", name: "python3-yaml" },
        }),
        packageOf({ type: "pypi", name: "zope.interface", version: "5" }, debian),
        packageOf({ type: "npm", name: "@babel/core", version: "7.0.0", licenses: ["(MIT OR Apache-2.0)"] }, debian, {
          paths: ["srv/a/node_modules/@babel/core/package.json"],
        }),
        packageOf({ type: "npm", name: "@babel/core", version: "7.0.0", licenses: ["See LICENSE", "ISC"] }, debian, {
          paths: ["srv/b.tgz!/package.json", "srv/b/node_modules/@babel/core/package.json"],
        }),
        packageOf({ type: "npm", name: "JSONStream", version: "1.3.5" }, debian),
        packageOf({ type: "npm", name: "shop", version: "1.0.0" }, debian, { ownProject: true }),
        packageOf({ type: "maven", name: "org.apache.logging.log4j:log4j-core", version: "2.14.1" }, debian),
        packageOf({ type: "golang", name: "github.com/BurntSushi/toml", version: "v1.2.0" }, debian, {
          linkedPackages: ["github.com/BurntSushi/toml", "github.com/BurntSushi/toml/internal"],
        }),
        packageOf({ type: "golang", name: "golang.org/x/net", version: "v0.1.0" }, debian, { linkedPackages: [] }),
        packageOf({ type: "golang", name: "example.com/tool", version: "(devel)" }, debian, { mainModule: true }),
        packageOf({ type: "golang", name: "stdlib", version: "1.22.1" }, debian),
        packageOf({ type: "golang", name: "stdlib", version: "1.25.0" }, debian, { builtFor: "windows/amd64" }),
        packageOf({ type: "golang", name: "stdlib", version: "1.25.1" }, debian, {
          paths: ["bin/a b", "bin/c", "bin/d"],
          linkedPackages: ["fmt", "net/http"],
          builtFor: "linux/arm64",
          linkedPrograms: [
            { paths: ["bin/a b"], linkedPackages: [], builtFor: "linux/arm64" },
            { paths: ["bin/c", "bin/d"], linkedPackages: ["fmt", "net/http"], builtFor: "linux/arm64" },
          ],
        }),
      ],
      debian,
    ),
  ],
  [
    "openSUSE with epochs, modules and vendors",
    reportOf(
      [
        packageOf(
          {
            type: "rpm",
            name: "npm",
            version: "1:8.19.2-1.18.9",
            architecture: "x86_64",
            source: { name: "nodejs", version: "1:18.9.1-1" },
            licenses: ["MIT and ASL 2.0"],
            vendor: "SUSE LLC <https://www.suse.com/>",
            module: "nodejs:18",
          },
          leap,
        ),
        packageOf({ type: "rpm", name: "gpg-pubkey", version: "39db7c82-5f68629b" }, leap),
      ],
      leap,
    ),
  ],
  [
    "Alpine between releases",
    reportOf([packageOf({ type: "apk", name: "musl", version: "1.2.5-r0" }, alpineEdge)], alpineEdge),
  ],
  ["nothing at all", reportOf([], null)],
];

describeWithCorpus("the CycloneDX writer", () => {
  const errors = cycloneDxValidator("1.6");

  test("is held to a schema that refuses the specification's invalid documents", () => {
    const folder = "sbom-vex/cyclonedx/1.6";
    const invalid = readdirSync(corpusPath(folder)).filter((name) => /^invalid-.*\.json$/.test(name));
    expect(invalid.length).toBeGreaterThanOrEqual(25);
    expect(invalid.filter((name) => errors(corpusJson(folder, name)).length === 0)).toEqual([]);
  });

  test.each(samples)("writes a valid document for %s, the same one twice", (_, report) => {
    const document = text(report);
    expect(errors(JSON.parse(document))).toEqual([]);
    expect(text(report)).toBe(document);
    expect(looksLikeSbom(Buffer.from(document).subarray(0, 4096))).toBe(true);
  });

  test.each(samples)("and its reader give the same packages and distribution back for %s", (_, report) => {
    const contents = readBack(text(report));
    expect(contents.packages).toEqual(withoutLayers(report.packages));
    expect(contents.distribution).toEqual(report.distro);
  });

  test("writes valid documents for any package and reads back its type, name, version, source and owner", () => {
    const any = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
    const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,20}$/);
    const types: readonly PackageType[] = [
      "deb",
      "rpm",
      "apk",
      "npm",
      "pypi",
      "maven",
      "golang",
      "gem",
      "cargo",
      "nuget",
    ];
    const found = fc.record({
      type: fc.constantFrom(...types),
      name: word,
      version: word.map((version) => `1.${version}`),
      source: fc.record({ name: any, version: any }),
      licenses: fc.uniqueArray(
        any.map((license) => `L${license.trim()}`),
        { minLength: 1, maxLength: 3 },
      ),
      paths: fc.uniqueArray(any.map((path) => `p${path}`)).map((paths) => paths.sort()),
      ownedBy: fc.record({ type: fc.constant<PackageType>("deb"), name: any }),
    });
    fc.assert(
      fc.property(fc.array(found, { maxLength: 5 }), (all) => {
        const packages = all.map(({ paths, ownedBy, ...one }) => {
          const name = one.type === "maven" ? `group:${one.name}` : one.name;
          return packageOf({ ...one, name }, debian, { paths, ownedBy });
        });
        const document = text(reportOf(packages, debian));
        expect(errors(JSON.parse(document))).toEqual([]);
        expect(readBack(document).packages).toEqual(withoutLayers(packages));
      }),
      { numRuns: 100 },
    );
  });

  test("gives 8 SBOMs of other tools back after reading and writing them", () => {
    const documents = [
      ...readdirSync(corpusPath("sbom-vex/cyclonedx-examples/SBOM"), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".json.gz"))
        .map((path) => `sbom-vex/cyclonedx-examples/SBOM/${path}`),
      "sbom-vex/spdx/claircore/decoder/konflux-syft+hermeto.spdx.json.gz",
      "sbom-vex/syft/spdxjson/spdx/alpine-3.10.syft.spdx.json",
      "trivy-goldens/sbom/input/fluentd-multiple-lockfiles-cyclonedx.json",
    ];
    expect(documents.length).toBeGreaterThanOrEqual(8);
    for (const path of documents) {
      const signal = new AbortController().signal;
      const first = readSbom(corpusBytes(path), { signal, problem: () => {} });
      const document = text(reportOf(first.packages, first.distribution));
      expect(errors(JSON.parse(document)), path).toEqual([]);
      const second = readBack(document);
      expect(second.packages, path).toEqual(first.packages);
      expect(second.distribution, path).toEqual(first.distribution);
    }
  });

  test("knows only licence identifiers and exceptions that the schema knows", () => {
    const schema = corpusJson<{ enum: readonly string[] }>("sbom-vex/cyclonedx/schema/spdx.schema.json");
    const listed = new Set(schema.enum);
    expect([...knownLicenses, ...knownExceptions].filter((id) => !listed.has(id))).toEqual([]);
  });
});

test("a package that nothing tells the version of is a component without one", () => {
  const document = JSON.parse(text(reportOf([packageOf({ type: "maven", name: "thing", version: "" }, null)], null)));
  expect(document.components).toMatchObject([{ name: "thing", purl: "pkg:maven/thing" }]);
  expect(document.components[0]).not.toHaveProperty("version");
});
