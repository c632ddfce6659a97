import { type ChildProcess, spawn } from "node:child_process";
import { type Readable, Writable } from "node:stream";
import type { Program } from "../../io/processes/child-process.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

/** Options of a program that reads alerts from its standard input, one a line. */
export interface ProgramSenderOptions {
  /** All the variables that the program sees. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Starts the program for each alert and expects it to end with exit code 0; otherwise one program reads all of them.
   */
  readonly isPerAlert?: boolean;
  /** Milliseconds in which the program must take what it is given, and end where it should; 10,000 unless given. */
  readonly timeout?: number;
}

interface RunningProgram {
  readonly child: ChildProcess;
  readonly input: Writable;
  /**
   * Nothing that was written to it is to be taken back any more: it was, or its input has ended and its end is awaited.
   */
  isSettled: boolean;
  /** Fulfilled, with how it ended, when it ends or cannot be started. */
  readonly ended: Promise<Ending>;
}

interface Ending {
  readonly isSuccess: boolean;
  /** How it ended; with success, that this was before its input ended. */
  readonly failure: DeliveryFailure;
}

/**
 * After so many ends with exit code 0 in a row, each soon and before the input ended, a program is taken for one that
 * reads one alert.
 */
const mostEarlyEnds = 3;
/** Milliseconds. */
const soon = 60_000;
const aloneFromNowOn = " several times; from now on, the program is started for each alert, as with per_alert: true";

/**
 * Writes alerts to a program, without a shell, in a process group of its own, so that an interrupt at the terminal does
 * not end it: the end of its input does. Its standard output is not read; the last line of its standard error stands in
 * the failure.
 *
 * A program for each alert: the alert has arrived when the program ended well.
 *
 * One program for all: it has taken what it was given when it ends with exit code 0 after its input ended. When it ends
 * earlier or otherwise, it is unknown what it had read, and all that was written to it is taken back. A program that
 * time and again ends early with exit code 0 gets each alert alone from then on.
 */
export class ProgramSender implements Sender {
  readonly id: string;
  readonly parallel = 1;
  readonly #program: Program;
  readonly #options: ProgramSenderOptions;
  readonly #timeout: number;
  #running: RunningProgram | undefined;
  /** In a row. */
  #earlyEnds = 0;
  #takeBack: (failure: DeliveryFailure) => void = () => undefined;

  constructor(program: Program, options: ProgramSenderOptions) {
    this.id = `program ${program.path}`;
    this.#program = program;
    this.#options = options;
    this.#timeout = options.timeout ?? 10_000;
  }

  get batchSize(): number {
    return this.#isPerAlert ? 1 : 100;
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
      if (this.#isPerAlert) await this.#sendWhole(running, { text, within });
      else await inTime(taken(running, text), within);
    } catch (cause) {
      this.#stop(running);
      this.#takeBackOnce(running, cause);
      throw cause;
    }
  }

  async close(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    running.isSettled = true;
    running.input.end();
    try {
      const { failure, isSuccess } = await inTime(running.ended, AbortSignal.timeout(this.#timeout));
      if (!isSuccess) throw failure;
    } catch (cause) {
      this.#stop(running);
      throw cause;
    }
  }

  get #isPerAlert(): boolean {
    return this.#options.isPerAlert === true || this.#earlyEnds >= mostEarlyEnds;
  }

  async #sendWhole(
    running: RunningProgram,
    { text, within }: { readonly text: string; readonly within: AbortSignal },
  ): Promise<void> {
    running.input.end(text);
    const { failure, isSuccess } = await inTime(running.ended, within);
    if (!isSuccess) throw failure;
  }

  #start(): RunningProgram {
    const child = spawn(this.#program.path, this.#program.args, {
      // Its own process group; elsewhere this would open a window.
      detached: process.platform !== "win32",
      env: { ...this.#options.environment },
      shell: false,
      stdio: ["pipe", "ignore", "pipe"],
      windowsHide: true,
    });
    let isYoung = true;
    const growing = setTimeout(() => {
      isYoung = false;
    }, soon).unref();
    // Without a descriptor for them there are no streams, and "error" follows.
    const lastWords = child.stderr ? lastLineOf(child.stderr) : () => "";
    const input = child.stdin ?? new Writable({ write: () => undefined });
    const ended = new Promise<Ending>((resolve) => {
      child.on("error", (cause) =>
        resolve({ failure: new DeliveryFailure(`it cannot be started: ${reasonOf(cause)}`), isSuccess: false }),
      );
      child.on("exit", (code, signal) => {
        clearTimeout(growing);
        const how = signal === null ? `it exited with code ${code}` : `it was terminated by ${signal}`;
        const isEarly = code === 0 && !running.isSettled;
        if (!this.#isPerAlert) this.#earlyEnds = isEarly && isYoung ? this.#earlyEnds + 1 : 0;
        const remark = isEarly ? ` before its input ended${this.#isPerAlert ? aloneFromNowOn : ""}` : "";
        const isInterrupted = signal === "SIGINT" || signal === "SIGTERM";
        // What it wrote last may still be on its way.
        setImmediate(() =>
          resolve({
            failure: new DeliveryFailure(`${how}${remark}${lastWords()}`, { isInterrupted }),
            isSuccess: code === 0,
          }),
        );
      });
    });
    input.on("error", () => undefined);
    const running: RunningProgram = { child, input, ended, isSettled: this.#isPerAlert };
    if (!this.#isPerAlert) {
      this.#running = running;
      ended.then(({ failure }) => {
        this.#forget(running);
        this.#takeBackOnce(running, failure);
      });
    }
    return running;
  }

  #takeBackOnce(running: RunningProgram, cause: unknown): void {
    if (running.isSettled) return;
    running.isSettled = true;
    this.#takeBack(cause instanceof DeliveryFailure ? cause : new DeliveryFailure("it fails", { cause }));
  }

  #forget(running: RunningProgram): void {
    if (this.#running === running) this.#running = undefined;
  }

  #stop(running: RunningProgram): void {
    this.#forget(running);
    const { pid, exitCode, signalCode } = running.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === "win32") running.child.kill("SIGKILL");
      else process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Fulfilled when the input has taken the text. */
function taken({ input, ended }: RunningProgram, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    ended.then(({ failure }) => reject(failure));
    input.write(text, (error) => {
      // The end of the program reports a broken pipe, with its reason.
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
