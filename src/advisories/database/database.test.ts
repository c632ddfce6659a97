import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Advisory, AdvisoryIndex, SeverityStatement } from "../../model/findings/advisory.ts";
import type { FeedItem } from "../feed-item.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { memoryIndex } from "./memory-index.ts";
import { openAdvisoryDatabase } from "./open-advisory-database.ts";
import { readParts } from "./read-parts.ts";

const folder = temporaryFolder();
const origin = { builtAt: "2025-01-01T00:00:00Z", source: "a test" };
const part = { feed: "osv", revision: 3, name: "everything", updatedAt: "2025-01-01T00:00:00Z" };

function advisory(id: string, packages: readonly [string, string][], more: Partial<Advisory> = {}): Advisory {
  const affected = packages.map(([ecosystem, name]) => ({ package: { ecosystem, name }, versions: ["1"] }));
  return { id, modified: "2024-01-01T00:00:00Z", affected, ...more };
}

function write(name: string, advisories: readonly Advisory[], more: readonly FeedItem[] = []): string {
  const path = join(folder, name);
  using writer = new AdvisoryDatabaseWriter(path);
  writer.startPart(part);
  for (const item of [...advisories.map((one) => ({ kind: "advisory", advisory: one }) as const), ...more])
    writer.add(item);
  writer.endPart({ etag: "1" });
  writer.finish(origin);
  return path;
}

