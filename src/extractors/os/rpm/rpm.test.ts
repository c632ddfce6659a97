import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { rpm } from "./rpm.ts";
import { berkeleyDatabase, headerBlob, ndbDatabase, sqliteDatabase, type TagValue } from "./rpm-fixtures.ts";

const nodejs = headerBlob([
  [1000, "nodejs"],
  [1001, "18.19.0"],
  [1002, "1.module+el8"],
  [1003, 1],
  [1011, "Red Hat, Inc."],
  [1014, "MIT and ASL 2.0"],
  [1022, "x86_64"],
  [1044, "nodejs-18.19.0-1.module+el8.src.rpm"],
  [1116, [0, 1, 0]],
  [1117, ["node", "README.md", "npm"]],
  [1118, ["/usr/bin/", "/usr/share/doc/nodejs/"]],
  [5096, "nodejs:18:8090020240101:abcdef:x86_64"],
]);
const tiny = headerBlob([
  [1000, "t"],
  [1001, "1"],
  [1002, "2"],
]);
const key = headerBlob([
  [1000, "gpg-pubkey"],
  [1001, "fd431d51"],
  [1002, "4ae0493b"],
]);

const nodejsFacts: readonly Extraction[] = [
  {
    kind: "package",
    package: {
      type: "rpm",
      name: "nodejs",
      version: "1:18.19.0-1.module+el8",
      architecture: "x86_64",
      source: { name: "nodejs", version: "1:18.19.0-1.module+el8" },
      licenses: ["MIT and ASL 2.0"],
      vendor: "Red Hat, Inc.",
      module: "nodejs:18",
    },
  },
  {
    kind: "ownership",
    owner: { type: "rpm", name: "nodejs" },
    paths: ["usr/bin/node", "usr/share/doc/nodejs/README.md", "usr/bin/npm"],
  },
];
const tinyFacts: readonly Extraction[] = [{ kind: "package", package: { type: "rpm", name: "t", version: "1-2" } }];

describeExtractor(rpm, [
  {
    path: "usr/lib/sysimage/rpm/Packages.db",
    bytes: ndbDatabase([nodejs, key, tiny]),
    expected: [...nodejsFacts, ...tinyFacts],
  },
  {
    path: "var/lib/rpm/rpmdb.sqlite",
    bytes: sqliteDatabase([nodejs, key, tiny]),
    expected: [...nodejsFacts, ...tinyFacts],
  },
  // Berkeley DB yields what lies on the hash pages first: here `t`, for the others are too long for it.
  {
    path: "var/lib/rpm/Packages",
    bytes: berkeleyDatabase([nodejs, key, tiny]),
    expected: [...tinyFacts, ...nodejsFacts],
  },
  {
    path: "usr/share/rpm/Packages",
    bytes: berkeleyDatabase([key, nodejs], true),
    expected: nodejsFacts,
  },
]);

