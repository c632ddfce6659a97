import { domainToASCII } from "node:url";
import type { ByteString } from "../../model/events/kernel-event.ts";
import type { DomainNames } from "../../rules/fields/syscall/field-reader.ts";
import { cleanText } from "../../rules/language/byte-string.ts";
import { parseIpv4, parseIpv6 } from "../../rules/language/ip-address.ts";

/** Finds the addresses of a name, as text. Throws when it cannot. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/**
 * How soon a name is looked up again, and twice as late each time that it says the same. Source: falcosecurity/libs.
 */
const firstPause = 10_000;
const longestPause = 320_000;
const millisecondsBetweenLooks = 1000;
/** A look-up takes one of the few threads that also read files. */
const atOnce = 2;
/** How long is waited for the first answers. */
const longestWait = 5000;
const mostNames = 1000;
const mostAddresses = 1000;
/** Longest domain name (RFC 1035). */
const longestName = 253;

/** A name that was looked up: its addresses when they are known, else why not. */
interface Entry {
  addresses: ReadonlySet<ByteString> | undefined;
  failure: string | undefined;
  pause: number;
  /** When it is looked up next, as `performance.now`. */
  due: number;
  isUnderWay: boolean;
}

/**
 * The addresses of the domain names that rules compare. Names are looked up when rules name them and again from time to
 * time, two at once; whoever asks is answered from memory. What a name had stays when a later look-up fails. Dispose it
 * to end looking.
 */
export class DomainNameTable implements DomainNames, Disposable {
  readonly #lookUp: LookUp;
  readonly #entries = new Map<string, Entry>();
  readonly #timer: NodeJS.Timeout;
  /** By address, the first name in the order of their bytes that has it. */
  #names: ReadonlyMap<ByteString, string> = new Map();
  #underWay = 0;
  #isOver = false;
  #answered: (() => void)[] = [];

  constructor(lookUp: LookUp) {
    this.#lookUp = lookUp;
    this.#timer = setInterval(() => this.#work(), millisecondsBetweenLooks);
    this.#timer.unref();
  }

  nameOf(address: ByteString): string | undefined {
    return this.#names.get(address);
  }

  addressesOf(name: string): ReadonlySet<ByteString> | undefined {
    return this.#entries.get(name)?.addresses;
  }

  /**
   * Keeps these names and no others, up to 1,000. Fulfilled when each was looked up once, or after five seconds, or by
   * the signal. Gives the names of which no address is known, with the reason.
   */
  async use(names: Iterable<string>, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(names);
    for (const name of this.#entries.keys()) if (!wanted.has(name)) this.#entries.delete(name);
    const unusable = new Map<string, string>();
    for (const name of wanted) {
      if (this.#entries.has(name)) continue;
      const reason = this.#entries.size >= mostNames ? `more than ${mostNames} names are compared` : unfitness(name);
      if (reason === undefined) this.#entries.set(name, newEntry());
      else unusable.set(name, reason);
    }
    this.#index();
    this.#work();
    await this.#firstAnswers(signal);
    for (const [name, { addresses, failure }] of this.#entries) {
      if (addresses === undefined) unusable.set(name, failure ?? `no response within ${longestWait / 1000} seconds`);
    }
    return unusable;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#reportAnswered();
  }

  #firstAnswers(signal: AbortSignal): Promise<void> {
    const isDone = (): boolean =>
      this.#isOver || signal.aborted || [...this.#entries.values()].every(({ due }) => due > 0);
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, longestWait);
      signal.addEventListener("abort", end, { once: true });
      const look = (): void => {
        if (isDone()) end();
        else this.#answered.push(look);
      };
      this.#answered.push(look);
    });
  }

  /** Starts looking up what is due, as far as there is room. */
  #work(): void {
    if (this.#isOver) return;
    const now = performance.now();
    for (const [name, entry] of this.#entries) {
      if (this.#underWay >= atOnce) return;
      if (!entry.isUnderWay && entry.due <= now) void this.#ask(name, entry);
    }
  }

  async #ask(name: string, entry: Entry): Promise<void> {
    entry.isUnderWay = true;
    this.#underWay++;
    try {
      const found = (await this.#lookUp(asAsked(name))).slice(0, mostAddresses);
      const addresses = new Set(found.flatMap((text) => parseIpv4(text) ?? parseIpv6(text) ?? []));
      const before = entry.addresses;
      const isSame = before?.size === addresses.size && [...addresses].every((address) => before.has(address));
      entry.pause = isSame ? Math.min(entry.pause * 2, longestPause) : firstPause;
      entry.addresses = addresses;
      entry.failure = undefined;
      if (!isSame) this.#index();
    } catch (error) {
      entry.failure = reasonOf(error);
      entry.pause = Math.min(entry.pause * 2, longestPause);
    }
    entry.isUnderWay = false;
    entry.due = performance.now() + entry.pause;
    this.#underWay--;
    this.#reportAnswered();
    this.#work();
  }

  #index(): void {
    const names = new Map<ByteString, string>();
    for (const name of [...this.#entries.keys()].sort()) {
      for (const address of this.#entries.get(name)?.addresses ?? []) {
        if (!names.has(address)) names.set(address, name);
      }
    }
    this.#names = names;
  }

  #reportAnswered(): void {
    for (const look of this.#answered.splice(0)) look();
  }
}

function newEntry(): Entry {
  return { addresses: undefined, failure: undefined, pause: firstPause, due: 0, isUnderWay: false };
}

/** Why a text is not a name that can be looked up. */
function unfitness(name: string): string | undefined {
  return name.length <= longestName && asAsked(name) !== "" ? undefined : "it is not a domain name";
}

/** The name as DNS has it; an address is one of its own. Empty for what is neither. */
function asAsked(name: string): string {
  return parseIpv6(name) === undefined ? domainToASCII(cleanText(name)) : name;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND") return "the name could not be found";
  return code === "" ? "it cannot be resolved" : `it cannot be resolved (${code})`;
}