const hostileNames = ["__proto__", "constructor", "a'; DROP TABLE record; --", '"', "%", "*", "\0", "naïve", ""];
const records = [
  advisory("A-1", [
    ["Debian:12", "openssl"],
    ["Debian:11", "openssl"],
    ["Alpine:v3.19", "openssl"],
  ]),
  advisory("A-2", [["PyPI", "Flask_Cors"]], { modified: "2024-06-01T00:00:00Z", summary: "text" }),
  advisory("A-3", [["PyPI", "flask-cors"]], { withdrawn: "2024-02-01T00:00:00Z", aliases: ["CVE-2024-9", "GHSA-9"] }),
  advisory("A-4", [["Wolfi", "openssl"]], { modified: "0001-01-01T00:00:00Z" }),
  advisory("A-5", []),
  ...hostileNames.map((name, index) => advisory(`H-${index}`, [["npm", name]])),
];
const notAffected = (ecosystem: string, name: string, vulnerability: string): FeedItem => ({
  kind: "statement",
  ecosystem,
  name,
  statement: { vulnerability: { name: vulnerability }, products: [], status: "not_affected", author: "a publisher" },
});
const more: readonly FeedItem[] = [
  notAffected("Debian:12", "openssl", "CVE-2024-2"),
  notAffected("Debian:11", "openssl", "CVE-2024-3"),
  notAffected("Debian:12", "openssl", "CVE-2024-1"),
  notAffected("Debian:12", "zlib", "CVE-2024-1"),
  notAffected("PyPI", "Flask_Cors", "CVE-2024-4"),
  notAffected("Photon OS:4.0", "openssl", "CVE-2024-1"),
  { kind: "facts", cve: "CVE-2024-1", facts: { exploits: ["EDB-1"] } },
  { kind: "facts", cve: "CVE-2024-1", facts: { exploits: ["EDB-2"], severities: [word("Low")] } },
  { kind: "release-cycle", product: "debian", cycle: { cycle: "12", endOfLife: "2028-06-30" } },
  { kind: "release-cycle", product: "debian", cycle: { cycle: "11", endOfLife: true } },
  { kind: "repository", repository: "baseos", cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/b"] },
  { kind: "repository", repository: "baseos", cpes: ["cpe:/b", "cpe:/a"] },
];
const file = write("all.db", records, more);

const indexes: [string, () => AdvisoryIndex][] = [
  ["a file", () => openAdvisoryDatabase(file)],
  ["memory", () => memoryIndex(records, { kind: "file", ...origin }, more)],
];

function word(score: string): SeverityStatement {
  return { source: "a publisher", type: "word", score };
}

describe.each(indexes)("an index in %s", (_, open) => {
  const index = open();
  const ids = (ecosystem: string, name: string): string[] => index.find(ecosystem, name).map(({ id }) => id);

  test("finds records by ecosystem and normalised name, without withdrawn ones", () => {
    expect(ids("PyPI", "FLASK.cors")).toEqual(["A-2"]);
    expect(ids("Debian", "openssl")).toEqual(["A-1"]);
    expect(ids("Debian", "OpenSSL")).toEqual([]);
    expect(ids("Go", "openssl")).toEqual([]);
  });

  test("gives a record with the entries for the package that was asked for", () => {
    const [found] = index.find("Debian", "openssl");
    expect(found?.affected?.map((entry) => entry.package?.ecosystem)).toEqual(["Debian:12", "Debian:11"]);
    expect(index.find("PyPI", "flask-cors")[0]).toMatchObject({ summary: "text", modified: "2024-06-01T00:00:00Z" });
  });

  test("knows every name of a vulnerability, in any case, and no part of one", () => {
    for (const name of ["A-1", "a-3", "CVE-2024-9", "ghsa-9", "CVE-2024-1", "CVE-2024-4", "cve-2024-1"]) {
      expect(index.isNamed(name)).toBe(true);
    }
    for (const name of ["A-9", "A-", "CVE-2024-", "CVE-2024-99", "%", "A_1", "GHSA-_", '"', "A".repeat(60_000)]) {
      expect(index.isNamed(name)).toBe(false);
    }
  });

  test("keeps names apart that mean something elsewhere", () => {
    for (const [number, name] of hostileNames.entries()) expect(ids("npm", name)).toEqual([`H-${number}`]);
    expect(ids("npm", "toString")).toEqual([]);
    expect(ids("npm", "' OR 1=1 --")).toEqual([]);
  });

  test("knows what it covers, releases too", () => {
    expect(index.covers("Debian")).toBe(true);
    expect(index.covers("Debian:12")).toBe(true);
    expect(index.covers("Debian:7")).toBe(false);
    expect(index.covers("Wolfi")).toBe(true);
    expect(index.covers("constructor")).toBe(false);
  });

  test("tells the withdrawn records of a name apart", () => {
    expect(index.withdrawn("PyPI", "Flask_Cors").map(({ id }) => id)).toEqual(["A-3"]);
    expect(index.withdrawn("Debian", "openssl")).toEqual([]);
  });

  test("gives statements on a package with their release, sorted", () => {
    const told = (ecosystem: string, name: string): string[] =>
      index.statements(ecosystem, name).map((one) => `${one.ecosystem} ${one.vulnerability.name}`);
    expect(told("Debian", "openssl")).toEqual(["Debian:11 CVE-2024-3", "Debian:12 CVE-2024-1", "Debian:12 CVE-2024-2"]);
    expect(told("PyPI", "flask.cors")).toEqual(["PyPI CVE-2024-4"]);
    expect(told("Photon OS", "openssl")).toEqual(["Photon OS:4.0 CVE-2024-1"]);
    expect(told("Debian", "curl")).toEqual([]);
    expect(index.statements("Debian", "zlib")).toEqual([
      {
        ecosystem: "Debian:12",
        vulnerability: { name: "CVE-2024-1" },
        products: [],
        status: "not_affected",
        author: "a publisher",
      },
    ]);
  });

  test("joins facts on one CVE and gives cycles in their order and CPE names once", () => {
    expect(index.facts("CVE-2024-1")).toEqual({ exploits: ["EDB-1", "EDB-2"], severities: [word("Low")] });
    expect(index.facts("CVE-2024-2")).toBeUndefined();
    expect(index.releaseCycles("debian").map(({ cycle }) => cycle)).toEqual(["12", "11"]);
    expect(index.releaseCycles("ubuntu")).toEqual([]);
    expect(index.repositoryCpes("baseos")).toEqual(["cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/b", "cpe:/a"]);
    expect(index.repositoryCpes("appstream")).toEqual([]);
  });

  test("statements alone cover nothing", () => {
    expect(index.covers("Photon OS")).toBe(false);
    expect(index.covers("Photon OS:4.0")).toBe(false);
  });

  test("counts records, withdrawn ones too", () => {
    expect(index.status).toMatchObject({ ...origin, records: records.length });
    expect(index.status.ecosystems).toEqual([
      { ecosystem: "Alpine", records: 1, newest: "2024-01-01T00:00:00Z" },
      { ecosystem: "Debian", records: 1, newest: "2024-01-01T00:00:00Z" },
      { ecosystem: "PyPI", records: 2, newest: "2024-06-01T00:00:00Z" },
      // The zero of Go's times, which is none.
      { ecosystem: "Wolfi", records: 1 },
      { ecosystem: "npm", records: hostileNames.length, newest: "2024-01-01T00:00:00Z" },
    ]);
  });
});

test("the same items give the same bytes", () => {
  expect(readFileSync(write("again.db", records, more)).equals(readFileSync(file))).toBe(true);
});

test("of two records with one id the later counts, whatever their order", () => {
  const old = advisory("A-1", [["npm", "old"]]);
  const young = advisory("A-1", [["npm", "young"]], { modified: "2024-01-01T00:00:00.5Z" });
  for (const [name, order] of [
    ["old-first.db", [old, young]],
    ["young-first.db", [young, old]],
  ] as const) {
    const index = openAdvisoryDatabase(write(name, order));
    expect(index.find("npm", "old")).toEqual([]);
    expect(index.find("npm", "young")).toHaveLength(1);
    expect(index.status.records).toBe(1);
    index.close();
  }
});

test("tells of its parts", () => {
  const items = records.length + more.length;
  const { parts } = openAdvisoryDatabase(file).status;
  expect(parts).toEqual([{ feed: "osv", revision: 3, name: "everything", updatedAt: "2025-01-01T00:00:00Z", items }]);
  expect(readParts(file)).toEqual([{ feed: "osv", revision: 3, name: "everything", items, position: { etag: "1" } }]);
});

test("records come in the order of their ids, wherever they lie, and with what is kept apart", () => {
  const background = { published: "2023-01-01T00:00:00Z", details: "long" };
  const path = write("near.db", [
    advisory("A-1", [["npm", "x"]], { ...background, summary: "short" }),
    advisory("A-3", [
      ["npm", "x"],
      ["npm", "a"],
    ]),
    advisory("A-2", [["npm", "x"]], background),
  ]);
  const found = openAdvisoryDatabase(path).find("npm", "x");
  expect(found.map(({ id, published, summary, details }) => [id, published, summary, details])).toEqual([
    ["A-1", "2023-01-01T00:00:00Z", "short", "long"],
    ["A-2", "2023-01-01T00:00:00Z", undefined, "long"],
    ["A-3", undefined, undefined, undefined],
  ]);
});

test("names that are not Unicode do not collide", () => {
  const path = write("surrogates.db", [
    advisory("A-1", [
      ["npm", "\ud800"],
      ["npm", "\ud801"],
    ]),
  ]);
  expect(openAdvisoryDatabase(path).find("npm", "\ufffd")[0]?.affected).toHaveLength(2);
});

test("a writer that does not finish leaves what was there and no other file", () => {
  const path = write("kept.db", records.slice(0, 1));
  const before = readFileSync(path);
  {
    using writer = new AdvisoryDatabaseWriter(path);
    writer.startPart(part);
    writer.add({ kind: "advisory", advisory: advisory("B-1", [["npm", "x"]]) });
  }
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

test("an open database stays readable when a new one takes its place", () => {
  const path = write("replaced.db", [advisory("A-1", [["npm", "x"]])]);
  const before = openAdvisoryDatabase(path);
  write("replaced.db", [advisory("B-1", [["npm", "x"]])]);
  expect(before.find("npm", "x").map(({ id }) => id)).toEqual(["A-1"]);
  expect(
    openAdvisoryDatabase(path)
      .find("npm", "x")
      .map(({ id }) => id),
  ).toEqual(["B-1"]);
});

test("a folder that cannot be written to is said", () => {
  expect(() => new AdvisoryDatabaseWriter(join(file, "inside", "x.db"))).toThrow(
    expect.objectContaining({ code: "output-not-written" }),
  );
});

describe("opening", () => {
  const openCopy = (name: string, change: (path: string) => void): (() => unknown) => {
    const path = join(folder, name);
    copyFileSync(file, path);
    change(path);
    return () => openAdvisoryDatabase(path);
  };

  test("a file that is not there is database-not-found", () => {
    expect(() => openAdvisoryDatabase(join(folder, "none.db"))).toThrow(
      expect.objectContaining({ code: "database-not-found", hint: expect.stringContaining("plimsoll db update") }),
    );
    expect(existsSync(join(folder, "none.db"))).toBe(false);
  });

  test("a file of another kind, another version or another length is database-malformed", () => {
    const malformed = expect.objectContaining({ code: "database-malformed", hint: expect.any(String) });
    expect(openCopy("empty.db", (path) => truncateSync(path, 0))).toThrow(malformed);
    expect(openCopy("cut.db", (path) => truncateSync(path, 8192))).toThrow(malformed);
    expect(openCopy("text.db", (path) => writeFileSync(path, "hello"))).toThrow(malformed);
    const setVersion =
      (version: number) =>
      (path: string): void => {
        const database = new DatabaseSync(path);
        database.exec(`PRAGMA user_version = ${version}`);
        database.close();
      };
    expect(openCopy("newer.db", setVersion(99))).toThrow(/has format 99; this version of Plimsoll requires format 10/);
    const ofOldFormat = {
      message: expect.stringContaining("has format 2; this version of Plimsoll requires format"),
      hint: expect.stringContaining("db update"),
    };
    expect(openCopy("older.db", setVersion(2))).toThrow(
      expect.objectContaining({ code: "database-malformed", ...ofOldFormat }),
    );
    const other = join(folder, "other.db");
    const database = new DatabaseSync(other);
    database.exec("CREATE TABLE t(a)");
    database.close();
    expect(() => openAdvisoryDatabase(other)).toThrow(malformed);
  });

  test("a database with damaged bytes answers or is database-malformed, and never anything else", () => {
    const bytes = readFileSync(file);
    let malformed = 0;
    for (let place = 100; place < bytes.length; place += 211) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(place) ^ 0xff, place);
      const path = join(folder, "damaged.db");
      writeFileSync(path, damaged);
      try {
        const index = openAdvisoryDatabase(path);
        index.find("Debian", "openssl");
        index.withdrawn("PyPI", "flask-cors");
        index.statements("Debian", "openssl");
        index.facts("CVE-2024-1");
        index.covers("Debian:12");
        index.close();
      } catch (error) {
        expect(error).toMatchObject({ code: "database-malformed" });
        malformed++;
      }
    }
    expect(malformed).toBeGreaterThan(0);
  });
});
