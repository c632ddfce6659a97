import { addAbortSignal, type Readable } from "node:stream";
import { openBytes } from "../io/bytes/open-bytes.ts";
import { standardInput } from "../io/files/standard-input.ts";
import { asTargetError } from "../io/http/as-target-error.ts";

/**
 * The bytes of a file or a named pipe, until the signal; `-` is stdin. Errors: `target-not-found`, `target-unreadable`.
 */
export function openInput(path: string, signal?: AbortSignal): Readable {
  if (path === "-") return signal ? addAbortSignal(signal, standardInput()) : standardInput();
  try {
    return openBytes(path, signal);
  } catch (cause) {
    throw asTargetError(path, cause);
  }
}
