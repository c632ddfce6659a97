import type { Filter } from "../build-filter.ts";
import { type Decision, decideCall, lookUpNumber } from "../decide-call.ts";
import { type Action, actionText, isPermitted } from "../profile.ts";
import { type AbiFacts, abiByAudit, abis, nameOf, numberOf } from "../syscall-table.ts";
import { argumentsOf, type TracedCall, TraceReader } from "./read-trace-line.ts";

/** Calls with the same answer. */
export interface TracedAnswer {
  readonly syscall: string;
  readonly abi: string;
  readonly answer: string;
  /** Denied, or not known because the arguments are not. */
  readonly outcome: "denied" | "unknown" | "logged";
  readonly reason: string;
  readonly rule?: number;
  readonly count: number;
  /** The first line with such a call, from 1. */
  readonly line: number;
  readonly pid?: string;
  readonly command?: string;
}

/** What a profile would have answered to a trace. */
export interface Simulation {
  readonly calls: number;
  /** Lines that have no call. */
  readonly otherLines: number;
  /** Names that no interface has. */
  readonly unknownNames: readonly string[];
  readonly denied: number;
  readonly unknown: number;
  readonly answers: readonly TracedAnswer[];
}

const mostUnknownNames = 100;

/** Takes a trace line by line. Its calls are those of a 64-bit program where the line does not say which. */
export class TraceSimulation {
  readonly #filter: Filter;
  readonly #reader = new TraceReader();
  readonly #native: AbiFacts | undefined;
  readonly #answers = new Map<string, Tally>();
  /** By name or number, for calls whose arguments do not matter. */
  readonly #known = new Map<string | number, Tally>();
  readonly #unknownNames = new Set<string>();
  #lines = 0;
  #calls = 0;

  constructor(filter: Filter) {
    this.#filter = filter;
    this.#native = filter.abis[0]?.facts;
  }

  takeLine(line: string): void {
    this.#lines++;
    const traced = this.#reader.read(line);
    if (!traced) return;
    const key = traced.name ?? (traced.audit ?? 0) * 0x1_0000_0000 + (traced.number ?? 0);
    const known = this.#known.get(key);
    if (known) {
      known.count++;
      this.#calls++;
      return;
    }
    const placed = this.#place(traced);
    if (!placed) return;
    this.#calls++;
    const { facts, number } = placed;
    const decision = decideCall(this.#filter, { audit: facts.audit, number, args: argumentsOf(traced) });
    const tally = this.#tally(traced, { facts, number, decision });
    if ("decision" in lookUpNumber(this.#filter, { audit: facts.audit, number })) this.#known.set(key, tally);
  }

  result(): Simulation {
    const answers = [...this.#answers.values()].filter(({ outcome }) => outcome !== "permitted");
    const sum = (outcome: string): number =>
      answers.filter((answer) => answer.outcome === outcome).reduce((total, { count }) => total + count, 0);
    return {
      calls: this.#calls,
      otherLines: this.#lines - this.#calls,
      unknownNames: [...this.#unknownNames],
      denied: sum("denied"),
      unknown: sum("unknown"),
      answers: answers.flatMap(({ outcome, ...rest }) => (outcome === "permitted" ? [] : [{ ...rest, outcome }])),
    };
  }

  #place({ name, number, audit }: TracedCall): { readonly facts: AbiFacts; readonly number: number } | undefined {
    if (name !== undefined) {
      const facts = [this.#native, ...abis].find((own) => own && numberOf(name, own) !== undefined);
      if (facts) return { facts, number: numberOf(name, facts) ?? 0 };
      if (this.#unknownNames.size < mostUnknownNames) this.#unknownNames.add(name);
      return undefined;
    }
    const facts = audit === undefined ? this.#native : abiByAudit(audit, number ?? 0);
    return facts && { facts, number: number ?? 0 };
  }

  #tally(
    { pid, command }: TracedCall,
    { facts, number, decision }: { readonly facts: AbiFacts; readonly number: number; readonly decision: Decision },
  ): Tally {
    const syscall = nameOf(number, facts) ?? String(number);
    const outcome = outcomeOf(decision);
    const answer = actionText(decision.action);
    const key = `${facts.abi} ${number} ${answer} ${outcome} ${decision.clause?.rule.index ?? ""}`;
    const before = this.#answers.get(key);
    if (before) {
      before.count++;
      return before;
    }
    const tally: Tally = {
      ...{ syscall, abi: facts.abi, answer, outcome, count: 1, line: this.#lines },
      reason: reasonOf(decision),
      ...(decision.clause && { rule: decision.clause.rule.index }),
      ...(pid !== undefined && { pid }),
      ...(command !== undefined && { command }),
    };
    this.#answers.set(key, tally);
    return tally;
  }
}

interface Tally extends Omit<TracedAnswer, "count" | "outcome"> {
  readonly outcome: TracedAnswer["outcome"] | "permitted";
  count: number;
}

function outcomeOf({ action, possible }: Decision): Tally["outcome"] {
  if (possible.some((other) => isPermitted(other) !== isPermitted(action))) return "unknown";
  return answered(action);
}

function answered(action: Action): Tally["outcome"] {
  if (!isPermitted(action)) return "denied";
  return action.kind === "LOG" ? "logged" : "permitted";
}

function reasonOf({ reason, clause, possible }: Decision): string {
  if (possible.length > 0) return "the trace does not show the arguments that decide";
  const texts = {
    rule: `rule ${clause?.rule.index ?? ""}`,
    default: "no rule names it",
    conditions: "no condition holds",
    stub: "newer than the profile",
    architecture: "architecture is not in the profile",
    unfiltered: "not filtered",
  };
  return texts[reason];
}
