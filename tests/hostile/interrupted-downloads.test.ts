import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAdvisoryDatabase } from "../../src/advisories/database/open-advisory-database.ts";
import { download } from "../../src/io/http/download.ts";
import { HttpClient } from "../../src/io/http/http-client.ts";
import { KeptDownloads } from "../../src/io/http/kept-downloads.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type FeedServer, feedServer } from "../setup/feed-server.ts";
import { addresses, npmBucket } from "../setup/publisher-files.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const env = { PLIMSOLL_OFFLINE: "0" };
const mebibyte = 1024 * 1024;

function bucket(count: number, modified: string): Record<string, string | Uint8Array> {
  const records = Array.from({ length: count }, (_, index) => ({
    id: `TEST-${index}`,
    name: index === 0 ? "leaky" : `package-${index}`,
    fixed: "2.0.0",
    modified,
  }));
  return npmBucket(records);
}

const before = bucket(50, "2024-01-01T00:00:00Z");
const after = bucket(9000, "2025-01-01T00:00:00Z");
const changed = bucket(8000, "2025-02-02T00:00:00Z");

/** A folder of its own for a database. */
function newFolder(name: string): { readonly path: string; readonly left: () => string[] } {
  const own = join(folder, name);
  mkdirSync(own);
  return { path: join(own, "advisories.sqlite"), left: () => readdirSync(own).sort() };
}

type Command = "build" | "update";

function run(command: Command, path: string, { address }: FeedServer, start?: Start): Promise<RunResult> {
  const date = command === "build" ? ["--date", "2025-11-25T00:00:00Z"] : [];
  const args = ["db", command, "--only", "npm", "--mirror", address, "--db", path, ...date];
  return plimsoll(args, { env, ...(start && { started: start }) });
}

type Start = NonNullable<NonNullable<Parameters<typeof plimsoll>[1]>["started"]>;

/** Runs an update that gets this signal once what is kept of the archive is so. */
async function interruptedUpdate(
  path: string,
  server: FeedServer,
  { signal, when }: { readonly signal: NodeJS.Signals; readonly when: (kept: KeptFiles) => boolean },
): Promise<RunResult> {
  let ended = false;
  return await run("update", path, server, async (child) => {
    child.on("exit", () => {
      ended = true;
    });
    while (!ended) {
      const kept = keptFiles(path);
      if (kept && when(kept)) {
        child.kill(signal);
        return;
      }
      await pause(5);
    }
  });
}

interface KeptFiles {
  readonly bytes: number;
  readonly state: string;
}

function keptFiles(path: string): KeptFiles | undefined {
  const parent = join(path, "..");
  const name = readdirSync(parent).find((one) => one.endsWith(".downloads"));
  const files = name === undefined ? [] : readdirSync(join(parent, name));
  const [body, state] = files.sort();
  if (name === undefined || body === undefined || state === undefined) return undefined;
  return {
    bytes: statSync(join(parent, name, body)).size,
    state: readFileSync(join(parent, name, state), "utf8"),
  };
}

/** The answers for the archive: status, and the first byte that was sent. */
function archiveAnswers({ requests }: FeedServer): [number, number][] {
  return requests
    .filter(({ address }) => addresses.archive.endsWith(address))
    .map(({ status, headers }) => [status, Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0)]);
}

const mostOf = 2.5 * mebibyte;
const whenMostIsHere = ({ bytes }: KeptFiles): boolean => bytes >= mostOf;

/** The bytes of a database that was built without a disturbance. */
async function undisturbed(server: FeedServer): Promise<Buffer> {
  const path = join(mkdtempSync(join(folder, "undisturbed-")), "advisories.sqlite");
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
  return readFileSync(path);
}

function expectAnswer(path: string, records: number): void {
  const index = openAdvisoryDatabase(path);
  expect(index.status.records).toBe(records);
  expect(index.find("npm", "leaky")).toHaveLength(1);
  index.close();
}

test.each([
  ["SIGKILL", { code: null, signal: "SIGKILL" }],
  ["SIGINT", { code: 130, stderr: "error: interrupted [cancelled]\n" }],
] as const)(
  "after %s in the middle of a file the next run asks for the rest alone, and gives the same bytes",
  async (signal, ended) => {
    const server = await feedServer(after);
    const { path, left } = newFolder(signal);
    server.fault(addresses.archive, { kind: "stall", after: mostOf }, 1);
    expect(await interruptedUpdate(path, server, { signal, when: whenMostIsHere })).toMatchObject(ended);
    server.forget();
    expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
    const [[status, start] = [0, 0], ...more] = archiveAnswers(server);
    expect({ status, more }).toEqual({ status: 206, more: [] });
    // A process that is killed has not noted the last mebibyte.
    expect(start).toBeGreaterThanOrEqual(signal === "SIGKILL" ? mostOf - mebibyte : mostOf);
    expect(left()).toEqual(["advisories.sqlite"]);
    expect(readFileSync(path).equals(await undisturbed(server))).toBe(true);
  },
  60_000,
);

test("an update over an old database goes on too, and until then the old one answers", async () => {
  const server = await feedServer(before);
  const { path, left } = newFolder("old");
  expect(await run("build", path, server)).toMatchObject({ code: 0 });
  for (const [address, content] of Object.entries(after)) server.put(address, content);
  server.fault(addresses.archive, { kind: "stall", after: mostOf }, 1);
  await interruptedUpdate(path, server, { signal: "SIGKILL", when: whenMostIsHere });
  expectAnswer(path, 50);
  server.forget();
  expect(await run("update", path, server)).toMatchObject({ code: 0, stderr: "" });
  expect(archiveAnswers(server)).toEqual([[206, expect.any(Number)]]);
  expectAnswer(path, 9000);
  expect(left()).toEqual(["advisories.sqlite"]);
}, 60_000);

