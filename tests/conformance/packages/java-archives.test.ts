import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { java } from "../../../src/extractors/language/java/java.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { FoundPackage } from "../../../src/model/packages/package.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { zip } from "../../setup/zip.ts";

interface Outcome {
  readonly packages: readonly FoundPackage[];
  readonly problems: readonly Problem[];
}

function extract(path: string, bytes: Uint8Array): Outcome {
  const problems: Problem[] = [];
  const packages: FoundPackage[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  for (const extraction of java.extract(memoryFile(path, bytes), context)) {
    if (extraction.kind === "package") packages.push(extraction.package);
  }
  return { packages, problems };
}

function namesAndVersions(packages: readonly { readonly name: string; readonly version: string }[]): string[] {
  return packages.map(({ name, version }) => `${name}@${version}`).sort();
}

interface Case {
  readonly name: string;
  readonly input: string;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly file?: string }[];
  readonly error?: boolean;
  readonly options?: { readonly offline?: boolean };
}

interface Cases<T> {
  readonly cases: readonly T[];
}

describeWithCorpus("osv-scalibr's Java archives", () => {
  const { cases } = corpusJson<Cases<Case>>("language/java/scalibr-archive/cases.json");

  /** By input: what Plimsoll gives instead, and why. */
  const differences: Readonly<Record<string, readonly string[]>> = {
    // The origin repeats the artifact where it does not know the group; Plimsoll leaves the group open.
    "no_pom_properties-2.4.0.jar": ["no_pom_properties@2.4.0"],
  };

  test("are 7 cases or more, 1 of them with an expected difference", () => {
    expect(cases.length).toBeGreaterThanOrEqual(7);
    expect(Object.keys(differences)).toHaveLength(1);
  });

  test.each(cases)("$name: $input", ({ input, packages, error }) => {
    const bytes = readFileSync(corpusPath("language/java/scalibr-archive/files", input));
    // One case has no extension; the walk over a tree would not offer it, so it is offered as a jar.
    const outcome = extract(input.includes(".") ? input : `${input}.jar`, bytes);
    expect(namesAndVersions(outcome.packages)).toEqual(differences[input] ?? namesAndVersions(packages));
    expect(outcome.problems.length > 0).toBe(error ?? false);
  });
});

describeWithCorpus("Trivy's Java archives", () => {
  const { cases } = corpusJson<Cases<Case>>("language/java/trivy-java-jar/cases.json");

  /** By name of the case: what Plimsoll gives instead, and why. */
  const differences: Readonly<Record<string, readonly string[]>> = {
    // The origin asks a server for the SHA-1 of the file, and its test server answers 5.3.3; the manifest says 2.5.6.SEC03.
    "sha1 search": ["org.springframework:spring-core@2.5.6.SEC03"],
    // The origin takes the title as the artifact; the bundle's name tells the real one.
    offline: ["org.springframework:spring-core@2.5.6.SEC03"],
  };

  test("are 6 cases or more, 2 of them with an expected difference", () => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
    expect(Object.keys(differences)).toHaveLength(2);
  });

  test.each(cases)("$name: $input", ({ name, input, packages }) => {
    const outcome = extract(input, readFileSync(corpusPath("language/java/trivy-java-jar/files", input)));
    expect(namesAndVersions(outcome.packages)).toEqual(differences[name] ?? namesAndVersions(packages));
    expect(outcome.problems).toEqual([]);
    if (differences[name] !== undefined) return;
    const places = outcome.packages.map(({ inside }) => (inside === undefined ? input : `${input}/${inside}`));
    expect(places.sort()).toEqual(packages.map(({ file }) => file).sort());
  });
});

interface ManifestCase {
  readonly jar: string;
  readonly input: string;
  readonly properties?: string;
  readonly packages: readonly { readonly group_id: string; readonly artifact_id: string; readonly version: string }[];
}

