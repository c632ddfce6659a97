import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { beginning, begun, body, contentOf, mebibyte, Runs, writeAt } from "../../../tests/setup/download-runs.ts";
import { feedServer } from "../../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { processMark } from "../processes/process-mark.ts";
import { type Arrival, download } from "./download.ts";
import { HttpClient } from "./http-client.ts";
import { KeptDownloads } from "./kept-downloads.ts";

const folder = temporaryFolder();
let count = 0;

test("nothing on the disk tells the address, and everything is for its owner alone", async () => {
  const server = await feedServer({ "h/f.zip": body });
  server.fault("h/f.zip", beginning, 1);
  const runs = new Runs(folder);
  const address = `${server.address.replace("//", "//me:password@")}/h/f.zip?token=secret`;
  await expect(runs.run(address)).rejects.toMatchObject({ code: "feed-unreachable" });
  const sha256 = createHash("sha256").update(address).digest("hex");
  expect(runs.kept.map((path) => path.slice(dirname(path).length + 1))).toEqual([`${sha256}.body`, `${sha256}.state`]);
  expect(runs.kept.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(statSync(join(runs.folder, runs.keptFolders[0] ?? "")).mode & 0o777).toBe(0o700);
  expect(readFileSync(runs.kept[1] ?? "", "utf8")).not.toMatch(/secret|password|127\.0\.0\.1/);
});

test("two runs at once do not write to the same file", async () => {
  const server = await feedServer({ "h/f.zip": body });
  server.fault("h/f.zip", { kind: "cut", after: 1.5 * mebibyte }, 4);
  const runs = new Runs(folder);
  const address = `${server.address}/h/f.zip`;
  const both = await Promise.all([runs.run(address, { attempts: 5 }), runs.run(address, { attempts: 5 })]);
  expect(both.map((got) => contentOf(got).equals(body))).toEqual([true, true]);
  expect(runs.keptFolders).toEqual([]);
});

test("one run may fetch an address twice, at once and one after the other", async () => {
  const server = await feedServer({ "h/f.zip": body });
  const output = join(folder, "twice");
  using kept = new KeptDownloads(output, { spareRoom: 0 });
  const { signal } = new AbortController();
  const get = async (): Promise<Buffer> => {
    const path = join(folder, `twice-${++count}`);
    await download(`${server.address}/h/f.zip`, path, { client: new HttpClient(), signal, maxBytes: 1e8, kept });
    return readFileSync(path);
  };
  const contents = [...(await Promise.all([get(), get()])), await get()];
  expect(contents.map((content) => content.equals(body))).toEqual([true, true, true]);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 304]);
  kept.forget();
});

test.each([
  ["changed", (path: string) => writeAt(path, 100)],
  ["taken away", (path: string) => rmSync(dirname(path), { recursive: true })],
])("a file whose bytes are %s while it arrives is fetched again", async (_, harm) => {
  const server = await feedServer({ "h/f.zip": body });
  const runs = new Runs(folder);
  let isHarmed = false;
  const progress = ({ received }: Arrival): void => {
    if (received < body.length || isHarmed) return;
    isHarmed = true;
    harm(runs.kept[0] ?? "");
  };
  expect(contentOf(await runs.run(`${server.address}/h/f.zip`, { progress })).equals(body)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 200]);
  expect(runs.keptFolders).toEqual([]);
});

test("a file that is handed out stays while it may be read, and goes afterwards when room is needed", async () => {
  const server = await feedServer({ "h/f.zip": body });
  const runs = new Runs(folder);
  using kept = new KeptDownloads(runs.output, { spareRoom: 0 });
  const name = join(runs.folder, "file");
  const { signal } = new AbortController();
  const options = { client: new HttpClient(), signal, maxBytes: 1e8, kept };
  await download(`${server.address}/h/f.zip`, name, options);
  const [keptBody = ""] = runs.kept;
  truncateSync(keptBody, 5 * 1024 ** 3);
  kept.makeRoom();
  expect(existsSync(name)).toBe(true);
  rmSync(name);
  kept.makeRoom();
  expect(existsSync(keptBody)).toBe(false);
});

