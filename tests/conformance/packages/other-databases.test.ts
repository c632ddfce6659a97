import { expect, test } from "vitest";
import type { Extractor } from "../../../src/extractors/extractor.ts";
import { conda } from "../../../src/extractors/language/conda/conda.ts";
import { chisel } from "../../../src/extractors/os/chisel/chisel.ts";
import { homebrew } from "../../../src/extractors/os/homebrew/homebrew.ts";
import { opkg } from "../../../src/extractors/os/opkg/opkg.ts";
import { pacman } from "../../../src/extractors/os/pacman/pacman.ts";
import { portage } from "../../../src/extractors/os/portage/portage.ts";
import { snap } from "../../../src/extractors/os/snap/snap.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface DatabaseCase {
  readonly name: string;
  readonly input: string;
  readonly error?: boolean;
  readonly options?: unknown;
  readonly opkg?: boolean;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

interface Database {
  readonly folder: string;
  readonly extractor: Extractor;
  /** Where the input lies in an image. */
  readonly path: (input: string) => string;
  readonly cases: number;
  /** Which cases are of this database, where the source has others beside them. */
  readonly isOurs?: (value: DatabaseCase) => boolean;
  /** Inputs that give more or less than the source says, and why. */
  readonly differences?: Readonly<Record<string, { readonly found: readonly string[]; readonly reason: string }>>;
}

const databases: readonly Database[] = [
  {
    folder: "package-dbs/pacman/scalibr",
    extractor: pacman,
    path: () => "var/lib/pacman/local/a-1-1/desc",
    cases: 7,
  },
  {
    folder: "package-dbs/portage/scalibr",
    extractor: portage,
    path: () => "var/db/pkg/dev-perl/a-1/PF",
    cases: 5,
    differences: {
      valid: {
        found: ["dev-perl/Getopt-Long 2.580.0"],
        reason: "Two categories may have packages of one name, so the category is a part of it.",
      },
    },
  },
  {
    folder: "package-dbs/dpkg/scalibr",
    extractor: opkg,
    path: () => "usr/lib/opkg/status",
    cases: 11,
    isOurs: ({ opkg: ofOpkg, options }) => ofOpkg === true && options === undefined,
    differences: {
      "opkg/statusfield": {
        found: ["wantinstall_installed 1.0", "wantinstall_unpacked 1.0", "wantpurge_installed 1.0"],
        reason: "Files of what is unpacked are in place, whether or not it is configured.",
      },
    },
  },
  { folder: "package-dbs/snap/scalibr", extractor: snap, path: () => "snap/core/1/meta/snap.yaml", cases: 5 },
  {
    folder: "package-dbs/chisel/scalibr",
    extractor: chisel,
    path: () => "var/lib/chisel/manifest.wall",
    cases: 6,
  },
  {
    folder: "package-dbs/homebrew/scalibr",
    extractor: homebrew,
    path: (input) => `opt/homebrew/${input}`,
    cases: 2,
    differences: {
      "Caskroom/android-platform-tools/35.0.2/platform-tools/source.properties": {
        found: [],
        reason: "A cask is a program for macOS, which no image has.",
      },
    },
  },
  {
    folder: "language/python/scalibr-condameta",
    extractor: conda,
    path: () => "opt/conda/conda-meta/a.json",
    cases: 3,
  },
  {
    folder: "language/python/trivy-conda-meta",
    extractor: conda,
    path: () => "opt/conda/conda-meta/a.json",
    cases: 3,
  },
];

describeWithCorpus("conformance: databases of other package managers", () => {
  for (const { folder, extractor, path, cases, isOurs, differences } of databases) {
    const all = corpusJson<{ cases: readonly DatabaseCase[] }>(...folder.split("/"), "cases.json").cases;
    const ours = isOurs ? all.filter(isOurs) : all;
    test(`${folder} has ${cases} cases`, () => expect(ours).toHaveLength(cases));

    test.each(ours)(`${folder}: $name ($input)`, ({ input, packages, error }) => {
      const { found, problems } = read(extractor, path(input), corpusBytes(...folder.split("/"), "files", input));
      const expected = packages.map(({ name, version }) => `${name} ${version}`).sort();
      expect(found).toEqual(differences?.[input]?.found ?? expected);
      if (error) expect(problems).toHaveLength(1);
    });
  }

  test("a database of pacman gives its packages and files, and a problem for a damaged one", () => {
    const folder = ["package-dbs", "pacman", "syft"];
    const { packages } = corpusJson<DatabaseCase>(...folder, "expected.json");
    const place = "var/lib/pacman/local";
    const folders = ["fuzzy-1.2-3", "madeup-20.30-4", "corrupt-0.2.1-3", "emacs-29.3-3", "tree-sitter-0.22.6-1"];
    const readings = [...folders, "gmp-6.2.1-2"].map((name) => {
      const path = `${place}/${name}/desc`;
      return read(pacman, path, corpusBytes(...folder, "rootfs", path));
    });
    expect(readings.flatMap(({ found }) => found).sort()).toEqual(
      packages.map(({ name, version }) => `${name} ${version}`).sort(),
    );
    expect(readings.flatMap(({ problems }) => problems)).toHaveLength(1);
  });
});

function read(extractor: Extractor, path: string, bytes: Buffer): { found: string[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  const found = [...extractor.extract(memoryFile(path, bytes), context)].flatMap((extraction) =>
    extraction.kind === "package" ? [`${extraction.package.name} ${extraction.package.version}`] : [],
  );
  return { found: found.sort(), problems };
}
