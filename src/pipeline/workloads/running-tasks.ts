import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";

/** Which containers containerd says that run, asked once for each socket and namespace. */
export class RunningTasks implements Disposable {
  readonly #signal: AbortSignal;
  readonly #clients = new Map<string, ContainerdClient>();
  readonly #silent = new Map<string, PlimsollError>();
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

  /** An address that did not answer is not asked again; `error` says why not. */
  giveUp(address: string, error: PlimsollError): void {
    this.#silent.set(address, error);
  }

  /**
   * Running tasks by namespaces, in one of them or in all; the error when the socket does not answer. Error:
   * `cancelled`.
   */
  async all(
    address: string,
    namespace: string | undefined,
  ): Promise<ReadonlyMap<string, ReadonlySet<string>> | PlimsollError> {
    const namespaces = namespace === undefined ? await this.#namespaces(address) : [namespace];
    if (namespaces instanceof PlimsollError) return namespaces;
    const all = new Map<string, ReadonlySet<string>>();
    for (const one of namespaces) {
      const running = await this.#running(address, one);
      if (running instanceof PlimsollError) return running;
      all.set(one, running);
    }
    return all;
  }

  /** Undefined when the socket does not answer. Error: `cancelled`. */
  async has(
    address: string,
    { namespace, id }: { readonly namespace: string; readonly id: string },
  ): Promise<boolean | undefined> {
    const running = await this.#running(address, namespace);
    return running instanceof PlimsollError ? undefined : running.has(id);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }

  async #namespaces(address: string): Promise<readonly string[] | PlimsollError> {
    return this.#ask(address, (client) => client.namespaces(this.#signal));
  }

  #running(address: string, namespace: string): Promise<ReadonlySet<string> | PlimsollError> {
    const key = JSON.stringify([address, namespace]);
    const signal = this.#signal;
    const asked = this.#known.get(key) ?? this.#ask(address, (client) => client.running({ namespace, signal }));
    this.#known.set(key, asked);
    return asked;
  }

  async #ask<T>(address: string, ask: (client: ContainerdClient) => Promise<T>): Promise<T | PlimsollError> {
    const silent = this.#silent.get(address);
    if (silent) return silent;
    try {
      return await ask(await this.client(address));
    } catch (error) {
      if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
      this.giveUp(address, error);
      return error;
    }
  }
}
