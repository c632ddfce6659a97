import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { formatVersion } from "../../src/advisories/database/database-format.ts";
import type { DatabaseStatus } from "../../src/model/findings/advisory.ts";
import { knownExploited, npmBucket } from "../setup/publisher-files.ts";
import { writeMirror } from "../setup/publisher-mirror.ts";
import { type RunResult, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  const npm = npmBucket([{ id: "CVE-2024-0001", name: "leaky", fixed: "2.0.0" }]);
  writeMirror(at("mirror"), { ...npm, ...knownExploited(["CVE-2024-0001"]) });
  writeFileSync(
    at("sound.json"),
    JSON.stringify({
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      components: [{ type: "library", name: "leaky", version: "3.0.0", purl: "pkg:npm/leaky@3.0.0" }],
    }),
  );
  expect(await run("build", "good.sqlite", "--only", "npm,kev")).toMatchObject({ code: 0, stderr: "" });
});

function run(command: "build" | "update", name: string, ...more: string[]): Promise<RunResult> {
  return plimsoll(["db", command, "--mirror", "mirror", "--db", name, ...more]);
}

async function partsOf(name: string): Promise<string[]> {
  const { stdout } = await plimsoll(["db", "status", "--db", name, "-f", "json"]);
  return (JSON.parse(stdout) as DatabaseStatus).parts.map(({ feed }) => feed);
}

function change(name: string, sql: string): void {
  copyFileSync(at("good.sqlite"), at(name));
  const database = new DatabaseSync(at(name));
  database.exec(sql);
  database.close();
}

test("a part that fails is named with its state, and the database is not said to be as it was", async () => {
  copyFileSync(at("good.sqlite"), at("partly.sqlite"));
  const { code, stderr } = await run("update", "partly.sqlite", "--only", "npm,debian");
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^error: Debian.* is missing: .*mirror\/security-tracker\.debian\.org\/.* was not found \[feed-unreachable\]$/m,
  );
  expect(stderr).not.toContain("unchanged");
  expect(await partsOf("partly.sqlite")).toEqual(["kev", "osv"]);
});

test("a feed that fails alone is named with where it was looked for, and the database is as it was, if there is one", async () => {
  copyFileSync(at("good.sqlite"), at("alone.sqlite"));
  const { code, stderr } = await run("update", "alone.sqlite", "--only", "debian");
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^error: Debian.*: .*mirror\/security-tracker\.debian\.org\/.* was not found \[feed-unreachable\]$/m,
  );
  expect(stderr).toContain("The previous database is unchanged.");
  expect(readFileSync(at("alone.sqlite")).equals(readFileSync(at("good.sqlite")))).toBe(true);
  expect((await run("update", "none.sqlite", "--only", "debian")).stderr).not.toContain("unchanged");
});

test("an ecosystem that the mirror lacks is a failure of the mirror, alone as with others", async () => {
  for (const only of ["go", "go,kev"]) {
    expect(await run("update", "lacking.sqlite", "--only", only)).toMatchObject({ code: 3 });
  }
});

test("an update of some feeds throws away no others with a database that it cannot read", async () => {
  change("older.sqlite", `PRAGMA user_version = ${formatVersion - 1}`);
  copyFileSync(at("good.sqlite"), at("cut.sqlite"));
  truncateSync(at("cut.sqlite"), 20_000);
  const scanned = await plimsoll(["scan", "sound.json", "--db", "older.sqlite"]);
  expect(scanned.stderr).toContain("or delete the file to start with only the parts that you need");
  for (const name of ["older.sqlite", "cut.sqlite"]) {
    const before = readFileSync(at(name));
    const { code, stderr } = await run("update", name, "--only", "npm");
    expect({ name, code }).toEqual({ name, code: 3 });
    expect(stderr).toContain("Run `plimsoll db update` without --only");
    expect(stderr).toContain("use another file, or delete the file first");
    expect(readFileSync(at(name)).equals(before)).toBe(true);
    await run("update", name);
    expect(await partsOf(name)).toEqual(["kev", "osv"]);
  }
});

test("a database of a newer program is replaced by no update", async () => {
  change("newer.sqlite", `PRAGMA user_version = ${formatVersion + 1}`);
  const before = readFileSync(at("newer.sqlite"));
  for (const only of [[], ["--only", "npm"]]) {
    const { code, stderr } = await run("update", "newer.sqlite", ...only);
    expect(code).toBe(3);
    expect(stderr).toContain(`has format ${formatVersion + 1}`);
    expect(stderr).toContain("Use the version of Plimsoll that wrote the database");
  }
  expect(readFileSync(at("newer.sqlite")).equals(before)).toBe(true);
});

test("--only adds up", async () => {
  expect(await run("update", "both.sqlite", "--only", "npm", "--only", "kev")).toMatchObject({ code: 0 });
  expect(await partsOf("both.sqlite")).toEqual(["kev", "osv"]);
});

test("PLIMSOLL_OFFLINE holds for every command that asks an address", async () => {
  for (const args of [
    ["build", "--mirror", "http://127.0.0.1:9/"],
    ["build", "--from", "http://127.0.0.1:9/"],
    ["pull", "127.0.0.1:9/a/b"],
    ["push", "127.0.0.1:9/a/b"],
  ]) {
    const { code, stderr } = await plimsoll(["db", ...args, "--db", "good.sqlite"]);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toContain("which PLIMSOLL_OFFLINE forbids");
  }
});

test("a date in the future does not become young by an update of something else, and passes no gate", async () => {
  const scan = (...more: string[]) => plimsoll(["scan", "sound.json", "--db", "future.sqlite", ...more]);
  await run("build", "future.sqlite", "--only", "npm", "--date", "2999-01-01T00:00:00Z");
  const gate = ["--fail-on", "low"];
  expect((await scan()).code).toBe(0);
  expect((await scan(...gate)).code).toBe(3);
  expect((await scan("--max-db-age", "1")).stderr).toContain("days in the future; check the clock");
  expect((await run("update", "future.sqlite", "--only", "kev")).code).toBe(0);
  const { code, stdout } = await scan(...gate);
  expect(code).toBe(3);
  expect(stdout).toContain("the advisories of npm are dated in the future; their age is unknown");
  expect(await scan("--max-db-age", "1")).toMatchObject({ code: 3, stdout: "" });
  expect((await run("update", "future.sqlite", "--only", "npm")).code).toBe(0);
  expect((await scan(...gate, "--max-db-age", "1")).code).toBe(0);
});

test("what a database says of itself never obeys the terminal's words", async () => {
  change("escaped.sqlite", "UPDATE meta SET value = 'x' || char(27) || ']0;owned' || char(7, 10) WHERE key = 'source'");
  const { stdout } = await plimsoll(["db", "status", "--db", "escaped.sqlite"]);
  expect(stdout).toContain("from x\\x1b]0;owned\\x07\\n, ");
});

test("a name with a scheme before it is refused with a word on the scheme", async () => {
  const online = { env: { PLIMSOLL_OFFLINE: "0" } };
  const { code, stderr } = await plimsoll(["db", "pull", "registry:127.0.0.1:9/a/b", "--db", "x.sqlite"], online);
  expect(code).toBe(2);
  expect(stderr).toContain('a database reference must not begin with "registry:"');
});
