import { connect, type Socket } from "node:net";
import { PlimsollError } from "../../model/error.ts";
import { type ClamdAddress, clamdName } from "./clamd-address.ts";

/** A reply that ends with the connection, or a connection that ended before there was one. */
export interface ClamdReply {
  /** Without the NUL at its end; undefined when the connection ended. */
  readonly text: string | undefined;
}

const longestReply = 64 * 1024;
const connectWithin = 5_000;

/**
 * A connection to clamd in the form of its commands that end in NUL. One reply is awaited at a time.
 *
 * Source: the manual clamd(8).
 */
export class ClamdConnection implements Disposable {
  readonly #socket: Socket;
  #received = "";
  #hasEnded = false;
  #hear: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#hear();
    });
    const end = () => {
      this.#hasEnded = true;
      this.#hear();
    };
    socket.on("error", end);
    socket.on("close", end);
  }

  /** Error: `scanner-failed`. */
  static open(address: ClamdAddress): Promise<ClamdConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<ClamdConnection>();
    const socket = connect("path" in address ? { path: address.path } : address);
    const fail = (cause: Error) => {
      socket.destroy();
      reject(unreachable(address, cause));
    };
    socket.once("error", fail);
    socket.setTimeout(connectWithin, () => fail(new Error(`no answer within ${connectWithin / 1000} s`)));
    socket.once("connect", () => {
      socket.off("error", fail);
      socket.setTimeout(0);
      resolve(new ClamdConnection(socket));
    });
    return promise;
  }

  /** Resolves when the bytes are on their way; also when the connection has ended, which {@link reply} tells. */
  write(bytes: Uint8Array | string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#hasEnded) resolve();
    else this.#socket.write(bytes, () => resolve());
    return promise;
  }

  /** The next reply. Error: `scanner-failed` when there is none in time, or no end to it. */
  async reply({ within }: { readonly within: number }): Promise<ClamdReply> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const seconds = within / 1000;
    const timer = setTimeout(() => reject(failed(`clamd did not answer within ${seconds} s`)), within);
    try {
      for (;;) {
        const end = this.#received.indexOf("\0");
        if (end >= 0) {
          const text = this.#received.slice(0, end);
          this.#received = this.#received.slice(end + 1);
          return { text };
        }
        if (this.#received.length > longestReply) throw failed("clamd answers without end");
        if (this.#hasEnded) return { text: undefined };
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#hear = resolve;
        await Promise.race([promise, late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function failed(message: string): PlimsollError {
  return new PlimsollError("scanner-failed", message, { hint: "Read clamd's log, and try again." });
}

function unreachable(address: ClamdAddress, cause: Error): PlimsollError {
  const { code } = cause as NodeJS.ErrnoException;
  const name = clamdName(address);
  if (code === "EACCES" || code === "EPERM") {
    return new PlimsollError("scanner-failed", `permission denied for the socket of clamd ${name}`, {
      hint: "Join the group of the socket, or use sudo.",
      cause,
    });
  }
  return new PlimsollError("scanner-failed", `clamd does not respond at ${name}: ${cause.message}`, {
    hint: "Start clamd, or specify another address with --clamd.",
    cause,
  });
}
