import { addAbortSignal, type Readable } from "node:stream";
import { openBytes } from "../../io/open-bytes.ts";
import { reasonOf } from "../../io/random-access.ts";
import { standardInput } from "../../io/standard-input.ts";
import { PlimsollError } from "../../model/error.ts";

/** The bytes of a file or a named pipe, until the signal; `-` is stdin. Errors: `target-not-found`, `target-unreadable`. */
export function openInput(path: string, signal?: AbortSignal): Readable {
  if (path === "-") return signal ? addAbortSignal(signal, standardInput()) : standardInput();
  try {
    return openBytes(path, signal);
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing) throw new PlimsollError("target-not-found", `${path} does not exist`, { cause });
    throw new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
