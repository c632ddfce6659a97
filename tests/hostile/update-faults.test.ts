import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAdvisoryDatabase } from "../../src/advisories/database/open-advisory-database.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type FeedFault, feedServer } from "../setup/feed-server.ts";
import { addresses, type BucketRecord, npmBucket } from "../setup/publisher-files.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const env = { PLIMSOLL_OFFLINE: "0" };

function records(count: number, modified: string): BucketRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `TEST-${index}`,
    name: index === 0 ? "leaky" : `package-${index}`,
    fixed: "2.0.0",
    modified,
  }));
}

const before = npmBucket(records(50, "2024-01-01T00:00:00Z"));
const after = npmBucket(records(4000, "2025-01-01T00:00:00Z"));

/** A database of 50 records in a folder of its own. */
async function oldDatabase(name: string): Promise<string> {
  const path = join(folder, name, "advisories.sqlite");
  const server = await feedServer(before);
  const built = await plimsoll(["db", "build", "--only", "npm", "--mirror", server.address, "--db", path], { env });
  expect(built).toMatchObject({ code: 0, stderr: "" });
  return path;
}

function expectAnswer(path: string): void {
  const index = openAdvisoryDatabase(path);
  expect(index.find("npm", "leaky")).toHaveLength(1);
  index.close();
}

describe("an update that fails leaves the old database, and says what to do", () => {
  const faults: readonly [string, string, FeedFault, string][] = [
    ["a truncated archive", addresses.archive, { kind: "cut", after: 5000 }, "npm/all.zip"],
    ["HTML with status 200 for the list", addresses.list, { kind: "html" }, "modified_id.csv"],
    ["HTML with status 200 for the archive", addresses.archive, { kind: "html" }, "all.zip"],
    [
      "a redirect to a private address",
      addresses.archive,
      { kind: "redirect", to: "http://10.0.0.1/all.zip" },
      "redirect",
    ],
    [
      "a redirect to the address of a cloud's metadata",
      addresses.archive,
      { kind: "redirect", to: "http://169.254.169.254/latest/" },
      "redirect",
    ],
    ["a refusal", addresses.archive, { kind: "status", status: 403 }, "403"],
  ];
  test.each(faults)("%s", async (name, address, fault, word) => {
    const path = await oldDatabase(name.replaceAll(/\W+/g, "-"));
    const bytes = readFileSync(path);
    const server = await feedServer(after);
    server.fault(address, fault);
    const update = ["db", "update", "--only", "npm", "--mirror", server.address, "--db", path];
    const { code, stderr, stdout } = await plimsoll(update, { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(word);
    expect(stderr).toContain("unchanged");
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["advisories.sqlite"]);
    expectAnswer(path);
  });

  test("an archive that is cut off on the publisher's disk", async () => {
    const path = await oldDatabase("short");
    const archive = Buffer.from(after[addresses.archive] ?? "");
    const server = await feedServer({ ...after, [addresses.archive]: archive.subarray(0, archive.length - 300) });
    const { code, stderr } = await plimsoll(
      ["db", "update", "--only", "npm", "--mirror", server.address, "--db", path],
      { env },
    );
    expect(code).toBe(3);
    expect(stderr).toContain("npm");
    expect(stderr).toContain("unchanged");
    expectAnswer(path);
  });
});

test("an update that is killed at any moment leaves a database that answers, and no litter for long", async () => {
  const old = await oldDatabase("killed");
  const path = join(folder, "killed", "updated.sqlite");
  const server = await feedServer(after);
  const update = ["db", "update", "--only", "npm", "--mirror", server.address, "--db", path];
  const downloads = join(folder, "killed-downloads");
  mkdirSync(downloads);
  const env = { PLIMSOLL_OFFLINE: "0", TMPDIR: downloads };
  copyFileSync(old, path);
  const start = performance.now();
  expect(await plimsoll(update, { env })).toMatchObject({ code: 0, stderr: "" });
  const duration = performance.now() - start;
  const moments = 50;
  let killed = 0;
  for (let moment = 0; moment < moments; moment++) {
    copyFileSync(old, path);
    const { signal } = await plimsoll(update, {
      env,
      started: (child) => {
        const timer = setTimeout(() => child.kill("SIGKILL"), Math.random() * duration);
        child.on("exit", () => clearTimeout(timer));
      },
    });
    if (signal === "SIGKILL") killed++;
    expectAnswer(path);
  }
  expect(killed).toBeGreaterThan(moments / 3);
  expect(await plimsoll(update, { env })).toMatchObject({ code: 0, stderr: "" });
  expect(openAdvisoryDatabase(path).status.records).toBe(4000);
  expect(readdirSync(join(folder, "killed")).sort()).toEqual(["advisories.sqlite", "updated.sqlite"]);
  expect(readdirSync(downloads)).toEqual([]);
  expect((await plimsoll(["db", "verify", "--db", path])).code).toBe(0);
}, 300_000);

describe("on a full disk", () => {
  const disk = mkdtempSync(join(tmpdir(), "plimsoll-disk-"));
  const path = join(disk, "data", "advisories.sqlite");
  let mounted = false;
  beforeAll(() => {
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", disk]).status === 0;
    mkdirSync(join(disk, "data"));
  });
  afterAll(() => {
    if (mounted) spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  test("the old database answers, and the message says what to do", async ({ skip }) => {
    if (!mounted) skip("no file system can be mounted here");
    const old = await feedServer(before);
    const build = ["db", "build", "--only", "npm", "--mirror", old.address, "--db", path];
    expect(await plimsoll(build, { env })).toMatchObject({ code: 0, stderr: "" });
    const server = await feedServer(after);
    const update = ["db", "update", "--only", "npm", "--mirror", server.address, "--db", path];
    const { code, stderr } = await plimsoll(update, { env });
    expect(code).toBe(3);
    expect(stderr).toContain("cannot be written");
    expect(stderr).toContain("unchanged");
    expect(readdirSync(join(disk, "data"))).toEqual(["advisories.sqlite"]);
    expectAnswer(path);
  });

  test("the old database answers also when the full disk is the one for temporary files", async ({ skip }) => {
    if (!mounted) skip("no file system can be mounted here");
    const elsewhere = await oldDatabase("full-temporary");
    const server = await feedServer(after);
    const update = ["db", "update", "--only", "npm", "--mirror", server.address, "--db", elsewhere];
    const { code, stderr } = await plimsoll(update, { env: { ...env, TMPDIR: disk } });
    expect(code).toBe(3);
    expect(stderr).toContain("TMPDIR");
    expectAnswer(elsewhere);
  });
});

test("a server that stalls is given up", async () => {
  const path = await oldDatabase("stalled");
  const server = await feedServer(after);
  server.fault(addresses.archive, { kind: "stall", after: 1000 });
  const update = ["db", "update", "--only", "npm", "--mirror", server.address, "--db", path];
  const { code, stderr } = await plimsoll([...update, "--timeout", "1"], { env });
  expect(code).toBe(3);
  expect(stderr).toContain("sent almost no data");
  expect(stderr).toContain("unchanged");
  expectAnswer(path);
}, 60_000);
