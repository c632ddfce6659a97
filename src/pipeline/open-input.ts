import { addAbortSignal, type Readable } from "node:stream";
import { asTargetError } from "../io/as-target-error.ts";
import { openBytes } from "../io/open-bytes.ts";
import { standardInput } from "../io/standard-input.ts";

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
