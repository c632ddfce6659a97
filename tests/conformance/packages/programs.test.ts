import { describe, expect, test } from "vitest";
import { unpackagedPrograms } from "../../../src/extractors/binary/programs/programs.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import { openZip } from "../../../src/io/compression/zip.ts";
import { FileMatcher } from "../../../src/pipeline/inventory/file-matcher.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface ProgramCase {
  readonly input: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

const folder = ["language", "binaries", "syft-classifiers"];
/** What the source writes before the bytes of a program. */
const mark = "### byte snippet to follow ###\n";

/** How the source names a program, where Plimsoll names it as its project does. */
const spellings: Readonly<Record<string, string>> = { "haskell/ghc": "ghc", "haskell/cabal": "cabal" };

const goProgram =
  "A program in Go: its build information names it and its modules. No text near the number says what it is.";
const noText = "No text near the number says what it is: any library in the program has such numbers too.";
const goSource = "The release stands in the program of Go itself, which is read; the file beside it only repeats it.";

/** How the inputs begin whose expectation is not met, each with the reason. */
const differences: Readonly<Record<string, string>> = {
  "auditbeat/": goProgram,
  "consul/1.7.14/": goProgram,
  "elastic-agent/": goProgram,
  "envoy/": noText,
  "filebeat/": goProgram,
  "go-version-hint/": goSource,
  "grafana/10.": goProgram,
  "grafana/11.": goProgram,
  "grafana/12.0.": goProgram,
  "grafana/6.": goProgram,
  "grafana/9.": goProgram,
  "heartbeat/": goProgram,
  "helm/": goProgram,
  istio_: goProgram,
  "metricbeat/": goProgram,
  "mongodb/": noText,
  "nginx-ingress-controller/": goProgram,
  "traefik/": goProgram,
  "vault/": goProgram,
};
/** The inputs that begin so; the others give what the source expects. */
const differing = 71;

function reasonOf(input: string): string | undefined {
  return Object.entries(differences).find(([start]) => input.startsWith(start))?.[1];
}

const matcher = new FileMatcher([unpackagedPrograms]);

describeWithCorpus("conformance: programs that no package manager knows", () => {
  const { cases } = corpusJson<{ cases: readonly ProgramCase[] }>(...folder, "cases.json");
  const snippets = filesOf("snippets.zip");

  test("has all cases", () => {
    expect(cases).toHaveLength(167);
    expect(cases.filter(({ input }) => reasonOf(input) !== undefined)).toHaveLength(differing);
    const unused = Object.keys(differences).filter((start) => !cases.some(({ input }) => input.startsWith(start)));
    expect(unused).toEqual([]);
  });

  describe.each(cases)("$input", ({ input, packages }) => {
    test("gives the version that the source expects, or stands among the differences", () => {
      const files = [...snippets].filter(([path]) => path.startsWith(`${input}/`));
      expect(files.length).toBeGreaterThan(0);
      const found = new Set(files.flatMap(([path, bytes]) => programsIn(path, bytes)));
      const expected = packages.map(({ name, version }) => `${spellings[name] ?? name} ${version}`);
      if (reasonOf(input) !== undefined) expect([...found]).toEqual([]);
      else expect([...found]).toEqual(expected);
    });
  });

  test("recognises no file that only looks like a program", () => {
    const files = [...filesOf("negative.zip")];
    expect(files).toHaveLength(8);
    expect(files.flatMap(([path, bytes]) => programsIn(path, bytes))).toEqual([]);
  });
});

function programsIn(path: string, bytes: Buffer): string[] {
  if (matcher.byPath(path).length === 0) return [];
  const problem = (): void => undefined;
  const context = { signal: new AbortController().signal, problem };
  return [...unpackagedPrograms.extract(memoryFile(path, bytes), context)].flatMap((extraction) =>
    extraction.kind === "package" ? [`${extraction.package.name} ${extraction.package.version}`] : [],
  );
}

function filesOf(archive: string): Map<string, Buffer> {
  const bytes = corpusBytes(...folder, archive);
  const zip = openZip(memoryFile(archive, bytes), archive);
  return new Map(
    [...(zip?.entries() ?? [])].map((entry) => {
      const content = Buffer.from(zip?.read(entry, 1e6) ?? []);
      const start = content.indexOf(mark);
      return [entry.name, start < 0 ? content : content.subarray(start + mark.length)];
    }),
  );
}
