import { open } from "node:fs/promises";
import { reasonOf } from "../../io/reason-of.ts";
import { malformedFile, unreadableFile } from "./credential-failure.ts";

const largestFile = 4 * 1024 * 1024;

/** The text of a file with credentials; undefined when there is none. Errors: `target-unreadable`, `file-malformed`. */
export async function readCredentialFile(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path);
    const stat = await file.stat();
    if (!stat.isFile()) throw unreadableFile(path, "it is not a regular file");
    if (stat.size > largestFile) throw malformedFile(path, `it is ${stat.size} bytes; the limit is 4 MiB`);
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString("utf8", 0, bytesRead);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) throw cause;
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw unreadableFile(path, reasonOf(cause));
  }
}
