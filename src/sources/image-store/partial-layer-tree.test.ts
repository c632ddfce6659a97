import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChunkedLayerOptions, TableValue } from "../../../tests/setup/chunked-layer.ts";
import { writePartialLayer } from "../../../tests/setup/partial-layer.ts";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { recorder, stream } from "../../../tests/setup/walk-tar.ts";
import type { TreeVisitor } from "../../model/images/tree.ts";
import { findPartialLayer, type PartialLayer } from "./partial-layer.ts";
import { PartialLayerTree } from "./partial-layer-tree.ts";

const signal = new AbortController().signal;
const base = temporaryFolder();
const makePipe = "mkfifo";
let count = 0;

const members: readonly TarMember[] = [
  { name: "etc/", type: "directory" },
  { name: "etc/.wh.gone", content: "" },
  { name: "etc/os-release", content: "ID=debian\n" },
  {
    name: "large",
    content: Buffer.concat([
      Buffer.alloc(1_000_000, "0123456789"),
      Buffer.alloc(2_500_000),
      Buffer.alloc(300_000, "end"),
    ]),
    mode: 0o755,
  },
  { name: "link", type: "symlink", link: "large" },
  { name: "hard", type: "hardlink", link: "large" },
  { name: `${"deep/".repeat(40)}file`, content: "deep" },
];

function place(): { readonly folder: string; readonly table: string } {
  const path = join(base, String(count++));
  return { folder: join(path, "diff"), table: join(path, "table.json") };
}

function write(all: readonly TarMember[], options: ChunkedLayerOptions = {}): PartialLayer {
  const where = place();
  const { bytes } = writePartialLayer(where, all, { chunkSize: 100_000, ...options });
  const layer = findPartialLayer({ ...where, chunksEnd: bytes.length });
  if (!layer) throw new Error("the table cannot be followed");
  return layer;
}

/** A layer whose table is written by hand, for the file `name` with this content. */
function writeEntry(name: string, change: (entry: TableValue) => TableValue = (entry) => entry): PartialLayer {
  const rename = (entry: TableValue): TableValue => change({ ...entry, name });
  return write([{ name: "x", content: "secret" }], { change: (all) => all.map(rename) });
}

async function walk(layer: PartialLayer, largestLayer?: number): Promise<unknown[]> {
  const visitor = recorder(() => true);
  await new PartialLayerTree(layer, largestLayer === undefined ? {} : { largestLayer }).walk(visitor, { signal });
  return visitor.events;
}

