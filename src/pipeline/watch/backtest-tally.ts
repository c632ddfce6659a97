import type { Alert, AlertValue } from "../../model/events/alert.ts";
import { AlertLimiter } from "../../rules/alerts/alert-limiter.ts";
import { AlertVolume } from "../../rules/alerts/volume-report.ts";
import type { Match } from "../../rules/engine/alert-builder.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";

/** What an exception can be made of, by source, whether or not the output of a rule names it. */
const exceptionFields: Readonly<Record<string, readonly string[]>> = {
  syscall: [
    "proc.name",
    "proc.pname",
    "proc.exepath",
    "proc.cmdline",
    "user.name",
    "container.image.repository",
    "k8s.ns.name",
    "fd.name",
    "fd.sip",
  ],
  k8s_audit: ["ka.user.name", "ka.verb", "ka.target.resource", "ka.target.namespace"],
};

/** Counts what rules say of several streams of events, and how long these were. */
export class BacktestTally {
  readonly volume: AlertVolume = new AlertVolume();
  readonly #rules: readonly Rule[];
  readonly #matched = new Set<string>();
  readonly #sources = new Set<string>();
  #events = 0;
  #heldBack = 0;
  #nanoseconds = 0n;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  get events(): number {
    return this.#events;
  }

  /** What `deduplicate` of the rules kept from being alerts. */
  get heldBack(): number {
    return this.#heldBack;
  }

  /** From the first to the last event of each stream, together. */
  get seconds(): number {
    return Number(this.#nanoseconds) / 1e9;
  }

  /** The enabled rules that no event fulfilled, and those about sources of which there were no events. */
  get silent(): { readonly silent: readonly string[]; readonly unjudged: readonly string[] } {
    const quiet = this.#rules.filter(({ name, isEnabled }) => isEnabled && !this.#matched.has(name));
    const { silent = [], unjudged = [] } = Object.groupBy(quiet, ({ source }) =>
      this.#sources.has(source) ? "silent" : "unjudged",
    );
    return { silent: silent.map(({ name }) => name), unjudged: unjudged.map(({ name }) => name) };
  }

  /** Begins a stream of events of this source; its limits know nothing of the streams before. */
  begin(source: string): ReplayedStream {
    this.#sources.add(source);
    const limiter = new AlertLimiter(this.#rules);
    let span: { readonly first: bigint; readonly last: bigint } | undefined;
    return {
      matched: (match) => {
        this.#matched.add(match.rule.name);
        if (limiter.admit(match.rule.name, match)) this.volume.add(withFields(match));
      },
      seen: (events, first, last) => {
        this.#events += events;
        span = {
          first: span !== undefined && span.first < first ? span.first : first,
          last: span !== undefined && span.last > last ? span.last : last,
        };
      },
      end: () => {
        this.#heldBack += limiter.counts.deduplicated;
        if (span && span.last > span.first) this.#nanoseconds += span.last - span.first;
      },
    };
  }
}

/** Takes what is seen of one stream. */
interface ReplayedStream {
  readonly matched: (match: Match) => void;
  /** A batch is over: so many events, from when to when in nanoseconds since 1970. */
  readonly seen: (events: number, first: bigint, last: bigint) => void;
  readonly end: () => void;
}

function withFields(match: Match): Alert {
  const alert = match.alert();
  const named = new Set(alert.fields.map(([name]) => name));
  const further = (exceptionFields[match.rule.source] ?? [])
    .filter((field) => !named.has(field))
    .map((field): [string, AlertValue] => [field, match.value(field)]);
  return { ...alert, fields: [...alert.fields, ...further.filter(([, value]) => value !== null)] };
}
