import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markedAsDatabase } from "../../../tests/setup/marked-as-database.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { processMark } from "../../io/processes/process-mark.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { openAdvisoryDatabase } from "./open-advisory-database.ts";
import { withPlaceLock } from "./place-lock.ts";
import { fileIdentity, placeOf, replaceDatabase } from "./replace-database.ts";

const folder = temporaryFolder();

function write(path: string): void {
  using writer = new AdvisoryDatabaseWriter(path);
  writer.startPart({ feed: "osv", revision: 1, name: "npm", updatedAt: "2025-01-01T00:00:00Z" });
  writer.endPart({});
  writer.finish({ builtAt: "2025-01-01T00:00:00Z", source: "a test" });
}

test("a symbolic link stays and the file that it points to is replaced, with its mode", () => {
  mkdirSync(join(folder, "real"));
  const [target, link] = [join(folder, "real", "a.db"), join(folder, "a.db")];
  write(target);
  chmodSync(target, 0o640);
  const before = fileIdentity(target);
  symlinkSync("real/a.db", link);
  write(link);
  expect(readlinkSync(link)).toBe("real/a.db");
  expect(fileIdentity(target)).not.toBe(before);
  expect(lstatSync(target).isFile()).toBe(true);
  expect(statSync(target).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(folder, "real"))).toEqual(["a.db"]);
  openAdvisoryDatabase(link).close();
});

test("a link to a file that is not there yet has it made, and links in a circle are an error", () => {
  const link = join(folder, "dangling.db");
  symlinkSync("new/b.db", link);
  write(link);
  expect(placeOf(link)).toBe(join(folder, "new", "b.db"));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  symlinkSync("circle.db", join(folder, "circle.db"));
  expect(() => new AdvisoryDatabaseWriter(join(folder, "circle.db"))).toThrow(
    expect.objectContaining({ code: "output-not-written" }),
  );
});

test("a file that is another than the one it was made from is not replaced", () => {
  const [finished, place] = [join(folder, "finished"), join(folder, "place.db")];
  writeFileSync(finished, markedAsDatabase());
  writeFileSync(place, markedAsDatabase());
  const identity = fileIdentity(place);
  writeFileSync(place, Buffer.concat([markedAsDatabase(), Buffer.of(1)]));
  expect(replaceDatabase(finished, { place, madeFrom: { identity } })).toBe(false);
  expect(replaceDatabase(finished, { place, madeFrom: { identity: undefined } })).toBe(false);
  expect(existsSync(finished)).toBe(true);
  expect(replaceDatabase(finished, { place, madeFrom: { identity: fileIdentity(place) } })).toBe(true);
  expect(existsSync(finished)).toBe(false);
});

test("a lock whose process is gone does not count", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  const place = join(folder, "dead.db");
  const lock = join(folder, ".dead.db.lock");
  writeFileSync(lock, `${processMark().split("-")[0]}-${child.pid} some`);
  const start = performance.now();
  expect(withPlaceLock(place, () => readFileSync(lock, "latin1").startsWith(processMark()))).toBe(true);
  expect(performance.now() - start).toBeLessThan(3000);
  expect(readdirSync(folder).filter((name) => name.includes("dead.db"))).toEqual([]);
});

test("a lock that another process holds is waited for, and one that does not change does not count in the end", () => {
  const place = join(folder, "held.db");
  const lock = join(folder, ".held.db.lock");
  writeFileSync(lock, "00000000-1 of another host");
  const start = performance.now();
  withPlaceLock(place, () => {});
  expect(performance.now() - start).toBeGreaterThan(4000);
  expect(existsSync(lock)).toBe(false);
});

test("a lock that is a link to nowhere, or to what can be read without end, does not count in the end", () => {
  for (const target of ["nowhere", "/dev/zero"]) {
    const lock = join(folder, ".linked.db.lock");
    symlinkSync(target, lock);
    const start = performance.now();
    withPlaceLock(join(folder, "linked.db"), () => {});
    expect(performance.now() - start).toBeLessThan(9000);
    expect(lstatSync(lock, { throwIfNoEntry: false })).toBeUndefined();
  }
}, 30_000);

test("many processes that count in one file under the lock lose no count", async () => {
  const place = join(folder, "count.db");
  const counter = join(folder, "counter");
  writeFileSync(counter, "0");
  const count = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { withPlaceLock } from ${JSON.stringify(join(import.meta.dirname, "place-lock.ts"))};
    for (let turn = 0; turn < 30; turn++) withPlaceLock(${JSON.stringify(place)}, () => {
      const before = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
      writeFileSync(${JSON.stringify(counter)}, String(before + 1));
    });`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", count], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(readFileSync(counter, "utf8")).toBe("120");
}, 30_000);

test("a path that cannot be looked at is output-not-written", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => new AdvisoryDatabaseWriter(join(folder, "file", "x", "a.db"))).toThrow(
    expect.objectContaining({ code: "output-not-written" }),
  );
});
