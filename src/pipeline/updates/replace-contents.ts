import { randomUUID } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * Replaces the bytes of a file in one step. Its mode stays, and where that is allowed its owner. The file that a
 * symbolic link leads to is replaced, and the link stays. A file that is no longer as it was is left alone. Error:
 * `output-not-written`.
 */
export async function replaceContents(path: string, bytes: Buffer, expected: Buffer): Promise<void> {
  try {
    const target = await realpath(path);
    if (!(await readFile(target)).equals(expected)) throw new Error("the file changed meanwhile");
    await replace(target, bytes);
  } catch (cause) {
    throw new PlimsollError("output-not-written", `${path} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

async function replace(target: string, bytes: Buffer): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`;
  const { mode, uid, gid } = await stat(target);
  try {
    await using file = await open(temporary, "wx", mode & 0o777);
    await file.chmod(mode & 0o7777);
    if (process.getuid?.() === 0) await file.chown(uid, gid);
    await file.writeFile(bytes);
    await file.sync();
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
