// Root may open every file: here the system refuses as a test tells it to.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { TreeVisitor } from "../../model/images/tree.ts";
import { FolderTree } from "./folder-tree.ts";

const refusal = vi.hoisted(() => ({ code: "" }));

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const openSync: typeof real.openSync = (path, ...options) => {
    if (refusal.code === "") return real.openSync(path, ...options);
    throw Object.assign(new Error(`${refusal.code}: open '${String(path)}'`), { code: refusal.code });
  };
  return { ...real, openSync };
});

afterEach(() => void Object.assign(refusal, { code: "" }));

const folder = temporaryFolder();
const smallest = 8 * 1024;

describe("a file of which only the beginning is wanted", () => {
  test.each(["EACCES", "EPERM"])("that its user may not open (%s) is told if it may be a program", async (code) => {
    expect(await walk(smallest - 1, code)).toEqual({ names: ["closed"], refused: [] });
    expect(await walk(smallest, code)).toEqual({ names: [], refused: ["closed"] });
  });

  test.each(["EIO", "ESTALE", "EMFILE", "ENOENT"])(
    "that cannot be opened for another reason (%s) is told, however small",
    async (code) => {
      expect(await walk(1, code)).toEqual({ names: [], refused: ["closed"] });
    },
  );
});

/** Walks over a folder with one file of a size, which the system does not open. */
async function walk(size: number, code: string): Promise<{ readonly names: string[]; readonly refused: string[] }> {
  writeFileSync(join(folder, "closed"), Buffer.alloc(size));
  const names: string[] = [];
  const refused: string[] = [];
  const visitor: TreeVisitor = {
    foresee: () => "head",
    entry: ({ path }) => names.push(path) < 0,
    file: () => {},
    refused: ({ path }) => void refused.push(path),
  };
  const tree = new FolderTree(folder);
  refusal.code = code;
  await tree.walk(visitor, { signal: new AbortController().signal });
  refusal.code = "";
  return { names, refused };
}
