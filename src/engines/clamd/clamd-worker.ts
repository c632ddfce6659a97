import { parentPort, workerData } from "node:worker_threads";
import { PlimsollError } from "../../model/error.ts";
import type { ClamdAddress } from "./clamd-address.ts";
import { control, handOver, type SharedPiece, states, writeJson } from "./clamd-protocol.ts";
import { ClamdSession } from "./clamd-session.ts";

/** What the thread is started with. */
export interface ClamdWorkerSetup {
  readonly address: ClamdAddress;
  readonly piece: SharedPiece;
}

/** Sends to clamd what another thread puts into the shared memory, until that thread ends. */
async function serve({ address, piece }: ClamdWorkerSetup): Promise<void> {
  const session = new ClamdSession(address);
  const { words, bytes } = piece;
  for (;;) {
    const state = await nextTurn(piece);
    try {
      if (state === states.bytes) {
        await session.send(bytes.slice(0, Atomics.load(words, control.length)));
        handOver(piece, states.idle, 0);
      } else handOver(piece, states.result, writeJson(piece, await session.end()));
    } catch (error) {
      handOver(piece, states.failure, writeJson(piece, failureOf(error)));
    }
  }
}

async function nextTurn({ words }: SharedPiece): Promise<number> {
  for (;;) {
    const state = Atomics.load(words, control.state);
    if (state === states.bytes || state === states.end) return state;
    await Atomics.waitAsync(words, control.state, state).value;
  }
}

function failureOf(error: unknown): { readonly code: string; readonly message: string; readonly hint?: string } {
  if (!(error instanceof PlimsollError)) return { code: "scanner-failed", message: `clamd: ${String(error)}` };
  const { code, message, hint } = error;
  return { code, message, ...(hint !== undefined && { hint }) };
}

// A thread whose last connection has ended would end too: what it waits for in shared memory does not keep it.
parentPort?.on("message", () => {});
await serve(workerData as ClamdWorkerSetup);
