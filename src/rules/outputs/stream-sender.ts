import type { Socket } from "node:net";
import { reasonOf } from "../../io/reason-of.ts";
import type { Alert } from "../../model/events/alert.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

/** Options for messages that go through a connection that stays open. */
export interface StreamSenderOptions {
  readonly id: string;
  /** Begins to connect. The socket tells by `readyEvent` that it can be written to. */
  readonly connect: () => Socket;
  readonly readyEvent: "connect" | "secureConnect";
  /** Written once on each connection. */
  readonly greeting?: string;
  readonly encode: (alert: Alert, formatted: string) => string;
  readonly frame: (message: string) => string;
  /** Milliseconds to connect, and for messages to be taken; 10,000 unless given. */
  readonly timeout?: number;
}

/**
 * Writes messages to a socket, which is opened when it is needed. A message has arrived when the operating system has
 * taken it: these protocols have no answer, so what was under way when a connection broke is lost.
 */
export class StreamSender implements Sender {
  readonly id: string;
  readonly batchSize = 100;
  readonly parallel = 1;
  readonly #options: StreamSenderOptions;
  #socket: Socket | undefined;

  constructor(options: StreamSenderOptions) {
    this.id = options.id;
    this.#options = options;
  }

  encode(alert: Alert, formatted: string): string {
    return this.#options.encode(alert, formatted);
  }

  async send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeout ?? 10_000)]);
    const socket = this.#socket ?? (await this.#connect(within));
    const text = lines.map(this.#options.frame).join("");
    await settled(socket, { within, begin: (done) => socket.write(text, () => done()) });
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.setTimeout(1000, () => socket.destroy());
      socket.end(() => socket.destroySoon());
    });
  }

  async #connect(within: AbortSignal): Promise<Socket> {
    const socket = this.#options.connect();
    // Nothing is expected from there; to read is how its end is noticed.
    socket.on("data", () => undefined);
    socket.on("end", () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    await settled(socket, { within, begin: (done) => socket.once(this.#options.readyEvent, done) });
    this.#socket = socket;
    socket.unref();
    if (this.#options.greeting !== undefined) socket.write(this.#options.greeting);
    return socket;
  }
}

/** Fulfilled by what `begin` begins, unless the socket fails, closes or takes too long; then it is closed. */
function settled(
  socket: Socket,
  { within, begin }: { readonly within: AbortSignal; readonly begin: (done: () => void) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (failure?: DeliveryFailure): void => {
      socket.off("error", onError).off("close", onClose);
      within.removeEventListener("abort", onAbort);
      if (failure) {
        socket.destroy();
        reject(failure);
      } else resolve();
    };
    const onError = (cause: Error): void => end(new DeliveryFailure(reasonOf(cause), { cause }));
    const onClose = (): void => end(new DeliveryFailure("the connection was closed"));
    const onAbort = (): void => end(new DeliveryFailure("it takes too long"));
    socket.on("error", onError).on("close", onClose);
    within.addEventListener("abort", onAbort);
    if (within.aborted) onAbort();
    else if (socket.destroyed) onClose();
    else begin(() => end());
  });
}
