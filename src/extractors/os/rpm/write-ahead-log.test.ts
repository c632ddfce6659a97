import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { memoryFile } from "../../../io/memory-file.ts";
import type { Problem } from "../../../model/problem.ts";
import { rpm } from "./rpm.ts";

const folder: string = temporaryFolder();

/** The log that SQLite itself writes beside a database, at a moment of its work. */
function logAfter(name: string, ...statements: readonly string[]): Buffer {
  const path = join(folder, name);
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1");
  for (const statement of statements) database.exec(statement);
  return readFileSync(`${path}-wal`);
}

function problemsOf(log: Uint8Array): Problem[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  expect([...rpm.extract(memoryFile("var/lib/rpm/rpmdb.sqlite-wal", log), context)]).toEqual([]);
  return problems;
}

const path = "var/lib/rpm/rpmdb.sqlite-wal";
const table = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)";
const row = "INSERT INTO Packages (blob) VALUES (zeroblob(20000))";

describe("the write-ahead log of rpm's database", () => {
  test("is a problem when it holds a transaction", () => {
    const message = `${path} holds changes to rpm's database that were not read, so packages may be missing`;
    expect(problemsOf(logAfter("changed", table, row))).toEqual([{ code: "unreadable", message, path }]);
  });

  test("is none when it is empty, or holds nothing but its header", () => {
    const log = logAfter("emptied", table, row, "PRAGMA wal_checkpoint(TRUNCATE)");
    expect(log.length).toBe(0);
    expect(problemsOf(log)).toEqual([]);
    expect(problemsOf(logAfter("header", table).subarray(0, 32))).toEqual([]);
  });

  test("is none when no transaction in it was finished", () => {
    const log = logAfter("unfinished", table, "PRAGMA wal_checkpoint(TRUNCATE)", "BEGIN", ...new Array(50).fill(row));
    expect(log.length).toBeGreaterThan(100_000);
    expect(problemsOf(log)).toEqual([]);
  });

  test("is none when its frames are of before it was begun anew", () => {
    const log = logAfter("changed-again", table, row);
    log[16] = (log[16] ?? 0) ^ 1;
    expect(problemsOf(log)).toEqual([]);
  });

  test("is none when it is no log", () => {
    expect(problemsOf(Buffer.alloc(100_000))).toEqual([]);
    expect(problemsOf(Buffer.from("SQLite format 3\0"))).toEqual([]);
  });
});
