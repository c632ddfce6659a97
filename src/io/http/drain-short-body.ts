import type { IncomingMessage } from "node:http";

/** A body of more bytes is not worth the connection. */
const longest: number = 16 * 1024;
/** Milliseconds; one that takes longer is not worth it either. */
const longestWait: number = 1000;

/**
 * Reads an unused body to its end when it is short, so that the connection can be used again; otherwise ends the
 * connection.
 */
export function drainShortBody(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed || Number(response.headers["content-length"] ?? 0) > longest) {
      response.destroy();
      resolve();
      return;
    }
    let size = 0;
    const timer = setTimeout(() => response.destroy(), longestWait);
    response
      .on("data", (piece: Buffer) => {
        size += piece.length;
        if (size > longest) response.destroy();
      })
      .on("error", () => undefined)
      .on("close", () => {
        clearTimeout(timer);
        resolve();
      });
  });
}