describeWithCorpus("claircore's manifests of real archives", () => {
  const { cases } = corpusJson<Cases<ManifestCase>>("language/java/claircore-manifests/cases.json");
  const withProperties = cases.filter(({ packages }) => packages.length > 0);

  function manifestOf({ input }: ManifestCase): { name: string; content: Buffer } {
    const content = readFileSync(corpusPath("language/java/claircore-manifests/files", input));
    return { name: "META-INF/MANIFEST.MF", content };
  }

  function expectedOf({ packages }: ManifestCase): { group: string; artifact: string; version: string } {
    const [{ group_id: group, artifact_id: artifact, version } = { group_id: "", artifact_id: "", version: "" }] =
      packages;
    return { group, artifact, version };
  }

  /** The archives without a pom.properties, and what their manifest and file name tell. */
  const expectedWithout: Readonly<Record<string, readonly string[]>> = {
    "asm-7.1.jar": ["org.ow2.asm:asm@7.1"],
    "caffeine-2.3.5.jar": ["com.github.ben-manes.caffeine:caffeine@2.3.5"],
    "ecj-4.6.1.jar": ["ecj@4.6.1"],
    "fqltool.jar": [],
    "jna-5.6.0.jar": ["net.java.dev.jna:jna@5.6.0"],
    "json-simple-1.1.jar": ["json-simple@1.1"],
    "sigar-1.6.4.jar": ["sigar@1.6.4"],
    "snappy-java-1.1.2.6.jar": ["org.xerial.snappy:snappy-java@1.1.2.6"],
    "stress.jar": [],
    "zstd-jni-1.3.8-5.jar": ["com.github.luben:zstd-jni@1.3.8-5"],
  };

  test("are 43 cases or more, 33 of them with a pom.properties", () => {
    expect(cases.length).toBeGreaterThanOrEqual(43);
    expect(withProperties.length).toBeGreaterThanOrEqual(33);
  });

  test.each(withProperties)("$jar with its pom.properties is exactly what that says", (value) => {
    const { group, artifact, version } = expectedOf(value);
    const properties = {
      name: `META-INF/maven/${group}/${artifact}/pom.properties`,
      content: readFileSync(corpusPath("language/java/claircore-manifests/files", value.properties ?? "")),
    };
    const outcome = extract(value.jar, zip([manifestOf(value), properties]));
    expect(outcome).toEqual({ packages: [{ type: "maven", name: `${group}:${artifact}`, version }], problems: [] });
  });

  test.each(withProperties)("$jar without its pom.properties is not contradicted by it", (value) => {
    const { group, artifact, version } = expectedOf(value);
    const { packages, problems } = extract(value.jar, zip([manifestOf(value)]));
    expect(problems).toEqual([]);
    expect([[`${group}:${artifact}@${version}`], [`${artifact}@${version}`]]).toContainEqual(
      namesAndVersions(packages),
    );
  });

  test("without pom.properties 22 or more of the 33 still get their group", () => {
    const named = withProperties.filter((value) =>
      extract(value.jar, zip([manifestOf(value)])).packages.some(({ name }) => name.includes(":")),
    );
    expect(named.length).toBeGreaterThanOrEqual(22);
  });

  test("renamed and without pom.properties none of the 33 gets wrong coordinates, and 11 or more are named exactly", () => {
    let exact = 0;
    for (const value of withProperties) {
      const expected = expectedOf(value);
      for (const { name } of extract("renamed.jar", zip([manifestOf(value)])).packages) {
        if (!name.includes(":")) continue;
        expect(name).toBe(`${expected.group}:${expected.artifact}`);
        exact++;
      }
    }
    expect(exact).toBeGreaterThanOrEqual(11);
  });

  test.each(cases.filter(({ packages }) => packages.length === 0))("$jar, which has no pom.properties", (value) => {
    const { packages, problems } = extract(value.jar, zip([manifestOf(value)]));
    expect(namesAndVersions(packages)).toEqual(expectedWithout[value.jar]);
    expect(problems).toEqual([]);
  });
});
