import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { reasonOf } from "../../io/reason-of.ts";

/** Milliseconds for the probe to end by itself when its input has ended. */
const patience = 2000;
/** The most characters of a line of standard error that are kept. */
const longestLine = 1000;

/** What the probe tells beside its events. */
export interface ProbeReports {
  /** So many events found no room; the state of the machine follows. */
  readonly lost: (events: number) => void;
  /** So many system calls came by the 32-bit interface, whose events are not seen. */
  readonly unseen: (calls: number) => void;
}

/** A running probe. Its capture is its standard output. */
export class ProbeProcess {
  /** Why it failed, as it says itself. */
  failure: string | undefined;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<void>;

  /** `program` is a path. It runs without a shell, and sees no variable of the environment. */
  constructor(program: string, reports: ProbeReports) {
    this.#child = spawn(program, [], { env: {}, stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.once("error", (cause) => {
        this.failure ??= `it cannot be started: ${reasonOf(cause)}`;
        resolve();
      });
    });
    // A probe that has ended does not read; the end of its output shows this.
    this.#child.stdin.on("error", () => undefined);
    readLines(this.#child.stderr, (line) => this.#takeLine(line, reports));
  }

  /** The bytes of its capture until it ends. */
  async *capture(): AsyncGenerator<Buffer> {
    for await (const piece of this.#child.stdout) yield piece as Buffer;
  }

  /** Which system calls are reported from now on, besides those that the state of the machine needs. */
  choose(calls: readonly string[]): void {
    this.#child.stdin.write(`calls ${calls.join(",")}\n`);
  }

  /** Ends it, and waits for that: nothing of it stays in the kernel. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patience);
    this.#child.stdin.end();
    this.#child.stdout.destroy();
    await this.#ended;
    clearTimeout(timer);
  }

  #takeLine(line: string, { lost, unseen }: ProbeReports): void {
    const [word = "", number = ""] = line.split(" ");
    if (word === "lost") lost(Number(number));
    else if (word === "unseen") unseen(Number(number));
    else if (word === "failed") this.failure ??= line.slice(word.length + 1);
  }
}

function readLines(stream: Readable, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("error", () => undefined);
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(0, longestLine);
    for (const line of lines) take(line);
  });
}
