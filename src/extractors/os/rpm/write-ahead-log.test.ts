import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { damaged, seededRandom } from "../../../../tests/setup/damaged-bytes.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { Extraction } from "../../extractor.ts";
import { rpm } from "./rpm.ts";
import { headerBlob } from "./rpm-fixtures.ts";

const folder: string = temporaryFolder();

/** A database and the log that SQLite itself writes beside it, at a moment of its work. */
function filesAfter(name: string, ...statements: readonly string[]): { readonly file: Buffer; readonly log: Buffer } {
  const path = join(folder, name);
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1");
  for (const statement of statements) database.exec(statement);
  return { file: readFileSync(path), log: readFileSync(`${path}-wal`) };
}

const logAfter = (name: string, ...statements: readonly string[]): Buffer => filesAfter(name, ...statements).log;

interface Outcome {
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
}

function run(file: OpenFile): Outcome {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  return { extractions: [...rpm.extract(file, context)], problems };
}

const read = (log: Uint8Array): Outcome => run(memoryFile("var/lib/rpm/rpmdb.sqlite-wal", log));
const nothing: Outcome = { extractions: [], problems: [] };
const path = "var/lib/rpm/rpmdb.sqlite";
const table = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";
const row = "INSERT INTO Packages (blob) VALUES (zeroblob(20000))";

describe("the write-ahead log of rpm's database", () => {
  test("completes it when it holds a transaction", () => {
    const extractions = [{ kind: "completes", path }];
    expect(read(logAfter("changed", table, row))).toEqual({ extractions, problems: [] });
  });

  test("does not when it is empty, or holds nothing but its header", () => {
    const log = logAfter("emptied", table, row, "PRAGMA wal_checkpoint(TRUNCATE)");
    expect(log.length).toBe(0);
    expect(read(log)).toEqual(nothing);
    expect(read(logAfter("header", table).subarray(0, 32))).toEqual(nothing);
  });

  test("does not when no transaction in it was finished", () => {
    const log = logAfter("unfinished", table, "PRAGMA wal_checkpoint(TRUNCATE)", "BEGIN", ...new Array(50).fill(row));
    expect(log.length).toBeGreaterThan(100_000);
    expect(read(log)).toEqual(nothing);
  });

  test("does not when its frames are of before it was begun again", () => {
    const log = logAfter("changed-again", table, row);
    log[16] = (log[16] ?? 0) ^ 1;
    expect(read(log)).toEqual(nothing);
  });

  test("does not when it is not a log", () => {
    expect(read(Buffer.alloc(100_000))).toEqual(nothing);
    expect(read(Buffer.from("SQLite format 3\0"))).toEqual(nothing);
  });
});

describe("rpm's database with its write-ahead log", () => {
  const blob = (name: string, size = 10): Uint8Array =>
    headerBlob([
      [1000, name],
      [1001, "1"],
      [1002, "2"],
      [1016, "x".repeat(size)],
    ]);
  const sqlOf = (bytes: Uint8Array): string =>
    `INSERT INTO Packages (blob) VALUES (x'${Buffer.from(bytes).toString("hex")}')`;

  /** A database whose first packages SQLite has put into it, and whose last changes are in the log alone. */
  function database(name: string, before: readonly string[], after: readonly string[]): { file: Buffer; log: Buffer } {
    return filesAfter(name, table, ...before, "PRAGMA wal_checkpoint(TRUNCATE)", ...after);
  }

  function readTogether(file: Uint8Array, log: Uint8Array): { packages: string[]; problems: readonly Problem[] } {
    const { extractions, problems } = run({ ...memoryFile(path, file), completedBy: memoryFile(`${path}-wal`, log) });
    const packages = extractions.flatMap((one) => (one.kind === "package" ? [one.package.name] : []));
    return { packages, problems };
  }

  const bash = sqlOf(blob("bash"));
  const large = sqlOf(blob("glibc", 30_000));
  const { file, log } = database("grown", [bash], [large, sqlOf(blob("zlib"))]);

  test("has what its finished transactions put in, took away and moved", () => {
    expect(readTogether(file, Buffer.alloc(0))).toEqual({ packages: ["bash"], problems: [] });
    expect(readTogether(file, log)).toEqual({ packages: ["bash", "glibc", "zlib"], problems: [] });
    const less = database(
      "shrunk",
      [bash, large, sqlOf(blob("zlib"))],
      ["DELETE FROM Packages WHERE hnum = 1", "VACUUM"],
    );
    expect(readTogether(less.file, less.log)).toEqual({ packages: ["glibc", "zlib"], problems: [] });
  });

  test("is all in the log when SQLite never put it into the database", () => {
    const name = "only-log";
    const all = logAfter(name, table, bash, large);
    expect(readTogether(Buffer.alloc(0), all)).toEqual({ packages: ["bash", "glibc"], problems: [] });
  });

  test("has nothing of a transaction that was not finished", () => {
    const open = database("open", [bash], [sqlOf(blob("zlib")), "BEGIN", ...new Array(5).fill(large)]);
    expect(open.log.length).toBeGreaterThan(log.length);
    expect(readTogether(open.file, open.log)).toEqual({ packages: ["bash", "zlib"], problems: [] });
  });

  test("is read as far as the log is sound, and damage is a problem", () => {
    const frame = 24 + log.readUInt32BE(8);
    const count = (log.length - 32) / frame;
    const damagedAt = (at: number): Buffer => {
      const bytes = Buffer.from(log);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    const last = 32 + (count - 1) * frame;
    const problem = (reason: string) => [
      { code: "unreadable", message: `a part of ${path} could not be read because ${reason}`, path },
    ];
    const broken = problem(`its write-ahead log is damaged at byte ${last}`);
    expect(readTogether(file, damagedAt(last + 24 + 500))).toEqual({ packages: ["bash", "glibc"], problems: broken });
    expect(readTogether(file, damagedAt(last + 5))).toEqual({ packages: ["bash", "glibc"], problems: broken });
    const cutOff = problem("its write-ahead log ends within a page");
    expect(readTogether(file, log.subarray(0, -1))).toEqual({ packages: ["bash", "glibc"], problems: cutOff });
    const header = problem("the header of its write-ahead log is damaged");
    expect(readTogether(file, damagedAt(13))).toEqual({ packages: ["bash"], problems: header });
  });

  test("survives damage to any part of the log", () => {
    const random = seededRandom(7);
    for (let copy = 0; copy < 200; copy++) {
      const { packages } = readTogether(file, damaged(log, random));
      expect(packages.length).toBeLessThanOrEqual(3);
    }
  });
});
