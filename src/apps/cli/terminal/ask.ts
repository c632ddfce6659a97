import { createInterface } from "node:readline/promises";
import { addAbortSignal, Writable } from "node:stream";
import { PlimsollError } from "../../../model/error.ts";

const longestSecret: number = 64 * 1024;

/** Asks for a line on the terminal. Errors: `usage` without a terminal, `cancelled`. */
export function ask(question: string, signal: AbortSignal): Promise<string> {
  return prompt(question, { signal, isShown: true });
}

/** Asks for a line that is not shown. Errors: `usage` without a terminal, `cancelled`. */
export function askSecret(question: string, signal: AbortSignal): Promise<string> {
  return prompt(question, { signal, isShown: false });
}

/** All of standard input, without the line's end. Errors: `usage` on a terminal, `limit-exceeded`, `cancelled`. */
export async function readAll(signal: AbortSignal): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) throw needed("--password-stdin needs piped input, but standard input is a terminal");
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of addAbortSignal(signal, stdin)) {
      pieces.push(piece);
      size += piece.length;
      if (size > longestSecret) throw new PlimsollError("limit-exceeded", "standard input is too long for a password");
    }
  } catch (cause) {
    throw signal.aborted ? cancelled() : cause;
  }
  return Buffer.concat(pieces)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

async function prompt(
  question: string,
  { signal, isShown }: { readonly signal: AbortSignal; readonly isShown: boolean },
): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) throw needed("cannot prompt: no terminal");
  const output = isShown ? stderr : new Writable({ write: (_piece, _encoding, done) => done() });
  // Before the question, so that nothing is echoed of an answer that comes at once.
  const terminal = createInterface({ input: stdin, output, terminal: true });
  if (!isShown) stderr.write(question);
  // A terminal that is read key by key sends no signal for Ctrl-C.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // After Ctrl-Z and fg it is left paused.
  terminal.on("SIGCONT", () => {
    if (!isShown) stderr.write(question);
    terminal.resume();
  });
  try {
    const closed = new Promise<never>((_, reject) => terminal.once("close", () => reject(cancelled())));
    return await Promise.race([terminal.question(isShown ? question : "", { signal }), closed]);
  } catch (cause) {
    // Also Ctrl-D.
    if (cause instanceof Error && cause.name === "AbortError") throw cancelled();
    throw cause;
  } finally {
    terminal.close();
    if (!isShown) stderr.write("\n");
  }
}

function needed(what: string): PlimsollError {
  return new PlimsollError("usage", what, {
    hint: "For example: echo $TOKEN | plimsoll login HOST --username NAME --password-stdin",
  });
}

function cancelled(): PlimsollError {
  return new PlimsollError("cancelled", "the login was interrupted");
}