test("of a group whose server failed, what was not read is left to the next run", async () => {
  const server = await feedServer({ "h/read.zip": body, "h/unread.zip": body });
  const runs = new Runs(folder);
  const { signal } = new AbortController();
  {
    using kept = new KeptDownloads(runs.output, { spareRoom: 0 });
    const group = kept.startGroup();
    const get = (name: string) =>
      download(`${server.address}/h/${name}.zip`, join(runs.folder, name), {
        client: new HttpClient(),
        signal,
        maxBytes: 1e8,
        kept,
      });
    await get("read");
    await get("unread");
    rmSync(join(runs.folder, "read"));
    kept.leaveUnread(group);
    kept.forget();
  }
  await runs.run(`${server.address}/h/read.zip`);
  await runs.run(`${server.address}/h/unread.zip`);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 200, 304]);
});

test("what is older than seven days or beyond four gibibytes goes, the oldest first", async () => {
  const { runs, address } = await begun(folder);
  const [keptBody = ""] = runs.kept;
  const inFolder = (digit: string, ending: string) => join(dirname(keptBody), `${digit.repeat(64)}.${ending}`);
  const leave = (digit: string, { days, bytes }: { days: number; bytes: number }): void => {
    for (const ending of ["body", "state"]) writeFileSync(inFolder(digit, ending), "");
    truncateSync(inFolder(digit, "body"), bytes);
    const time = Date.now() / 1000 - days * 86_400;
    utimesSync(inFolder(digit, "body"), time, time);
  };
  leave("a", { days: 7.1, bytes: 10 });
  leave("b", { days: 6.9, bytes: 10 });
  leave("c", { days: 2, bytes: 3 * 1024 ** 3 });
  leave("d", { days: 3, bytes: 1024 ** 3 });
  writeFileSync(join(dirname(keptBody), "something"), "else");
  const left = (): string[] => runs.kept.map((path) => path.slice(dirname(path).length + 1)[0] ?? "");
  expect(new Set(left())).toContain("a");
  using _ = new KeptDownloads(runs.output);
  const own = createHash("sha256").update(address).digest("hex")[0] ?? "";
  expect(new Set(left())).toEqual(new Set([own, "c"]));
});

test.each([
  // The process that started this one runs.
  ["a process that runs", `${processMark().split("-")[0]}-${process.ppid}`],
  ["a process of another host", "01234567-1"],
])("what %s has begun is left to it, until nobody has touched it for long", async (_, mark) => {
  const { server, runs, address } = await begun(folder);
  const [name = ""] = runs.keptFolders;
  const theirs = name.replace(processMark(), mark);
  const path = join(runs.folder, theirs);
  renameSync(join(runs.folder, name), path);
  await runs.run(address);
  expect(server.requests.map(({ status }) => status)).toEqual([200]);
  expect(runs.keptFolders).toEqual([theirs]);
  const time = Date.now() / 1000 - 700;
  utimesSync(path, time, time);
  await runs.run(address);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 206]);
  expect(runs.keptFolders).toEqual([]);
});

test("a link in place of a folder, and a folder that others may write to, are left alone", async () => {
  const { server, runs, address } = await begun(folder);
  const [name = ""] = runs.keptFolders;
  const elsewhere = join(runs.folder, "elsewhere");
  renameSync(join(runs.folder, name), elsewhere);
  symlinkSync(elsewhere, join(runs.folder, name));
  await runs.run(address);
  expect(readdirSync(elsewhere)).toHaveLength(2);
  expect(lstatSync(join(runs.folder, name)).isSymbolicLink()).toBe(true);
  rmSync(join(runs.folder, name));
  mkdirSync(join(runs.folder, name));
  chmodSync(join(runs.folder, name), 0o777);
  await runs.run(address);
  expect(existsSync(join(runs.folder, name))).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 200]);
});

test("without room beside it the file is downloaded as if nothing could be kept", async () => {
  const server = await feedServer({ "h/f.zip": body });
  server.fault("h/f.zip", beginning, 1);
  const runs = new Runs(folder);
  const address = `${server.address}/h/f.zip`;
  const spareRoom = Number.MAX_SAFE_INTEGER;
  await expect(runs.run(address, { spareRoom })).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(readdirSync(runs.folder)).toEqual([]);
  expect(contentOf(await runs.run(address, { spareRoom })).equals(body)).toBe(true);
});