/** What a walk tells that fails at its end, and the message. */
async function walkToFailure(layer: PartialLayer): Promise<{ readonly told: unknown[]; readonly error: unknown }> {
  const visitor = recorder(() => true);
  const error = await new PartialLayerTree(layer, {}).walk(visitor, { signal }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { told: visitor.events, error };
}

function bodies(told: readonly unknown[]): readonly string[] {
  return told.flatMap((event) =>
    typeof event === "object" && event !== null && "body" in event && "path" in event ? String(event.path) : [],
  );
}

describe("a layer that was pulled in part", () => {
  test("is walked as its tar", async () => {
    const whole = tar(members);
    expect(await walk(write(members))).toEqual(stream(whole, [whole.length]).events);
    expect(await walk(write(members, { chunkSize: 10_000_000 }))).toEqual(stream(whole, [whole.length]).events);
  });

  test("knows how many bytes its files have", () => {
    expect(write(members).size).toBe(3_800_014);
  });

  test("has files of which nothing is needed, and does not open them", async () => {
    const layer = write(members);
    rmSync(join(layer.folder, "large"));
    const told: unknown[] = [];
    const visitor: TreeVisitor = {
      foresee: ({ path }) => (path === "etc/os-release" ? "body" : "nothing"),
      entry: ({ path }, head) => {
        told.push([path, Buffer.from(head).toString()]);
        return path === "etc/os-release";
      },
      file: ({ path }, file) => void told.push([path, Buffer.from(file.read(0, file.size)).toString(), "body"]),
      refused: () => undefined,
    };
    await new PartialLayerTree(layer, {}).walk(visitor, { signal });
    expect(told).toEqual([
      ["etc", ""],
      ["etc/.wh.gone", ""],
      ["etc/os-release", "ID=debian\n"],
      ["etc/os-release", "ID=debian\n", "body"],
      ["large", ""],
      ["link", ""],
      ["hard", ""],
      [`${"deep/".repeat(40)}file`, ""],
    ]);
  });

  test.each([
    ["at its beginning", 5],
    ["in a chunk in its middle", 750_000],
    ["where it has zeros", 2_000_000],
    ["at its end", 3_799_999],
  ])("whose file was changed %s tells the others and does not show it", async (_, at) => {
    const layer = write(members);
    const path = join(layer.folder, "large");
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
    const { told, error } = await walkToFailure(layer);
    expect(error).toMatchObject({
      code: "target-unreadable",
      message: expect.stringMatching(/^1 of .*"large": its content does not match the layer's table of contents$/),
    });
    expect(bodies(told)).toEqual(["etc/.wh.gone", "etc/os-release", `${"deep/".repeat(40)}file`]);
    const entry = told.find((event) => (event as { readonly path: string }).path === "large");
    expect(entry).toMatchObject({ head: at < 100_000 ? "" : Buffer.from("0123456789012345").toString("hex") });
  });

  test("whose files are missing, shorter, folders, links or pipes tells the others, and at the end which one", async () => {
    const names = ["missing", "shorter", "folder", "link", "pipe"];
    const layer = write([...names.map((name) => ({ name, content: "text" })), { name: "good", content: "text" }]);
    for (const name of names.filter((one) => one !== "shorter")) rmSync(join(layer.folder, name));
    truncateSync(join(layer.folder, "shorter"), 3);
    mkdirSync(join(layer.folder, "folder"));
    symlinkSync("good", join(layer.folder, "link"));
    execFileSync(makePipe, [join(layer.folder, "pipe")]);
    const { told, error } = await walkToFailure(layer);
    expect(error).toMatchObject({ message: expect.stringMatching(/^5 of .*"missing": it does not exist$/) });
    expect(bodies(told)).toEqual(["good"]);
  });

  test("never leads out of its folder", async () => {
    const secret = join(base, "secret");
    mkdirSync(secret, { recursive: true });
    writeFileSync(join(secret, "key"), "secret");
    for (const name of ["out/key", "up/key", "out", "loop/key", "absolute/key"]) {
      const layer = writeEntry(name);
      symlinkSync(secret, join(layer.folder, "out"));
      symlinkSync("../../secret", join(layer.folder, "up"));
      symlinkSync("loop", join(layer.folder, "loop"));
      symlinkSync(`/../../..${secret}`, join(layer.folder, "absolute"));
      const { told, error } = await walkToFailure(layer);
      expect([bodies(told), error], name).toMatchObject([[], { code: "target-unreadable" }]);
    }
    for (const name of ["../../secret/key", "here/../../../secret/key", "/../secret/key", "key\0"]) {
      const told = await walk(writeEntry(name));
      expect(told, name).toMatchObject([{ reason: expect.any(String) }]);
    }
  });

  test("follows a link among the folders as if its folder were the root", async () => {
    const layer = writeEntry("lib/a");
    mkdirSync(join(layer.folder, "usr", "lib"), { recursive: true });
    symlinkSync("/usr/lib", join(layer.folder, "lib"));
    writeFileSync(join(layer.folder, "usr", "lib", "a"), "secret");
    expect(await walk(layer)).toMatchObject([{ path: "lib/a" }, { path: "lib/a", body: "secret" }]);
  });

  test.each([
    ["a size that its file does not have", { size: 7 }],
    ["another digest", { digest: `sha256:${"0".repeat(64)}` }],
  ])("whose table gives %s does not show the file", async (_, lie) => {
    const layer = writeEntry("x", (entry) => ({ ...entry, ...lie }));
    const { told, error } = await walkToFailure(layer);
    expect([bodies(told), error]).toMatchObject([[], { code: "target-unreadable" }]);
  });

  test.each<[string, (entry: TableValue) => TableValue]>([
    ["no digest", ({ digest: _, ...entry }) => entry],
    ["a size that is none", (entry) => ({ ...entry, size: -1 })],
    ["a type that is none", (entry) => ({ ...entry, type: "door" })],
    ["a name that JSON cannot hold", (entry) => ({ ...entry, name: "f\ufffdo" })],
    ["chunks that do not make up the file", (entry) => ({ ...entry, chunkSize: 2 })],
  ])("whose table has %s is not taken", (_, change) => {
    expect(() => writeEntry("x", change)).toThrow("the table cannot be followed");
  });

  test("without a table is not taken; one with a table over the limit is an error", () => {
    const where = place();
    expect(findPartialLayer({ ...where, chunksEnd: 1000 })).toBeUndefined();
    mkdirSync(where.folder, { recursive: true });
    for (const text of ["", "{", "[]", '{"version":2,"entries":[]}']) {
      writeFileSync(where.table, text);
      expect(findPartialLayer({ ...where, chunksEnd: 1000 })).toBeUndefined();
    }
    truncateSync(where.table, 64 * 1024 * 1024 + 1);
    expect(() => findPartialLayer({ ...where, chunksEnd: 1000 })).toThrow(
      expect.objectContaining({ code: "limit-exceeded" }),
    );
  });

  test("with a damaged table is not taken, or gives one clear error", async () => {
    const layer = write(members.slice(0, 3));
    const whole = readFileSync(layer.table);
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at & 7)), at);
      writeFileSync(layer.table, damaged);
      const found = findPartialLayer(layer);
      const error = found && (await walkToFailure(found)).error;
      if (error !== undefined) expect(error).toMatchObject({ code: "target-unreadable" });
    }
  });

  test("whose table was changed after the image was opened is not walked", async () => {
    const layer = write(members);
    writeFileSync(layer.table, readFileSync(layer.table, "utf8").replace("os-release", "os-releasf"));
    await expect(walk(layer)).rejects.toMatchObject({ code: "target-unreadable" });
  });

  test("is given up beyond the largest size, and when the scan is", async () => {
    const layer = write(members);
    await expect(walk(layer, 3_800_013)).rejects.toMatchObject({ code: "limit-exceeded" });
    await walk(layer, 3_800_014);
    const claim = writeEntry("x", (entry) => ({ ...entry, size: 2 ** 50 }));
    await expect(walk(claim)).rejects.toMatchObject({ code: "limit-exceeded" });
    const abort = new AbortController();
    abort.abort();
    const cancelled = new PartialLayerTree(layer, {}).walk(
      recorder(() => false),
      { signal: abort.signal },
    );
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
  });

  test("with a file over the limit for one says so and reads no more of it than its first chunk", async () => {
    const size = 5 * 1024 * 1024 * 1024;
    const zeros = { type: "chunk", name: "x", chunkOffset: 6, chunkSize: size - 6, chunkType: "zeros" };
    const layer = write([{ name: "x", content: "secret" }], {
      change: ([entry = {}]) => [
        { ...entry, size, chunkSize: 6, chunkDigest: entry["digest"] },
        { ...zeros, offset: Number(entry["endOffset"]) - 1 },
      ],
    });
    truncateSync(join(layer.folder, "x"), size);
    expect(await walk(layer)).toMatchObject([
      { path: "x", head: Buffer.from("secret").toString("hex") },
      { path: "x", reason: "it is larger than 4 GiB, the limit for a file" },
    ]);
  });
});
