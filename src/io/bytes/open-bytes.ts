import { constants, createReadStream, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";

/**
 * The bytes of a file, or of a named pipe as they come; waiting for its writer does not hold up the program, and the
 * signal ends it, with an `AbortError`. Throws what the operating system says when the file cannot be opened.
 */
export function openBytes(path: string, signal?: AbortSignal): Readable {
  const isPipe = statSync(path).isFIFO();
  const fd = openSync(path, constants.O_RDONLY | (isPipe ? constants.O_NONBLOCK : 0));
  // As a socket is read, so that no thread waits in a read.
  const stream = isPipe
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(path, { fd, highWaterMark: 256 * 1024 });
  return signal ? addAbortSignal(signal, stream) : stream;
}
