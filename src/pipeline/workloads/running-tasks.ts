import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";

/** Which containers containerd says that run, asked once for each socket and namespace. */
export class RunningTasks implements Disposable {
  readonly #signal: AbortSignal;
  readonly #clients = new Map<string, ContainerdClient>();
  readonly #known = new Map<string, Promise<ReadonlySet<string> | PlimsollError>>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The client of a socket, which goes away with this object. */
  async client(address: string): Promise<ContainerdClient> {
    const { openContainerd } = await import("../../engines/containerd/containerd-client.ts");
    const client = this.#clients.get(address) ?? openContainerd(address);
    this.#clients.set(address, client);
    return client;
  }

  /** Undefined when nobody answers at the socket. Error: `cancelled`. */
  async has(
    address: string,
    { namespace, id }: { readonly namespace: string; readonly id: string },
  ): Promise<boolean | undefined> {
    const key = JSON.stringify([address, namespace]);
    const asked = this.#known.get(key) ?? this.#ask(address, namespace);
    this.#known.set(key, asked);
    const running = await asked;
    return running instanceof PlimsollError ? undefined : running.has(id);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }

  async #ask(address: string, namespace: string): Promise<ReadonlySet<string> | PlimsollError> {
    const client = await this.client(address);
    return client.running({ namespace, signal: this.#signal }).catch((error: unknown) => {
      if (error instanceof PlimsollError && error.code !== "cancelled") return error;
      throw error;
    });
  }
}