function read(bytes: Uint8Array): { names: string[]; problems: Problem[]; extractions: Extraction[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const extractions = [...rpm.extract(memoryFile("var/lib/rpm/Packages", bytes), context)];
  const names = extractions.flatMap((one) => (one.kind === "package" ? [one.package.name] : []));
  return { names, problems, extractions };
}

function named(name: string, length: number): Uint8Array {
  return headerBlob([
    [1000, name],
    [1001, "1"],
    [1002, "1"],
    [1004, "x".repeat(length)],
  ]);
}

const many = Array.from({ length: 300 }, (_, index) => named(`package-${index}`, (index * 37) % 5000));
const manyNames = many.map((_, index) => `package-${index}`);

describe("an rpm database", () => {
  test.each([512, 1024, 4096, 65536])("in SQLite with pages of %i bytes gives all packages in order", (pageSize) => {
    const { names, problems } = read(sqliteDatabase(many, pageSize));
    expect(problems).toEqual([]);
    expect(names).toEqual(manyNames);
  });

  test("in ndb form gives packages of every length", () => {
    const some = many.slice(0, 250);
    expect(read(ndbDatabase(some))).toMatchObject({ names: manyNames.slice(0, 250), problems: [] });
  });

  test("in Berkeley DB form gives packages from overflow pages, in either byte order", () => {
    const some = many.slice(3, 18);
    for (const bigEndian of [false, true]) {
      const { names, problems } = read(berkeleyDatabase(some, bigEndian));
      expect(problems).toEqual([]);
      expect(names.sort()).toEqual(manyNames.slice(3, 18).sort());
    }
  });

  test("without packages gives none and no problem", () => {
    for (const bytes of [sqliteDatabase([]), ndbDatabase([]), berkeleyDatabase([])]) {
      expect(read(bytes)).toMatchObject({ names: [], problems: [] });
    }
  });

  test("that is cut off gives a problem in every form", () => {
    for (const bytes of [sqliteDatabase(many), ndbDatabase(many.slice(0, 100)), berkeleyDatabase(many.slice(3, 18))]) {
      for (const share of [0, 0.001, 0.1, 0.5, 0.9]) {
        const { problems } = read(bytes.subarray(0, Math.floor(bytes.length * share)));
        expect(problems.map(({ code }) => code)).toEqual(["unreadable"]);
      }
    }
  });

  test("whose SQLite tree leads back to itself ends with a problem", () => {
    const bytes = Buffer.from(sqliteDatabase(many));
    const interior = Array.from({ length: bytes.length / 512 - 1 }, (_, page) => (page + 1) * 512).find(
      (start) => bytes[start] === 5,
    );
    expect(interior).toBeDefined();
    if (interior === undefined) return;
    bytes.writeUInt32BE(interior / 512 + 1, interior + 8);
    expect(read(bytes).problems[0]?.message).toContain("used in two places");
  });

  test("whose Berkeley DB overflow pages form a circle ends with a problem", () => {
    const bytes = Buffer.from(berkeleyDatabase([named("long", 3000)]));
    bytes.writeUInt32LE(2, 3 * 512 + 16);
    const { names, problems } = read(bytes);
    expect(names).toEqual([]);
    expect(problems[0]?.message).toContain("used in two places");
  });

  test("whose slots all name one blob does not read it a thousand times", () => {
    const bytes = Buffer.from(ndbDatabase([named("long", 100_000)]));
    const slot = bytes.subarray(32, 48);
    for (let at = 48; at < 4096; at += 16) bytes.set(slot, at);
    const { names, problems } = read(bytes);
    expect(names).toEqual(["long"]);
    expect(problems[0]?.message).toContain("claim more bytes than the file has");
  });

  test("without a table of packages gives a problem", () => {
    expect(read(sqliteDatabase(many, 4096, "Parcels")).problems[0]?.message).toContain("no table named Packages");
  });

  test("with one damaged header gives the others and a problem", () => {
    const damaged = named("damaged", 10);
    damaged.fill(0xff, 0, 8);
    const { names, problems } = read(ndbDatabase([named("a", 1), damaged, named("b", 1)]));
    expect(names).toEqual(["a", "b"]);
    expect(problems.length).toBe(1);
  });

  test("of more than 512 MiB is refused before it is read", () => {
    const problems: Problem[] = [];
    const file = {
      ...memoryFile("var/lib/rpm/Packages", new Uint8Array()),
      size: 2 ** 30,
      read: () => {
        throw new Error("read");
      },
    };
    const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
    expect([...rpm.extract(file, context)]).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(["limit-exceeded"]);
  });
});

describe("a header", () => {
  const base: readonly TagValue[] = [
    [1000, "a"],
    [1001, "1"],
    [1002, "2"],
  ];

  function onlyPackage(tags: readonly TagValue[]) {
    const [first] = read(ndbDatabase([headerBlob([...base, ...tags])])).extractions;
    return first?.kind === "package" ? first.package : undefined;
  }

  test("with epoch 0 is the same as one without", () => {
    expect(onlyPackage([[1003, 0]])).toEqual({ type: "rpm", name: "a", version: "1-2" });
  });

  test.each([
    ["util-linux-2.32.1-42.el8_8.src.rpm", { name: "util-linux", version: "2.32.1-42.el8_8" }],
    ["oracle-jdk-1-2.nosrc.rpm", { name: "oracle-jdk", version: "1-2" }],
    ["(none)", undefined],
    ["a-1.src.rpm", undefined],
    ["-1-2.src.rpm", undefined],
    ["a--.src.rpm", undefined],
  ])("with the source file %s", (file, source) => {
    expect(onlyPackage([[1044, file]])?.source).toEqual(source);
  });

  test("whose file lists disagree gives its package and a problem", () => {
    const tags: readonly TagValue[] = [...base, [1116, [0]], [1117, ["x", "y"]], [1118, ["/"]]];
    const { names, problems, extractions } = read(ndbDatabase([headerBlob(tags)]));
    expect(names).toEqual(["a"]);
    expect(extractions.length).toBe(1);
    expect(problems.length).toBe(1);
  });

  test("that puts many files into one immense folder is not multiplied in memory", () => {
    const files = Array.from({ length: 1000 }, (_, index) => String(index));
    const tags: readonly TagValue[] = [
      ...base,
      [1116, files.map(() => 0)],
      [1117, files],
      [1118, [`/${"d".repeat(100_000)}/`]],
    ];
    const { names, problems, extractions } = read(ndbDatabase([headerBlob(tags)]));
    expect(names).toEqual(["a"]);
    expect(extractions.length).toBe(1);
    expect(problems.length).toBe(1);
  });
});
