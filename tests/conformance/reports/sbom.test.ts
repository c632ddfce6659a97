import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { PlimsollError } from "../../../src/model/error.ts";
import type { Package } from "../../../src/model/packages/package.ts";
import { isPackageType } from "../../../src/model/packages/package-type.ts";
import { formatPackageUrl, parsePackageUrl } from "../../../src/model/packages/package-url.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { looksLikeSbom } from "../../../src/sources/sbom/looks-like-sbom.ts";
import { readSbom } from "../../../src/sources/sbom/read-sbom.ts";
import type { SbomContents } from "../../../src/sources/sbom/sbom-collector.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

const root = "sbom-vex";
const versions = ["1.4", "1.5", "1.6", "1.7"];

interface Reading extends SbomContents {
  readonly problems: readonly Problem[];
}

function read(bytes: Uint8Array): Reading {
  const problems: Problem[] = [];
  const signal = new AbortController().signal;
  return { ...readSbom(bytes, { signal, problem: (problem) => problems.push(problem) }), problems };
}

/** The contents, or the error when it is one of Plimsoll's own; any other error escapes. */
function readOrRefuse(bytes: Uint8Array): Reading | PlimsollError {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
}

/** The documents under a folder of the corpus, by path, without Markdown. */
function documents(folder: string): readonly string[] {
  return readdirSync(corpusPath(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(corpusPath(root).length + 1))
    .sort();
}

function isJson(path: string): boolean {
  return /\.json(\.gz)?$/.test(path);
}

/** XML documents whose JSON form of the same name describes other components. */
const otherTwins = [
  ...["bom", "license-expression", "license-id", "license-name"].map((name) => `1.4/valid-${name}-1.4`),
  ...["bom", "license-expression", "license-id", "license-name"].map((name) => `1.5/valid-${name}-1.5`),
  ...["1.7/valid-component-external-with-version", "1.7/valid-license-choice-1.7"],
];

describeWithCorpus("CycloneDX documents of the specification", () => {
  test("all 168 valid JSON documents of 1.4 to 1.7 are recognised and read", () => {
    const valid = versions
      .flatMap((version) => documents(`cyclonedx/${version}`))
      .filter((path) => path.endsWith(".json") && path.includes("/valid-"));
    expect(valid.length).toBeGreaterThanOrEqual(168);
    for (const path of valid) {
      const bytes = corpusBytes(root, path);
      expect(looksLikeSbom(bytes.subarray(0, 4096)), path).toBe(true);
      expect(read(bytes).format, path).toBe("cyclonedx");
    }
  });

  test("of 98 invalid JSON documents 4 are refused and the others, wrong only in parts not used here, are read", () => {
    const invalid = versions
      .flatMap((version) => documents(`cyclonedx/${version}`))
      .filter((path) => path.endsWith(".json") && path.includes("/invalid-"));
    expect(invalid.length).toBeGreaterThanOrEqual(98);
    const refused = invalid.filter((path) => readOrRefuse(corpusBytes(root, path)) instanceof PlimsollError);
    expect(refused).toEqual(versions.map((version) => `cyclonedx/${version}/invalid-bomformat-${version}.json`));
  });

  test("all 176 valid XML documents of 1.4 to 1.7 are recognised and read, with the packages of their JSON forms", () => {
    const all = versions.flatMap((version) => documents(`cyclonedx/${version}`));
    const valid = all.filter((path) => path.endsWith(".xml") && path.includes("/valid-"));
    expect(valid.length).toBeGreaterThanOrEqual(176);
    const unequal: string[] = [];
    let compared = 0;
    for (const path of valid) {
      const bytes = corpusBytes(root, path);
      expect(looksLikeSbom(bytes.subarray(0, 4096)), path).toBe(true);
      const { format, packages, distribution } = read(bytes);
      expect(format, path).toBe("cyclonedx");
      const json = path.replace(/xml$/, "json");
      if (!all.includes(json)) continue;
      compared++;
      const twin = read(corpusBytes(root, json));
      const isEqual = JSON.stringify([packages, distribution]) === JSON.stringify([twin.packages, twin.distribution]);
      if (!isEqual) unequal.push(path);
    }
    expect(compared).toBeGreaterThan(160);
    expect(unequal).toEqual(otherTwins.map((name) => `cyclonedx/${name}.xml`));
  });

  test("of 103 invalid XML documents 4 are refused and the others, wrong only in parts not used here, are read", () => {
    const invalid = versions
      .flatMap((version) => documents(`cyclonedx/${version}`))
      .filter((path) => path.endsWith(".xml") && path.includes("/invalid-"));
    expect(invalid.length).toBeGreaterThanOrEqual(103);
    const refused = invalid.filter((path) => readOrRefuse(corpusBytes(root, path)) instanceof PlimsollError);
    expect(refused).toEqual(versions.map((version) => `cyclonedx/${version}/invalid-namespace-${version}.xml`));
  });

  test("the 50 examples are read with their packages", () => {
    const examples = documents("cyclonedx-examples").filter(isJson);
    expect(examples.length).toBeGreaterThanOrEqual(50);
    const counts = Object.fromEntries(
      examples.map((path) => [path.replace(/^.*\/SBOM\//, ""), read(corpusBytes(root, path)).packages.length]),
    );
    // Each with the one that it is about, which its list leaves out.
    expect(counts).toMatchObject({
      "cern-lhc-vdm-editor-e564943/bom.json.gz": 43 + 1,
      "dropwizard-1.3.15/bom.json.gz": 167 + 1,
      "juice-shop/v11.1.2/bom.json.gz": 840 + 1,
      // It is about a branch, `dev-master`, which is no version.
      "laravel-7.12.0/bom.1.4.json.gz": 62,
      "proton-bridge/proton-bridge-v1.8.0.bom.json.gz": 201 + 1,
    });
  });
});

describeWithCorpus("documents of other tools", () => {
  test("SPDX is read and every other form is refused in one sentence", () => {
    const all = ["spdx", "syft"].flatMap(documents);
    expect(all.length).toBeGreaterThanOrEqual(58);
    const outcomes: Record<string, string> = {};
    for (const path of all) {
      const result = readOrRefuse(corpusBytes(root, path));
      outcomes[path] = result instanceof PlimsollError ? result.code : `${result.format} ${result.packages.length}`;
      if (result instanceof PlimsollError) expect(result.message, path).toMatch(/^[^\n]{20,120}[^.\n]$/);
    }
    expect(Object.values(outcomes).filter((outcome) => outcome === "sbom-malformed").length).toBe(14);
    expect(outcomes).toMatchObject({
      "spdx/claircore/decoder/konflux-syft+hermeto.spdx.json.gz": "spdx 978",
      "spdx/tools-golang/SPDXJSONExample-v2.3.spdx.json": "spdx 1",
      "syft/cyclonedxjson/bad-sbom": "sbom-malformed",
      "syft/cyclonedxjson/identify/1.2.json": "cyclonedx 1",
      "syft/cyclonedxjson/identify/1.7.json": "cyclonedx 1",
      "spdx/tools-golang/SPDXTagExample-v2.3.spdx": "spdx 1",
      "spdx/tools-golang/SPDXXMLExample-v2.2.spdx.xml": "sbom-malformed",
      "spdx/tools-golang/SPDXYAMLExample-2.3.spdx.yaml": "spdx 1",
      "syft/cyclonedxxml/identify/1.7.xml": "cyclonedx 1",
      "syft/spdxjson/identify/3.0.json": "spdx 0",
      "syft/spdxtagvalue/identify/2.3.sbom": "spdx 1",
      "syft/spdxjson/spdx/alpine-3.10.syft.spdx.json": "spdx 3",
      "syft/syftjson/identify/11.0.0.json": "sbom-malformed",
    });
  });

  test("Syft's SPDX gives source packages, epochs, the distribution and who owns a package's files", () => {
    const { packages, distribution } = read(
      corpusBytes(root, "spdx/claircore/decoder/konflux-syft+hermeto.spdx.json.gz"),
    );
    expect(distribution).toMatchObject({ id: "rhel", version: "9.7" });
    const named = (name: string): Package | undefined => packages.find((found) => found.name === name);
    expect(named("acl")).toMatchObject({
      type: "rpm",
      version: "2.3.1-4.el9",
      architecture: "x86_64",
      source: { name: "acl", version: "2.3.1-4.el9" },
      vendor: "Red Hat, Inc.",
      paths: ["var/lib/rpm/rpmdb.sqlite"],
    });
    expect(named("chardet")).toMatchObject({ type: "pypi", ownedBy: { type: "rpm", name: "python3-chardet" } });
    expect(packages.filter(({ ownedBy }) => ownedBy).length).toBe(18);
    expect(packages.filter(({ architecture }) => architecture === "src")).toEqual([]);
    expect(packages.some(({ version }) => version.startsWith("1:"))).toBe(true);
  });

  test("Trivy's CycloneDX gives source packages, paths and the distribution", () => {
    const { packages, distribution, problems } = read(
      corpusBytes("trivy-goldens/sbom/input/fluentd-multiple-lockfiles-cyclonedx.json"),
    );
    expect(problems).toEqual([]);
    expect(distribution).toMatchObject({ id: "debian", version: "10.2" });
    expect(packages.map(({ name, version, source, paths }) => ({ name, version, source, paths }))).toEqual([
      { name: "bash", version: "5.0-4", source: { name: "bash", version: "5.0-4" }, paths: [] },
      { name: "libidn2-0", version: "2.0.5-1", source: { name: "libidn2", version: "2.0.5-1" }, paths: [] },
      {
        name: "activesupport",
        version: "6.0.2.1",
        source: undefined,
        paths: ["var/lib/gems/2.5.0/specifications/activesupport-6.0.2.1.gemspec"],
      },
    ]);
  });
});

interface ReadCase {
  readonly name: string;
  readonly input: string;
  readonly error?: boolean;
  readonly packages: readonly {
    readonly name: string;
    readonly metadata?: { readonly PURL?: string | UrlParts };
  }[];
}

interface UrlParts {
  readonly Type: string;
  readonly Namespace?: string;
  readonly Name: string;
  readonly Version: string;
}

/** Cases whose packages are not read: input to reason. */
const otherForms: Readonly<Record<string, string>> = {
  "spdx/sbom.spdx.rdf": "SPDX RDF is refused",
};

/** Packages that a document is about and that the cases leave out: input to package URLs. */
const describedOnly: Readonly<Record<string, readonly string[]>> = {
  "cdx/minimal.cdx.json": ["pkg:maven/com.example.group/fooBar@1.2.3?project_path=:"],
};

describeWithCorpus("read cases", () => {
  test("24 cases: packages of a known type by package URL, others counted as a problem, wrong documents refused", () => {
    const { cases } = corpusJson<{ cases: readonly ReadCase[] }>(root, "read/cases.json");
    expect(cases.length).toBeGreaterThanOrEqual(24);
    for (const { input, error, packages } of cases) {
      const result = readOrRefuse(corpusBytes(root, "read", input));
      if (error || Object.hasOwn(otherForms, input)) {
        expect(result, input).toBeInstanceOf(PlimsollError);
        continue;
      }
      if (result instanceof PlimsollError) throw result;
      const urls = packages.map(({ metadata }) => canonical(metadata?.PURL));
      const known = urls.filter((url) => url !== undefined && isPackageType(parsePackageUrl(url)?.type ?? ""));
      const expected = [...known, ...(describedOnly[input] ?? [])].sort();
      expect(result.packages.map(({ purl }) => parsePackageUrl(purl)?.canonical).sort(), input).toEqual(expected);
      const images = urls.filter((url) => url?.startsWith("pkg:docker/"));
      expect(result.problems.length > 0, input).toBe(packages.length > known.length + images.length);
    }
  });

  test("an occurrence is a path", () => {
    const { packages } = read(corpusBytes(root, "read/cdx/sbom-with-locations.cdx.json"));
    expect(packages).toEqual([
      {
        type: "npm",
        name: "@gar/promisify",
        version: "1.1.3",
        purl: "pkg:npm/%40gar/promisify@1.1.3",
        paths: [
          "home/test/.vscode-server/bin/node_modules/@gar/promisify/package.json",
          "usr/lib/node_modules/@gar/promisify/package.json",
        ],
        layer: null,
      },
    ]);
  });
});

function canonical(url: string | UrlParts | undefined): string | undefined {
  if (url === undefined || typeof url === "string") return url && parsePackageUrl(url)?.canonical;
  return formatPackageUrl({ type: url.Type, namespace: url.Namespace, name: url.Name, version: url.Version });
}

describeWithCorpus("damaged documents", () => {
  const samples = [
    "cyclonedx/1.6/valid-bom-1.6.json",
    "cyclonedx/1.7/valid-evidence-1.7.json",
    "read/spdx/external_refs.spdx.json",
    "syft/cyclonedxjson/identify/1.5.json",
    "syft/spdxjson/spdx/alpine-3.10.syft.spdx.json",
  ];

  test("2,500 truncations and byte flips in 5 documents are read or refused, never worse", () => {
    let count = 0;
    let refused = 0;
    for (const path of samples) {
      const bytes = corpusBytes(root, path);
      let seed = 1;
      for (let round = 0; round < 500; round += 1) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        const place = seed % bytes.length;
        const damaged = round % 5 === 0 ? bytes.subarray(0, place) : Buffer.from(bytes);
        if (round % 5 !== 0) damaged[place] = (seed >>> 16) & 0xff;
        count += 1;
        if (readOrRefuse(damaged) instanceof PlimsollError) refused += 1;
      }
    }
    expect(count).toBe(2500);
    expect(refused).toBeGreaterThan(500);
  });

  test("every value of 5 documents replaced by one of another type is read or refused, never worse", () => {
    let count = 0;
    for (const path of samples) {
      const text = corpusBytes(root, path).toString("utf8");
      const total = countValues(JSON.parse(text));
      for (let index = 0; index < total; index += 1) {
        let seen = -1;
        const changed = JSON.stringify(JSON.parse(text), (_, value: unknown) => {
          seen += 1;
          return seen === index ? replacement(value, index) : value;
        });
        readOrRefuse(Buffer.from(changed ?? ""));
        count += 1;
      }
    }
    expect(count).toBeGreaterThanOrEqual(500);
  });
});

function countValues(document: unknown): number {
  let count = 0;
  JSON.stringify(document, (_, value: unknown) => {
    count += 1;
    return value;
  });
  return count;
}

function replacement(value: unknown, index: number): unknown {
  const others = [null, 7, true, "text", [], {}, [null], [[]], { name: 1 }];
  const other = others[index % others.length];
  return typeof other === typeof value ? 7 : other;
}
