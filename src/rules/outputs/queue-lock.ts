import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { PlimsollError } from "../../model/error.ts";

/** Something that only one process of a machine holds; it goes with the process, however that ends. */
export interface QueueLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a folder: an address of the machine that needs no file, so that none is left behind. Where a system
 * has no such addresses, nothing is locked.
 *
 * Error: {@link PlimsollError} `output-not-written` when another process holds it.
 */
export async function lockQueue(folder: string): Promise<QueueLock> {
  const address = addressOf(folder);
  if (address === undefined) return { release: () => Promise.resolve() };
  const server = createServer((socket) => socket.destroy());
  await listen(server, { address, folder });
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(
  server: Server,
  { address, folder }: { readonly address: string; readonly folder: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new PlimsollError("output-not-written", `the queue in ${folder} is in use by another process`, {
          hint: "Use a separate queue folder for each process.",
          cause,
        }),
      ),
    );
    server.listen(address, resolve);
  });
}

function addressOf(folder: string): string | undefined {
  const name = `plimsoll-queue-${createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32)}`;
  if (process.platform === "linux") return `\0${name}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : undefined;
}
