import { randomUUID } from "node:crypto";
import { open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder } from "../../io/files/make-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * Puts a text in place of a file in one step: who reads it meanwhile sees the old or the new. Only its owner may
 * read it, who stays the same where that is allowed; folders on the way are made for the owner alone. A symbolic link
 * stays one, and the file that it leads to is replaced, or made. Error: `output-not-written`; the old file is then
 * unchanged.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await targetOf(path);
    makeFolder(dirname(target), { mode: 0o700 });
    await replace(target, text);
  } catch (cause) {
    throw new PlimsollError("output-not-written", `${path} cannot be written: ${reasonOf(cause)}`, {
      hint: "What was there before is unchanged.",
      cause,
    });
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const before = await stat(path).catch(() => undefined);
  try {
    await using file = await open(temporary, "wx", 0o600);
    await file.writeFile(text);
    if (before && process.getuid?.() === 0) await file.chown(before.uid, before.gid).catch(() => undefined);
    await file.sync();
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Where the links from a path end, whether something is there or not. A loop is an error of the system. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "ENOENT") throw cause;
  }
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : targetOf(resolve(dirname(path), link));
}
