import { describe, expect, test } from "vitest";
import { memoryFile } from "../io/bytes/memory-file.ts";
import { describeExtractor, extractionFault, guardedFile } from "./conformance.ts";
import type { Extractor } from "./extractor.ts";

const lines: Extractor = {
  id: "test/lines",
  revision: 1,
  files: [{ basename: "packages.txt" }],
  *extract(file, context) {
    for (const line of new TextDecoder().decode(file.read(0, file.size)).split("\n")) {
      const [name, version] = line.split(" ");
      if (name && version) yield { kind: "package", package: { type: "generic", name, version } };
      else if (line !== "") context.problem({ code: "unreadable", message: "a line has no version", path: file.path });
    }
  },
};

describeExtractor(lines, [
  {
    path: "srv/packages.txt",
    bytes: new TextEncoder().encode("one 1\ntwo 2\n"),
    expected: [
      { kind: "package", package: { type: "generic", name: "one", version: "1" } },
      { kind: "package", package: { type: "generic", name: "two", version: "2" } },
    ],
  },
]);

describe("the guarded file", () => {
  test("notes reads outside the file and beyond the limit, and answers them with nothing", () => {
    const faults: string[] = [];
    const file = guardedFile(memoryFile("a", new Uint8Array(8)), faults);
    expect(file.read(0, 100).length).toBe(8);
    expect(file.read(8, 1).length).toBe(0);
    expect(faults).toEqual([]);
    for (const [offset, length] of [
      [9, 1],
      [-1, 1],
      [0.5, 1],
      [0, 2 ** 40],
      [0, -1],
      [Number.NaN, 1],
    ] as const) {
      expect(file.read(offset, length).length).toBe(0);
    }
    expect(faults.length).toBe(6);
  });
});

describe("the form of an extraction", () => {
  test("is accepted when every text says something", () => {
    const source = { name: "a", version: "1" };
    expect(extractionFault({ kind: "package", package: { type: "deb", name: "a", version: "1", source } })).toBe(
      undefined,
    );
    expect(extractionFault({ kind: "ownership", owner: { type: "deb", name: "a" }, paths: ["a/b"] })).toBe(undefined);
    const distribution = { id: "debian", idLike: [], name: "Debian" };
    expect(extractionFault({ kind: "distribution", distribution })).toBe(undefined);
  });

  test("is refused when a text is empty or a path is absolute", () => {
    expect(extractionFault({ kind: "package", package: { type: "deb", name: "a", version: "" } })).toContain("version");
    const source = { name: "a", version: "" };
    expect(extractionFault({ kind: "package", package: { type: "deb", name: "a", version: "1", source } })).toContain(
      "source",
    );
    expect(extractionFault({ kind: "ownership", owner: { type: "deb", name: "a" }, paths: ["/a"] })).toContain("root");
    expect(extractionFault({ kind: "ownership", owner: { type: "deb", name: "a" }, paths: [] })).toContain("nothing");
    const distribution = { id: "Debian", idLike: [], name: "Debian" };
    expect(extractionFault({ kind: "distribution", distribution })).toContain("lower case");
  });
});
