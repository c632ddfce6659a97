import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { markedAsDatabase } from "../../../tests/setup/marked-as-database.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { removeLeftovers, temporaryPath } from "./temporary-files.ts";

const folder = temporaryFolder();
const output = join(folder, "advisories.db");

/** Makes a file of this name, some hours old. */
function leave(name: string, hours = 0): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  const time = Date.now() / 1000 - hours * 3600;
  utimesSync(path, time, time);
  return path;
}

const uuid = "0b6a7c1e-1111-4222-8333-444455556666";

test("a writer that is killed leaves files that the next one removes, and the database as it was", async () => {
  const build = `
    import { AdvisoryDatabaseWriter } from ${JSON.stringify(join(import.meta.dirname, "database-writer.ts"))};
    const writer = new AdvisoryDatabaseWriter(${JSON.stringify(output)});
    writer.startPart({ feed: "osv", revision: 1, name: "npm", updatedAt: "2025-01-01T00:00:00Z" });
    process.stdout.write("writing");
    setInterval(() => {}, 1000);`;
  const before = markedAsDatabase();
  writeFileSync(output, before);
  const child = spawn(process.execPath, ["--input-type=module", "-e", build], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith(".advisories.db."));
  expect(left().map((name) => name.slice(name.lastIndexOf(".")))).toEqual(expect.arrayContaining([".new", ".part"]));
  {
    using _ = new AdvisoryDatabaseWriter(output);
    expect(left()).toHaveLength(4);
  }
  expect(left()).toHaveLength(2);
  child.kill("SIGKILL");
  await ended;
  expect(left()).toHaveLength(2);
  {
    using _ = new AdvisoryDatabaseWriter(output);
    expect(left()).toHaveLength(2);
  }
  expect(left()).toEqual([]);
  expect(readFileSync(output).equals(before)).toBe(true);
});

test("files of another host stay for a day", () => {
  const names = [
    `.advisories.db.01234567-1.${uuid}.new`,
    `.advisories.db.01234567-1.${uuid}.part`,
    `.advisories.db.${uuid}.new`,
    `.advisories.db.01234567-99999999.${uuid}.new-journal`,
    `.advisories.db.${uuid}.pulled`,
    `.advisories.db.${uuid}.packed`,
  ];
  const young = names.map((name) => leave(name, 23));
  removeLeftovers(output);
  expect(young.map((path) => existsSync(path))).toEqual(names.map(() => true));
  const old = names.map((name) => leave(name, 25));
  removeLeftovers(output);
  expect(old.map((path) => existsSync(path))).toEqual(names.map(() => false));
});

test("other files stay, however old", () => {
  const others = [
    "advisories.db.new",
    ".advisories.db.new",
    `.advisories.db.${uuid}`,
    `.advisories.db.${uuid}.txt`,
    `.other.db.${uuid}.new`,
    `.advisories.db.x.${uuid}.new`,
  ].map((name) => leave(name, 1000));
  removeLeftovers(output);
  expect(others.filter((path) => !existsSync(path))).toEqual([]);
});

test("the files of a process that runs stay, also of this one", () => {
  const [finished, collected] = [temporaryPath(output, "new"), temporaryPath(output, "part")];
  expect(dirname(finished)).toBe(folder);
  for (const path of [finished, collected]) leave(basename(path));
  removeLeftovers(output);
  expect([finished, collected].every((path) => existsSync(path))).toBe(true);
  renameSync(finished, `${output}.kept`);
});
