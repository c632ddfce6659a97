import { expect, test } from "vitest";
import { gem } from "../../../src/extractors/language/gem/gem.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface CorpusCase {
  readonly name: string;
  readonly input: string;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly licenses?: string[] }[];
  readonly error?: boolean;
}

/** Inputs whose expectation is not met, each with the reason. */
const differences: Readonly<Record<string, string>> = {
  "version_inline.gemspec":
    "The version is the name of a constant. That is the source of a gem: RubyGems writes values into the specification of an installed one.",
};

// 8 cases, of which 1 differs.
describeWithCorpus("specifications of installed Ruby gems", () => {
  test.each([
    { folder: "scalibr-gemspec", count: 4 },
    { folder: "trivy-ruby-gemspec", count: 4 },
  ])("$folder: $count cases", ({ folder, count }) => {
    const { cases } = corpusJson<{ readonly cases: readonly CorpusCase[] }>("language", "ruby", folder, "cases.json");
    expect(cases.length).toBeGreaterThanOrEqual(count);
    for (const { input, packages, error } of cases) {
      const found = read(corpusBytes("language", "ruby", folder, "files", input));
      const wanted = packages.map(({ name, version }) => ({ name, version }));
      if (Object.hasOwn(differences, input)) {
        expect(found.packages, input).toEqual([]);
        expect(found.problems.length, input).toBe(1);
        continue;
      }
      expect(
        found.packages.map(({ name, version }) => ({ name, version })),
        input,
      ).toEqual(wanted);
      for (const [index, { licenses }] of packages.entries()) {
        if (licenses) expect(found.packages[index]?.licenses, input).toEqual(licenses);
      }
      if (error === true) expect(found.problems.length, input).toBe(1);
    }
  });
});

function read(bytes: Uint8Array) {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const file = memoryFile("usr/local/bundle/specifications/installed.gemspec", bytes);
  const packages = [...gem.extract(file, context)].flatMap((value) =>
    value.kind === "package" ? [value.package] : [],
  );
  return { packages, problems };
}
