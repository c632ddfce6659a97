import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Program } from "../../io/child-process.ts";
import { reasonOf } from "../../io/random-access.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

/** Of a program that reads alerts from its standard input, one a line. */
export interface ProgramSenderOptions {
  /** All the variables that the program sees. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Starts the program for each alert and expects it to end with exit code 0; otherwise one program reads all of them. */
  readonly isPerAlert?: boolean;
  /** Milliseconds in which the program must take what it is given, and end where it should; 10,000 unless given. */
  readonly timeout?: number;
}

interface RunningProgram {
  readonly child: ChildProcess;
  readonly input: Writable;
  /** Whether its input was ended. */
  isEnding: boolean;
  /** Fulfilled, with how it ended, when it ends or cannot be started. */
  readonly ended: Promise<Ending>;
}

interface Ending {
  /** A clause. */
  readonly how: string;
  readonly isSuccess: boolean;
}

/**
 * Writes alerts to a program, without a shell. With a program for each, an alert has arrived when that ended well. One program for all
 * has taken what it was given when it ends with exit code 0 after its input ended; when it ends earlier or otherwise, nobody can tell
 * what it had read, and all that was written to it is taken back. Its standard output is not read; the last line of its standard error
 * stands in the failure.
 */
export class ProgramSender implements Sender {
  readonly id: string;
  readonly batchSize: number;
  readonly parallel = 1;
  readonly #program: Program;
  readonly #options: ProgramSenderOptions;
  readonly #timeout: number;
  #running: RunningProgram | undefined;
  #takeBack: (failure: DeliveryFailure) => void = () => undefined;

  constructor(program: Program, options: ProgramSenderOptions) {
    this.id = `program ${program.path}`;
    this.batchSize = options.isPerAlert ? 1 : 100;
    this.#program = program;
    this.#options = options;
    this.#timeout = options.timeout ?? 10_000;
  }

  onTakenBack(handler: (failure: DeliveryFailure) => void): boolean {
    this.#takeBack = handler;
    return !this.#options.isPerAlert;
  }

  async send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const text = `${lines.join("\n")}\n`;
    const running = this.#running ?? this.#start();
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#timeout)]);
    try {
      if (this.#options.isPerAlert) await this.#sendWhole(running, { text, within });
      else await inTime(taken(running, text), within);
    } catch (cause) {
      this.#stop(running);
      throw cause;
    }
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.isEnding = true;
    running.input.end();
    try {
      const { how, isSuccess } = await inTime(running.ended, AbortSignal.timeout(this.#timeout));
      if (!isSuccess) throw new DeliveryFailure(how);
    } catch (cause) {
      this.#stop(running);
      throw cause;
    }
  }

  async #sendWhole(
    running: RunningProgram,
    { text, within }: { readonly text: string; readonly within: AbortSignal },
  ): Promise<void> {
    running.input.end(text);
    const { how, isSuccess } = await inTime(running.ended, within);
    if (!isSuccess) throw new DeliveryFailure(how);
  }

  #start(): RunningProgram {
    const child = spawn(this.#program.path, this.#program.args, {
      env: { ...this.#options.environment },
      shell: false,
      stdio: ["pipe", "ignore", "pipe"],
      windowsHide: true,
    });
    const lastWords = lastLineOf(child.stderr);
    const ended = new Promise<Ending>((resolve) => {
      child.on("error", (cause) => resolve({ how: `it cannot be started: ${reasonOf(cause)}`, isSuccess: false }));
      child.on("exit", (code, signal) => {
        const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
        // What it wrote last may still be on its way.
        setImmediate(() => resolve({ how: `${how}${lastWords()}`, isSuccess: code === 0 }));
      });
    });
    child.stdin.on("error", () => undefined);
    const running: RunningProgram = { child, input: child.stdin, ended, isEnding: false };
    if (!this.#options.isPerAlert) {
      this.#running = running;
      ended.then(({ how, isSuccess }) => {
        this.#forget(running);
        if (running.isEnding) return;
        this.#takeBack(new DeliveryFailure(isSuccess ? `${how} before its input ended` : how));
      });
    }
    return running;
  }

  #forget(running: RunningProgram): void {
    if (this.#running === running) this.#running = undefined;
  }

  #stop(running: RunningProgram): void {
    this.#forget(running);
    running.child.kill("SIGKILL");
  }
}

/** Fulfilled when the input has taken the text. */
function taken({ input, ended }: RunningProgram, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    ended.then(({ how, isSuccess }) => reject(new DeliveryFailure(isSuccess ? `${how} before its input ended` : how)));
    input.write(text, (error) => {
      // A broken pipe is told by the end of the program, with its reason.
      if (!error) resolve();
    });
  });
}

function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new DeliveryFailure("it takes too long"));
    if (signal.aborted) late();
    signal.addEventListener("abort", late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}

function lastLineOf(stream: Readable): () => string {
  let tail = "";
  stream
    .on("error", () => undefined)
    .on("data", (piece: Buffer) => {
      tail = (tail + piece.toString("latin1")).slice(-1000);
    });
  return () => {
    const line = tail
      .trimEnd()
      .split("\n")
      .at(-1)
      ?.replace(/[^\x20-\x7e]/g, "?")
      .slice(0, 200);
    return line ? `: ${line}` : "";
  };
}
