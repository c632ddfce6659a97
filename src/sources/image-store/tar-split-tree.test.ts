import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../tests/setup/image.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { recordLines, recordText, writeUnpackedLayer } from "../../../tests/setup/unpacked-layer.ts";
import { recorder, stream } from "../../../tests/setup/walk-tar.ts";
import { TarSplitTree } from "./tar-split-tree.ts";

const signal = new AbortController().signal;
const base = temporaryFolder();
const makePipe = "mkfifo";
let count = 0;

interface Written {
  readonly folder: string;
  readonly record: string;
  readonly tar: Buffer;
}

function write(members: readonly TarMember[]): Written {
  const place = join(base, String(count++));
  const layer = { folder: join(place, "diff"), record: join(place, "tar-split.json.gz") };
  return { ...layer, tar: writeUnpackedLayer(layer, members) };
}

async function walk({ folder, record, tar }: Written, largestLayer?: number): Promise<unknown[]> {
  const visitor = recorder(() => true);
  const options = { diffId: sha256(tar), ...(largestLayer === undefined ? {} : { largestLayer }) };
  await new TarSplitTree({ folder, record }, options).walk(visitor, { signal });
  return visitor.events;
}

const members: readonly TarMember[] = [
  { name: "etc/", type: "directory" },
  { name: "etc/.wh.gone", content: "" },
  { name: "etc/os-release", content: "ID=debian\n" },
  { name: "large", content: Buffer.alloc(2_500_000, "0123456789") },
  { name: "link", type: "symlink", link: "large" },
  { name: "hard", type: "hardlink", link: "large" },
  { name: `${"deep/".repeat(40)}file`, content: "deep" },
];

describe("a layer that was unpacked", () => {
  test("is walked as its tar", async () => {
    const layer = write(members);
    expect(await walk(layer)).toEqual(stream(layer.tar, [layer.tar.length]).events);
  });

  test("of another content than its digest is found out after the walk", async () => {
    const layer = write(members);
    writeFileSync(join(layer.folder, "etc", "os-release"), "ID=debiaN\n");
    await expect(walk(layer)).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  test("without one of its files tells the others, and at the end which one", async () => {
    const layer = write(members);
    rmSync(join(layer.folder, "etc", "os-release"));
    truncateSync(join(layer.folder, "large"), 5);
    const visitor = recorder(() => true);
    const tree = new TarSplitTree(layer, { diffId: sha256(layer.tar) });
    await expect(tree.walk(visitor, { signal })).rejects.toMatchObject({
      code: "target-unreadable",
      message: expect.stringMatching(/^2 of .*"etc\/os-release": it does not exist$/),
    });
    const withBody = visitor.events.filter((event) => typeof event === "object" && event !== null && "body" in event);
    expect(withBody).toMatchObject([{ path: "etc/.wh.gone" }, { path: `${"deep/".repeat(40)}file` }]);
  });

  test("never leads out of its folder", async () => {
    const secret = join(base, "secret");
    mkdirSync(secret, { recursive: true });
    writeFileSync(join(secret, "key"), "secret");
    for (const name of ["out/key", "up/key", "../secret/key", "out", "loop/key", "here/../../secret/key"]) {
      const layer = write([]);
      symlinkSync(secret, join(layer.folder, "out"));
      symlinkSync("../../secret", join(layer.folder, "up"));
      symlinkSync("loop", join(layer.folder, "loop"));
      mkdirSync(join(layer.folder, "here"));
      writeFileSync(layer.record, gzipSync(recordText(recordLines([{ name, content: "secret" }]))));
      await expect(walk(layer), name).rejects.toMatchObject({ code: "target-unreadable" });
    }
  });

  test("follows a link among the folders as if its folder were the root", async () => {
    const layer = write([{ name: "usr/lib/a", content: "text" }]);
    symlinkSync("/usr/lib", join(layer.folder, "lib"));
    symlinkSync("../../../lib", join(layer.folder, "usr", "again"));
    const through = [
      { name: "lib/a", content: "text" },
      { name: "usr/again/a", content: "text" },
    ];
    writeFileSync(layer.record, gzipSync(recordText(recordLines(through))));
    const other = write(through);
    expect(await walk({ ...layer, tar: other.tar })).toEqual(stream(other.tar, [other.tar.length]).events);
  });

  test("opens no pipe", async () => {
    const layer = write([{ name: "pipe", content: "text" }]);
    rmSync(join(layer.folder, "pipe"));
    execFileSync(makePipe, [join(layer.folder, "pipe")]);
    await expect(walk(layer)).rejects.toMatchObject({ message: expect.stringContaining("not a regular file") });
  });

  test("may have names that are not text", async () => {
    const name = Buffer.from([0x66, 0xff, 0x66]);
    const layer = write([{ name: "etc/", type: "directory" }]);
    writeFileSync(Buffer.concat([Buffer.from(`${layer.folder}/`), name]), "text");
    const lines = recordLines([{ name, content: "text" }]);
    writeFileSync(layer.record, gzipSync(recordText(lines)));
    const tree = new TarSplitTree(layer, { diffId: sha256(layer.tar) });
    await expect(
      tree.walk(
        recorder(() => true),
        { signal },
      ),
    ).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  test("is given up beyond the largest size, and when the scan is", async () => {
    const layer = write(members);
    await expect(walk(layer, 1_000_000)).rejects.toMatchObject({ code: "limit-exceeded" });
    const claim = recordText([{ type: 1, name: "large", size: 2 ** 50 }]);
    writeFileSync(layer.record, gzipSync(claim));
    await expect(walk(layer)).rejects.toMatchObject({ code: "limit-exceeded" });
    const abort = new AbortController();
    abort.abort();
    const other = write(members);
    const tree = new TarSplitTree(other, { diffId: sha256(other.tar) });
    await expect(
      tree.walk(
        recorder(() => false),
        { signal: abort.signal },
      ),
    ).rejects.toMatchObject({ code: "cancelled" });
  });

  test("with a damaged record gives one clear error", async () => {
    const layer = write(members);
    const whole = gzipSync(recordText(recordLines(members)));
    for (let cut = 0; cut < whole.length; cut += 97) {
      writeFileSync(layer.record, whole.subarray(0, cut));
      await expect(walk(layer)).rejects.toMatchObject({ name: "PlimsollError" });
    }
    for (let at = 10; at < whole.length; at += 41) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 255, at);
      writeFileSync(layer.record, damaged);
      await expect(walk(layer)).rejects.toMatchObject({ name: "PlimsollError" });
    }
  });
});
