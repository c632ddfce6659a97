import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { DatabaseStatus } from "../../src/model/findings/advisory.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { markedAsDatabase } from "../setup/marked-as-database.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
let bucket = "";

beforeAll(() => {
  bucket = writeBucket(folder);
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0")]);
});

test("a database built without a place is the one that a scan and db status use", async () => {
  const before = await plimsoll(["db", "status", "--format", "json"]);
  expect(JSON.parse(before.stdout)).toMatchObject({ kind: "built-in" });

  const built = await plimsoll(["db", "build", "--from", bucket]);
  expect(built).toMatchObject({ code: 0, stderr: "" });
  expect(built.stdout).toContain("2 records");

  const path = join(folder, "home/.local/share/plimsoll/advisories.sqlite");
  const status = JSON.parse((await plimsoll(["db", "status", "--format", "json"])).stdout) as DatabaseStatus;
  expect(status).toMatchObject({
    kind: "file",
    path,
    source: "a folder",
    records: 2,
    ecosystems: [{ ecosystem: "npm", records: 2, newest: "2024-01-02T03:04:05Z" }],
  });
  expect(Date.now() - Date.parse(status.builtAt)).toBeLessThan(60_000);

  const scan = await plimsoll(["scan", "leaky.tar", "--format", "json"]);
  const { database, findings } = JSON.parse(scan.stdout) as Report;
  expect(database).toMatchObject({ kind: "file", path });
  expect(findings.map(({ id }) => id)).toEqual(["TEST-2024-1"]);
});

test("PLIMSOLL_DB names the database, and --db wins over it", async () => {
  await plimsoll(["db", "build", "--from", bucket], { env: { PLIMSOLL_DB: join(folder, "named.sqlite") } });
  expect(existsSync(join(folder, "named.sqlite"))).toBe(true);
  const { code, stderr } = await plimsoll(["db", "status", "--db", "other.sqlite"], {
    env: { PLIMSOLL_DB: join(folder, "named.sqlite") },
  });
  expect(stderr).toContain("other.sqlite");
  expect(code).toBe(3);
});

test("a database that PLIMSOLL_DB names and that is not there is an error, not the built-in advisories", async () => {
  const env = { PLIMSOLL_DB: join(folder, "missing.sqlite") };
  for (const args of [
    ["db", "status"],
    ["scan", "leaky.tar"],
    ["why-not", "CVE-2021-44228", "leaky.tar"],
  ]) {
    const { code, stdout, stderr } = await plimsoll(args, { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("no advisory database found at");
  }
  expect(existsSync(join(folder, "missing.sqlite"))).toBe(false);
});

test("no database and no cache is taken from or written to the current folder by a variable that is empty or relative", async () => {
  const cwd = join(folder, "elsewhere");
  for (const place of ["plimsoll", ".local/share/plimsoll", "relative/plimsoll"]) {
    mkdirSync(join(cwd, place), { recursive: true });
    await plimsoll(["db", "build", "--from", bucket, "--db", join(cwd, place, "advisories.sqlite")]);
  }
  for (const env of [
    { XDG_DATA_HOME: "", HOME: join(folder, "none") },
    { XDG_DATA_HOME: "relative", HOME: join(folder, "none") },
    { HOME: "" },
    { PLIMSOLL_DB: "", HOME: join(folder, "none") },
  ]) {
    const { code, stdout } = await plimsoll(["db", "status", "-f", "json"], { cwd, env });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as DatabaseStatus).path ?? "/").not.toContain("elsewhere");
  }
  const empty = { PLIMSOLL_CACHE: "", XDG_CACHE_HOME: "", HOME: join(folder, "none") };
  expect(await plimsoll(["scan", join(folder, "leaky.tar")], { cwd, env: empty })).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, "none/.cache/plimsoll"))).toBe(true);
  expect(readdirSync(cwd).sort()).toEqual([".local", "plimsoll", "relative"]);
});

test("a bucket behind an address gives the same records as the folder", async () => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    if (path === "/ecosystems.txt") response.end("npm\n");
    else if (path === "/npm/all.zip") response.end(readFileSync(join(bucket, "npm/all.zip")));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stdout, stderr } = await plimsoll(["db", "build", "--from", address, "--db", "fetched.sqlite"], {
    env: { PLIMSOLL_OFFLINE: "0" },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("2 records");
});

describe("a database that cannot be built ends with 3 and leaves the old one", () => {
  test.each<[string, (from: string) => void, string]>([
    ["a bucket that is not there", () => undefined, "is not a folder"],
    ["a bucket without advisories", (from) => mkdirSync(from), "contains no <Ecosystem>/all.zip"],
    [
      "an archive that is none",
      (from) => {
        mkdirSync(join(from, "npm"), { recursive: true });
        writeFileSync(join(from, "npm/all.zip"), "no zip");
      },
      "npm",
    ],
  ])("%s", async (_, prepare, message) => {
    const place = join(folder, "kept");
    const from = join(folder, `bucket-${readdirSync(folder).length}`);
    prepare(from);
    mkdirSync(place, { recursive: true });
    const before = markedAsDatabase();
    writeFileSync(join(place, "old.sqlite"), before);
    const { code, stderr } = await plimsoll(["db", "build", "--from", from, "--db", join(place, "old.sqlite")]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: .+\n( {7}.+\n)?$/);
    expect(code).toBe(3);
    expect(readdirSync(place)).toEqual(["old.sqlite"]);
    expect(readFileSync(join(place, "old.sqlite")).equals(before)).toBe(true);
  });
});
