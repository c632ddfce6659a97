/** Milliseconds after which a wait for a server is reported. */
const longWait = 10_000;
/** Milliseconds of silence at the one attempt that a server is still given. */
const lastWait = 20_000;

/** How one file is asked for. */
export interface FilePatience {
  readonly attempts: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
}

/**
 * What one run of downloads has learnt of the servers that it asks, so that one that is down costs its time once and
 * not with every file: after all attempts at one file it is given a single one at the next, and when nothing at all
 * comes of that either, no further one. Each wait is reported once.
 */
export class FeedServers {
  readonly #waiting: (sentence: string) => void;
  readonly #longWait: number;
  readonly #lost = new Map<string, { readonly times: number; readonly reason: string }>();
  #hasTold = false;

  /** `waiting` receives a sentence about a server after `longWait` milliseconds of waiting; the default is 10,000. */
  constructor(
    waiting: (sentence: string) => void = () => undefined,
    { longWait: wait = longWait }: { readonly longWait?: number } = {},
  ) {
    this.#waiting = waiting;
    this.#longWait = wait;
  }

  /** Why a server is not asked any more, as a clause; undefined for one that is. */
  refusalOf(address: string): string | undefined {
    const { times = 0, reason = "" } = this.#lost.get(originOf(address)) ?? {};
    return times < 2 || isAnswer(reason) ? undefined : reason;
  }

  /** What a file of an address is given, of what one usually is. */
  patienceFor(address: string, usual: FilePatience): FilePatience {
    if (!this.#lost.has(originOf(address))) return usual;
    return { attempts: 1, idleTimeout: Math.min(usual.idleTimeout, lastWait) };
  }

  /** Notes that a file was not available, for a reason that concerns its server. */
  lose(address: string, reason: string): void {
    const origin = originOf(address);
    this.#lost.set(origin, { times: (this.#lost.get(origin)?.times ?? 0) + 1, reason });
  }

  /** Something came. */
  find(address: string): void {
    this.#lost.delete(originOf(address));
  }

  /** Begins to wait for a server: `again` is called when something comes, `end` when it is not waited for any more. */
  wait(address: string): { readonly again: () => void; readonly end: () => void } {
    const timer = setTimeout(() => {
      if (this.#hasTold) return;
      this.#hasTold = true;
      const host = URL.parse(address)?.host ?? "a server";
      this.#waiting(`waiting for ${host}: no data received for ${Math.ceil(this.#longWait / 1000)} seconds`);
    }, this.#longWait);
    return { again: () => timer.refresh(), end: () => clearTimeout(timer) };
  }
}

/** What was answered costs no time. */
function isAnswer(reason: string): boolean {
  return reason.startsWith("HTTP status");
}

function originOf(address: string): string {
  return URL.parse(address)?.origin ?? "";
}
