import { createReadStream, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { reasonOf } from "../../io/random-access.ts";
import { PlimsollError } from "../../model/error.ts";

/** The bytes of a file; `-` is stdin. Errors: `target-not-found`, `target-unreadable`. */
export function openInput(path: string): Readable {
  if (path === "-") return process.stdin;
  try {
    return createReadStream(path, { fd: openSync(path, "r") });
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing) throw new PlimsollError("target-not-found", `${path} does not exist`, { cause });
    throw new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
