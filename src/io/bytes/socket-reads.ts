import type { OnReadOpts, Socket } from "node:net";

/** Bytes that a socket gives at once, at most. */
const readSize: number = 512 * 1024;

/**
 * How the sockets of an agent read: all into the same memory, and as much at a time as has come. By itself Node takes
 * 64 KiB of fresh memory for each read, which takes twice the processor time for what is large.
 *
 * The HTTP parser copies the data that it hands on before the next read, so no other code may listen for the data of
 * such a socket. Node ignores it for TLS over a socket that it is given, as a tunnel of a proxy is.
 */
export function readsIntoOneMemory(): OnReadOpts {
  let memory: Buffer | undefined;
  return {
    buffer: () => (memory ??= Buffer.allocUnsafeSlow(readSize)),
    callback(this: Socket, count, bytes) {
      // As Node itself does: what comes unasked would be taken for the answer to the next request.
      if (!this.emit("data", bytes.subarray(0, count))) this.destroy();
      return true;
    },
  };
}
