import { Worker } from "node:worker_threads";
import { type ErrorCode, PlimsollError } from "../../model/error.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { ClamdAddress } from "./clamd-address.ts";
import { control, handOver, pieceSize, readJson, sharedPiece, states } from "./clamd-protocol.ts";
import type { ClamdResult } from "./clamd-session.ts";
import type { ClamdWorkerSetup } from "./clamd-worker.ts";

/** More than a session waits for clamd. */
const answersWithin = 330_000;

/**
 * Has files scanned by clamd, and blocks the thread meanwhile: a file of an image can be read only while the walk is at
 * it. The session is held by a thread of its own, which ends with this one.
 */
export class ClamdScanner {
  #piece = sharedPiece();
  readonly #address: ClamdAddress;
  #worker: Worker | undefined;

  constructor(address: ClamdAddress) {
    this.#address = address;
  }

  /** Errors: `scanner-failed`; those of reading the file. */
  scan(file: Pick<OpenFile, "size" | "read">): ClamdResult {
    this.#start();
    try {
      return this.#send(file);
    } catch (error) {
      // What was sent of this file would count to the next one.
      void this.#worker?.terminate();
      this.#worker = undefined;
      throw error;
    }
  }

  #send(file: Pick<OpenFile, "size" | "read">): ClamdResult {
    for (let offset = 0; offset < file.size; ) {
      const bytes = file.read(offset, Math.min(pieceSize, file.size - offset));
      if (bytes.length === 0) break;
      this.#piece.bytes.set(bytes);
      this.#exchange(states.bytes, bytes.length);
      offset += bytes.length;
    }
    this.#exchange(states.end, 0);
    return readJson(this.#piece) as ClamdResult;
  }

  #start(): void {
    if (this.#worker) return;
    this.#piece = sharedPiece();
    const setup: ClamdWorkerSetup = { address: this.#address, piece: this.#piece };
    this.#worker = new Worker(workerFile, { workerData: setup });
    this.#worker.unref();
  }

  #exchange(state: number, length: number): void {
    handOver(this.#piece, state, length);
    const { words } = this.#piece;
    if (Atomics.wait(words, control.state, state, answersWithin) === "timed-out") {
      throw new PlimsollError("scanner-failed", "clamd does not answer", { hint: "Read clamd's log, and try again." });
    }
    if (Atomics.load(words, control.state) !== states.failure) return;
    const { code, message, hint } = readJson(this.#piece) as { code: ErrorCode; message: string; hint?: string };
    throw new PlimsollError(code, message, hint === undefined ? {} : { hint });
  }
}

/** Beside this module: as a source file, compiled, or in the bundle. */
const workerFile = new URL(`./clamd-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
