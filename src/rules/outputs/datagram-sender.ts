import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { reasonOf } from "../../io/reason-of.ts";
import type { Alert } from "../../model/events/alert.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

/** Options for messages that are sent as UDP datagrams. */
export interface DatagramSenderOptions {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly encode: (alert: Alert, formatted: string) => string;
  /** The most bytes of a message; longer ones are cut off. 8192 unless given, which receivers usually take. */
  readonly maxBytes?: number;
}

/** Sends messages as datagrams, one each. That one was sent says nothing about whether it arrived. */
export class DatagramSender implements Sender {
  readonly id: string;
  readonly batchSize = 1;
  readonly parallel = 1;
  readonly #options: DatagramSenderOptions;
  #socket: Socket | undefined;

  constructor(options: DatagramSenderOptions) {
    this.id = options.id;
    this.#options = options;
  }

  encode(alert: Alert, formatted: string): string {
    return this.#options.encode(alert, formatted);
  }

  async send(lines: readonly string[]): Promise<void> {
    const { host, port, maxBytes = 8192 } = this.#options;
    this.#socket ??= openSocket(host);
    const socket = this.#socket;
    for (const line of lines) {
      await new Promise<void>((resolve, reject) => {
        socket.send(cut(line, maxBytes), port, host, (cause) => {
          if (cause) reject(new DeliveryFailure(reasonOf(cause), { cause }));
          else resolve();
        });
      });
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket) this.#socket.close(resolve);
      else resolve();
    });
  }
}

function openSocket(host: string): Socket {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  // A host that refuses datagrams says so to a later one.
  socket.on("error", () => undefined);
  socket.unref();
  return socket;
}

/** The first bytes of a text, whole characters only. */
function cut(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
