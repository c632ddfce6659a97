import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Advisory } from "../../model/findings/advisory.ts";
import type { FeedItem } from "../feed-item.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { type DatabaseChange, diffDatabases } from "./diff-databases.ts";

const folder = temporaryFolder();
let files = 0;

function write(parts: Readonly<Record<string, readonly FeedItem[]>>): string {
  const path = join(folder, `${files++}.db`);
  using writer = new AdvisoryDatabaseWriter(path);
  for (const [name, items] of Object.entries(parts)) {
    writer.startPart({ feed: "osv", revision: 1, name, updatedAt: "2025-01-01T00:00:00Z" });
    for (const item of items) writer.add(item);
    writer.endPart({});
  }
  writer.finish({ builtAt: "2025-01-01T00:00:00Z", source: "a test" });
  return path;
}

function advisory(
  id: string,
  packages: readonly (readonly [string, string])[],
  more: Partial<Advisory> = {},
): FeedItem {
  const affected = packages.map(([ecosystem, name]) => ({ package: { ecosystem, name }, versions: ["1"] }));
  return { kind: "advisory", advisory: { id, modified: "2024-01-01T00:00:00Z", affected, ...more } };
}

function statement(name: string, vulnerability: string): FeedItem {
  return {
    kind: "statement",
    ecosystem: "Debian:12",
    name,
    statement: { vulnerability: { name: vulnerability }, products: [], status: "not_affected", author: "x" },
  };
}

function facts(cve: string, exploit: string): FeedItem {
  return { kind: "facts", cve, facts: { exploits: [exploit] } };
}

test("tells what came, went and changed, by ecosystem and id", () => {
  const withdrawn = { withdrawn: "2024-02-01T00:00:00Z" };
  const old = write({
    same: [advisory("S-1", [["npm", "same"]])],
    npm: [
      advisory("A-1", [["npm", "gone"]]),
      advisory("A-2", [["npm", "a"]], { summary: "one" }),
      advisory("A-3", [["npm", "withdrawn"]]),
      advisory("A-4", [["npm", "unchanged"]]),
      advisory("A-5", [["npm", "moved"]]),
      advisory("A-7", []),
    ],
  });
  const young = write({
    same: [advisory("S-1", [["npm", "same"]])],
    npm: [
      advisory("A-2", [["npm", "a"]], { summary: "two" }),
      advisory("A-3", [["npm", "withdrawn"]], withdrawn),
      advisory("A-4", [["npm", "unchanged"]]),
      advisory("A-5", [
        ["npm", "b"],
        ["Debian:12", "b"],
        ["Debian:11", "b"],
      ]),
      advisory("A-8", []),
    ],
    Go: [advisory("A-6", [["Go", "new"]])],
  });
  expect([...diffDatabases(old, young)]).toEqual<DatabaseChange[]>([
    { ecosystem: "Debian", id: "A-5", change: "added", packages: ["b"] },
    { ecosystem: "Go", id: "A-6", change: "added", packages: ["new"] },
    { ecosystem: "npm", id: "A-1", change: "removed", packages: ["gone"] },
    { ecosystem: "npm", id: "A-2", change: "changed", packages: ["a"] },
    { ecosystem: "npm", id: "A-3", change: "removed", packages: ["withdrawn"] },
    { ecosystem: "npm", id: "A-5", change: "changed", packages: ["b", "moved"] },
  ]);
  expect([...diffDatabases(old, old)]).toEqual([]);
});

test("a record that another part hid shows when that part goes", () => {
  const later = { modified: "2024-03-01T00:00:00Z" };
  const kept = [advisory("A-1", [["npm", "a"]])];
  const old = write({ first: kept, second: [advisory("A-1", [["npm", "b"]], later)] });
  expect([...diffDatabases(old, write({ first: kept }))]).toEqual([
    { ecosystem: "npm", id: "A-1", change: "changed", packages: ["a", "b"] },
  ]);
});

test("an advisory that moved to another part has not changed", () => {
  const items = [advisory("A-1", [["npm", "a"]])];
  expect([...diffDatabases(write({ first: items }), write({ second: items }))]).toEqual([]);
});

test("counts statements and facts that came, went or changed", () => {
  const old = write({
    a: [statement("zlib", "CVE-1"), statement("zlib", "CVE-2"), facts("CVE-1", "EDB-1"), facts("CVE-2", "EDB-2")],
    b: [facts("CVE-4", "EDB-4")],
  });
  const young = write({
    a: [statement("zlib", "CVE-2"), statement("curl", "CVE-2"), statement("curl", "CVE-3"), facts("CVE-1", "EDB-9")],
    b: [facts("CVE-4", "EDB-4")],
    c: [facts("CVE-3", "EDB-3"), facts("CVE-4", "EDB-5")],
  });
  expect(diffDatabases(old, young).summary()).toEqual({
    statements: { added: 2, removed: 1 },
    facts: { added: 1, removed: 1, changed: 2 },
  });
  expect(diffDatabases(old, old).summary()).toEqual({
    statements: { added: 0, removed: 0 },
    facts: { added: 0, removed: 0, changed: 0 },
  });
});

const name = fc.constantFrom("a", "b", "é", "\u{1f600}", "\uffff");
const records = fc.dictionary(
  fc.constantFrom("A-1", "A-2", "B-1", "É-1"),
  fc.record({
    packages: fc.uniqueArray(fc.tuple(fc.constantFrom("npm", "Go", "\uffffx", "\u{1f600}"), name), {
      selector: String,
    }),
    summary: name,
  }),
);

test("agrees with a comparison in memory, in the order of UTF-8", () => {
  const keysOf = (all: typeof records extends fc.Arbitrary<infer T> ? T : never): Map<string, string> => {
    const keys = new Map<string, string>();
    for (const [id, { packages, summary }] of Object.entries(all)) {
      for (const ecosystem of new Set(packages.map(([one]) => one))) {
        const names = packages.flatMap(([one, of]) => (one === ecosystem ? of : []));
        keys.set(`${ecosystem}\t${id}`, JSON.stringify([names.sort(), summary]));
      }
    }
    return keys;
  };
  const build = (all: Parameters<typeof keysOf>[0]): string =>
    write({ p: Object.entries(all).map(([id, { packages, summary }]) => advisory(id, packages, { summary })) });
  fc.assert(
    fc.property(records, records, (before, after) => {
      const [old, young] = [keysOf(before), keysOf(after)];
      const expected = [...new Set([...old.keys(), ...young.keys()])]
        .filter((key) => old.get(key) !== young.get(key))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map((key) => `${key}\t${!old.has(key) ? "added" : young.has(key) ? "changed" : "removed"}`);
      const found = [...diffDatabases(build(before), build(after))];
      expect(found.map(({ ecosystem, id, change }) => `${ecosystem}\t${id}\t${change}`)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("a file that is none is said when the difference is used", () => {
  const path = join(folder, "text.db");
  writeFileSync(path, "hello");
  const difference = diffDatabases(path, path);
  expect(() => [...difference]).toThrow(expect.objectContaining({ code: "database-malformed" }));
  expect(() => difference.summary()).toThrow(expect.objectContaining({ code: "database-malformed" }));
});
