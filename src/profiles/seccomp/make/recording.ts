import { type AbiFacts, abiByAudit, abis, nameOf, numberOf } from "../syscall-table.ts";
import { argumentsOf, type TracedCall, TraceReader } from "../trace/read-trace-line.ts";

/** The calls of one run. */
export interface RecordedRun {
  readonly calls: ReadonlyMap<string, RecordedCall>;
  /** The interfaces that were used. */
  readonly abis: ReadonlySet<string>;
  readonly count: number;
}

/** What was seen of a call. */
export interface RecordedCall {
  /** The values of the first argument; undefined once one was not shown or there were too many. */
  readonly first: ReadonlySet<bigint> | undefined;
}

const mostValues = 32;
/** Calls of which a profile restricts the first argument. */
const watched: ReadonlySet<string> = new Set(["socket", "clone", "personality"]);

/** Collects the calls of one trace. Only names of the table are taken, never text of the trace. */
export class Recording {
  readonly #native: AbiFacts;
  readonly #reader = new TraceReader();
  readonly #calls = new Map<string, { first: Set<bigint> | undefined }>();
  readonly #abis = new Set<string>();
  #count = 0;

  constructor(native: AbiFacts) {
    this.#native = native;
  }

  takeLine(line: string): void {
    const traced = this.#reader.read(line);
    const placed = traced && this.#place(traced);
    if (!placed) return;
    this.#count++;
    const { name, facts } = placed;
    this.#abis.add(facts.profileName);
    const known = this.#calls.get(name) ?? { first: new Set<bigint>() };
    this.#calls.set(name, known);
    if (!watched.has(name) || !known.first) return;
    const [first] = argumentsOf(traced);
    if (first === undefined || known.first.size >= mostValues) known.first = undefined;
    else known.first.add(BigInt.asUintN(facts.bits, first));
  }

  result(): RecordedRun {
    return { calls: this.#calls, abis: this.#abis, count: this.#count };
  }

  #place({ name, number, audit }: TracedCall): { readonly name: string; readonly facts: AbiFacts } | undefined {
    if (name !== undefined) {
      const facts = [this.#native, ...abis].find((own) => numberOf(name, own) !== undefined);
      return facts && { name, facts };
    }
    const facts = audit === undefined ? this.#native : abiByAudit(audit, number ?? 0);
    if (!facts) return undefined;
    const known = nameOf(number ?? 0, facts);
    return known === undefined ? undefined : { name: known, facts };
  }
}
