import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { TreeVisitor, WalkOptions } from "../../model/images/tree.ts";
import { FolderTree } from "./folder-tree.ts";

const elf = Buffer.from("7f454c46", "hex");
const small = 8 * 1024 - 1;

const root = temporaryFolder();
put("etc/os-release", "ID=a\n");
put("usr/bin/small", Buffer.concat([elf, Buffer.alloc(small - elf.length)]));
put("usr/bin/large", Buffer.concat([elf, Buffer.alloc(small + 1 - elf.length)]));
put("usr/share/doc/a/copyright", "a");
symlinkSync("usr/bin", join(root, "bin"));

function put(path: string, bytes: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
  chmodSync(join(root, path), 0o640);
}

interface Walked {
  /** By path, the first four bytes of files as hexadecimal digits, the types of others. */
  readonly entries: Readonly<Record<string, string>>;
  readonly bodies: Readonly<Record<string, number>>;
}

/** Walks the folder and takes the bodies of some files. */
async function walk(
  wanted: readonly string[],
  { foresee, only }: Pick<TreeVisitor, "foresee"> & Pick<WalkOptions, "only"> = {},
): Promise<Walked> {
  const entries: Record<string, string> = {};
  const bodies: Record<string, number> = {};
  const visitor: TreeVisitor = {
    ...(foresee && { foresee }),
    entry({ path, type, link, mode }, head) {
      expect(entries[path]).toBeUndefined();
      if (type === "file") expect(mode).toBe(0o640);
      entries[path] = type === "file" ? Buffer.from(head.subarray(0, 4)).toString("hex") : `${type} ${link}`.trim();
      return wanted.includes(path);
    },
    file({ path }, file) {
      bodies[path] = file.read(0, file.size).length;
    },
    refused: ({ path, reason }) => expect.fail(`${path}: ${reason}`),
  };
  await new FolderTree(root).walk(visitor, { signal: new AbortController().signal, ...(only && { only }) });
  return { entries, bodies };
}

describe("a walk over a folder", () => {
  test("shows every entry, links as links, and the first bytes of every file", async () => {
    expect((await walk([])).entries).toEqual({
      bin: "symlink usr/bin",
      etc: "directory",
      "etc/os-release": "49443d61",
      usr: "directory",
      "usr/bin": "directory",
      "usr/bin/large": "7f454c46",
      "usr/bin/small": "7f454c46",
      "usr/share": "directory",
      "usr/share/doc": "directory",
      "usr/share/doc/a": "directory",
      "usr/share/doc/a/copyright": "61",
    });
  });

  test("opens no file of which nothing is needed, and gives its body all the same", async () => {
    const foresee = ({ path, size }: { path: string; size: number }) =>
      path.startsWith("etc/") ? "body" : size > small ? "head" : "nothing";
    const { entries, bodies } = await walk(["etc/os-release", "usr/share/doc/a/copyright"], { foresee });
    expect(entries).toMatchObject({
      "etc/os-release": "49443d61",
      "usr/bin/large": "7f454c46",
      "usr/bin/small": "",
      "usr/share/doc/a/copyright": "",
    });
    expect((await walk([], { foresee: () => "nothing" })).entries["usr/bin/large"]).toBe("");
    expect(bodies).toEqual({ "etc/os-release": 5, "usr/share/doc/a/copyright": 1 });
  });

  test("passes over what is at other paths than those that are asked for", async () => {
    const only = new Set(["usr/bin/small", "bin/large", "none/at/all"]);
    expect(await walk(["usr/bin/small"], { only })).toEqual({
      entries: { bin: "symlink usr/bin", usr: "directory", "usr/bin": "directory", "usr/bin/small": "7f454c46" },
      bodies: { "usr/bin/small": small },
    });
  });
});
