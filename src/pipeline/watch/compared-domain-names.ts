import type { DomainNames } from "../../rules/fields/syscall/field-reader.ts";
import { DomainNameTable, type LookUp } from "./domain-name-table.ts";

/** The resolver of domain names, and the receiver of its failures. */
export interface DomainNameOptions {
  /** Absent: nothing may be looked up. */
  readonly lookUp?: LookUp;
  readonly note: (message: string, hint?: string) => void;
}

const mostListed = 3;

/**
 * The domain names that are compared (`fd.sip.name` and its like), and their addresses. A comparison whose result is
 * unknown, because an address is not known, is reported in a note: it is not simply false.
 */
export class ComparedDomainNames implements Disposable {
  readonly #table: DomainNameTable | undefined;
  readonly #note: DomainNameOptions["note"];

  constructor({ lookUp, note }: DomainNameOptions) {
    this.#table = lookUp && new DomainNameTable(lookUp);
    this.#note = note;
  }

  /** For the fields of events. */
  get names(): DomainNames | undefined {
    return this.#table;
  }

  /**
   * Looks these names up, and no others from now on; each is there with who compares it. Fulfilled after five seconds
   * at the latest.
   */
  async use(compared: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<void> {
    if (this.#table === undefined) {
      if (compared.size > 0) this.#noteUnknown([...compared.keys()], "nothing may be looked up", compared);
      return;
    }
    const unknown = await this.#table.use(compared.keys(), signal);
    if (signal.aborted) return;
    const byReason = Map.groupBy(unknown, ([, reason]) => reason);
    for (const [reason, names] of byReason) {
      this.#noteUnknown(
        names.map(([name]) => name),
        reason,
        compared,
      );
    }
  }

  [Symbol.dispose](): void {
    this.#table?.[Symbol.dispose]();
  }

  #noteUnknown(names: readonly string[], reason: string, compared: ReadonlyMap<string, readonly string[]>): void {
    const who = [...new Set(names.flatMap((name) => compared.get(name) ?? []))];
    this.#note(
      `the addresses of ${listed(names)} are unknown (${reason}): ${listed(who)} cannot compare them`,
      "Rules can compare addresses instead: fd.sip, fd.snet.",
    );
  }
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, mostListed).join(", ");
  return texts.length > mostListed ? `${shown} and ${texts.length - mostListed} more` : shown;
}