test("an update that gave up a server leaves what has come to the next one", async () => {
  const server = await feedServer(after);
  const { path, left } = newFolder("gave-up");
  server.fault(addresses.archive, { kind: "status", status: 403 });
  server.fault(addresses.archive, { kind: "cut", after: mostOf }, 1);
  // Further attempts bring nothing.
  const failing = run("build", path, server, (child) => {
    child.once("spawn", async () => {
      while (archiveAnswers(server).length === 0) await pause(5);
      server.fault(addresses.archive, { kind: "status", status: 403 });
    });
  });
  expect(await failing).toMatchObject({ code: 3, stderr: expect.stringContaining("403") });
  server.fault(addresses.archive, { kind: "simple" }, 0);
  server.forget();
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
  expect(archiveAnswers(server)).toEqual([[206, mostOf]]);
  expect(left()).toEqual(["advisories.sqlite"]);
}, 60_000);

test("a file that is changed between two runs is fetched again", async () => {
  const server = await feedServer(after);
  const { path, left } = newFolder("changed");
  server.fault(addresses.archive, { kind: "stall", after: mostOf }, 1);
  await interruptedUpdate(path, server, { signal: "SIGKILL", when: whenMostIsHere });
  for (const [address, content] of Object.entries(changed)) server.put(address, content);
  server.forget();
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
  expect(archiveAnswers(server)).toEqual([[200, expect.any(Number)]]);
  expectAnswer(path, 8000);
  expect(left()).toEqual(["advisories.sqlite"]);
}, 60_000);

test("a file that had come when the update was killed is used again", async () => {
  const server = await feedServer(after);
  const { path, left } = newFolder("whole");
  const when = ({ state }: KeptFiles): boolean => state.endsWith(" whole\n");
  expect(await interruptedUpdate(path, server, { signal: "SIGKILL", when })).toMatchObject({ signal: "SIGKILL" });
  expect(existsSync(path)).toBe(false);
  server.forget();
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
  expect(archiveAnswers(server)).toEqual([[304, 0]]);
  expect(left()).toEqual(["advisories.sqlite"]);
  expect(readFileSync(path).equals(await undisturbed(server))).toBe(true);
}, 60_000);

test("a file that is not what it should be is not used again", async () => {
  const archive = Buffer.from(after[addresses.archive] ?? "");
  const server = await feedServer({ ...after, [addresses.archive]: archive.subarray(0, archive.length - 300) });
  const { path, left } = newFolder("malformed");
  expect(await run("build", path, server)).toMatchObject({ code: 3 });
  expect(left()).toEqual([]);
  server.put(addresses.archive, archive);
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
}, 60_000);

test("updates that are killed at any moment, one after the other, come to the same end", async () => {
  const server = await feedServer(after);
  const { path, left } = newFolder("random");
  const start = performance.now();
  const wanted = await undisturbed(server);
  const duration = performance.now() - start;
  let killed = 0;
  for (let moment = 0; moment < 8; moment++) {
    const { signal } = await run("build", path, server, (child) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), Math.random() * duration);
      child.on("exit", () => clearTimeout(timer));
    });
    if (signal === "SIGKILL") killed++;
  }
  expect(killed).toBeGreaterThan(1);
  expect(await run("build", path, server)).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(path).equals(wanted)).toBe(true);
  expect(left()).toEqual(["advisories.sqlite"]);
}, 180_000);

test("two updates at once do not disturb each other, nor what a killed one left", async () => {
  const server = await feedServer(after);
  const { path, left } = newFolder("two");
  server.fault(addresses.archive, { kind: "stall", after: mostOf }, 1);
  await interruptedUpdate(path, server, { signal: "SIGKILL", when: whenMostIsHere });
  server.forget();
  const both = await Promise.all([run("build", path, server), run("build", path, server)]);
  expect(both).toMatchObject([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect(archiveAnswers(server).map(([status]) => status)).toEqual(expect.arrayContaining([206]));
  expect(left()).toEqual(["advisories.sqlite"]);
  expect(readFileSync(path).equals(await undisturbed(server))).toBe(true);
}, 60_000);

describe("on a full disk", () => {
  const disk = mkdtempSync(join(tmpdir(), "plimsoll-disk-"));
  let mounted = false;
  beforeAll(() => {
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).status === 0;
  });
  afterAll(() => {
    if (mounted) spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  test("what is kept goes, and the message names the disk", async ({ skip }) => {
    if (!mounted) skip("no file system can be mounted here");
    const server = await feedServer({ "h/f.zip": Buffer.alloc(4 * mebibyte, "x") });
    using kept = new KeptDownloads(join(disk, "advisories.sqlite"), { spareRoom: -4 * mebibyte });
    const { signal } = new AbortController();
    const target = join(folder, "full");
    const options = { client: new HttpClient(), signal, maxBytes: 1e8, kept };
    await expect(download(`${server.address}/h/f.zip`, target, options)).rejects.toMatchObject({
      code: "output-not-written",
      message: expect.stringMatching(/^a download cannot be written to .*\.body: /),
      hint: "Free some space on this disk.",
    });
    kept[Symbol.dispose]();
    expect(readdirSync(disk)).toEqual([]);
  });
});
