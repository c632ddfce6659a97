import type { KernelGroup, KernelUser } from "../../model/events/kernel-event.ts";

const maximumEntries = 1_000_000;

/** Users or groups by number, those of each container apart; the host's are under the empty id. */
export class AccountTable<Account extends KernelUser | KernelGroup> {
  readonly #host = new Map<number, Account>();
  readonly #containers = new Map<string, Map<number, Account>>();
  #size = 0;

  get(id: number, containerId: string): Account | undefined {
    return containerId === "" ? this.#host.get(id) : this.#containers.get(containerId)?.get(id);
  }

  /** Adds or replaces an account. Names with `+` or `-` in front are directives of the name service, not accounts. */
  add(id: number, containerId: string, account: Account): void {
    if (account.name.startsWith("+") || account.name.startsWith("-")) return;
    let accounts = containerId === "" ? this.#host : this.#containers.get(containerId);
    if (accounts?.has(id) !== true) {
      if (this.#size >= maximumEntries) return;
      this.#size++;
    }
    if (accounts === undefined) {
      accounts = new Map();
      this.#containers.set(containerId, accounts);
    }
    accounts.set(id, account);
  }

  remove(id: number, containerId: string): void {
    const accounts = containerId === "" ? this.#host : this.#containers.get(containerId);
    if (accounts?.delete(id) === true) this.#size--;
    if (accounts?.size === 0) this.#containers.delete(containerId);
  }
}
