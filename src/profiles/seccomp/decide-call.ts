import type { Clause, Filter } from "./build-filter.ts";
import type { Action, Condition } from "./profile.ts";
import { abiByAudit, x32Bit } from "./syscall-table.ts";

/** A system call as the kernel's seccomp data has it. */
export interface Call {
  /** The audit number of the architecture. */
  readonly audit: number;
  /** 32 bits, unsigned. */
  readonly number: number;
  /** Six of 64 bits; missing ones are unknown and no condition on them can be decided. */
  readonly args: readonly (bigint | undefined)[];
}

/** Why a call gets its answer. */
export type Reason =
  /** A rule matched. */
  | "rule"
  /** No rule names the call. */
  | "default"
  /** Rules name the call, and none of their conditions hold. */
  | "conditions"
  /** runc's stub: the number is above all that the profile names. */
  | "stub"
  /** The filter does not have the architecture. */
  | "architecture"
  /** The kernel does not filter this call. */
  | "unfiltered";

/** An answer with its reason. */
export interface Decision {
  readonly action: Action;
  readonly reason: Reason;
  readonly clause?: Clause;
  /** Other answers that are possible, where arguments that decide are unknown. */
  readonly possible: readonly Action[];
}

const x86Audit = 0xc000003e;
const enosys: Action = { kind: "ERRNO", data: 38 };
const kill: Action = { kind: "KILL_THREAD", data: 0 };
const allow: Action = { kind: "ALLOW", data: 0 };

/** uretprobe and uprobe of x86-64. Source: measured, and arch/x86 of Linux 6.11 and later. */
const unfiltered: ReadonlySet<number> = new Set([335, 336]);

/** The answer of a filter to a call, and of the kernel to calls that it does not filter. */
export function decideCall(filter: Filter, call: Call): Decision {
  const { audit, number } = call;
  if (abiByAudit(audit, number)?.abi === "x86_64" && isUnfiltered(number)) return settled(allow, "unfiltered");
  const found = lookUpNumber(filter, { audit, number });
  if ("decision" in found) return found.decision;
  return decideClauses(found.clauses, { filter, bits: found.bits, call });
}

/** True for the numbers of x86-64 that the kernel does not filter. */
export function isUnfiltered(number: number): boolean {
  return unfiltered.has(number);
}

/** The part of an answer that does not depend on arguments; clauses with at least one condition where they count. */
export type NumberAnswer =
  | { readonly decision: Decision }
  | { readonly clauses: readonly Clause[]; readonly bits: 32 | 64 };

/** The answer of a filter to a number. */
export function lookUpNumber(filter: Filter, call: Pick<Call, "audit" | "number">): NumberAnswer {
  const facts = abiByAudit(call.audit, call.number);
  const own = filter.abis.find((candidate) => candidate.facts.abi === facts?.abi);
  if (isInStub(filter, call)) return { decision: settled(enosys, "stub") };
  if (!own) return { decision: settled(kill, "architecture") };
  const clauses = own.calls.get(call.number);
  const [first] = clauses ?? [];
  if (!clauses || !first) return { decision: settled(filter.defaultAction, "default") };
  if (first.conditions.length > 0) return { clauses, bits: own.facts.bits };
  return { decision: { action: first.action, reason: "rule", clause: first, possible: [] } };
}

/** The stub tells x32 from x86-64 by the bit alone, the filter behind it by the size of the number. */
function isInStub({ abis }: Filter, { audit, number }: Pick<Call, "audit" | "number">): boolean {
  const hasBit = (number & x32Bit) !== 0;
  const own = abis.find(({ facts }) => facts.audit === audit && (audit !== x86Audit || hasBit === (facts.base !== 0)));
  return own?.stubAbove !== undefined && number > own.stubAbove;
}

function decideClauses(
  clauses: readonly Clause[],
  { filter, bits, call }: { readonly filter: Filter; readonly bits: 32 | 64; readonly call: Call },
): Decision {
  const possible: Action[] = [];
  for (const clause of clauses) {
    const answers = clause.conditions.map((condition) =>
      holds(condition, { argument: call.args[condition.index], bits }),
    );
    if (answers.includes(false)) continue;
    if (answers.every((answer) => answer === true)) return { action: clause.action, reason: "rule", clause, possible };
    possible.push(clause.action);
  }
  return { action: filter.defaultAction, reason: "conditions", possible };
}

function settled(action: Action, reason: Reason): Decision {
  return { action, reason, possible: [] };
}

/** Whether a condition holds; undefined for an unknown argument. */
function holds(
  { operator, value, masked }: Condition,
  { argument, bits }: { readonly argument: bigint | undefined; readonly bits: 32 | 64 },
): boolean | undefined {
  if (argument === undefined) return undefined;
  const left = BigInt.asUintN(bits, argument);
  const right = BigInt.asUintN(bits, value);
  switch (operator) {
    case "EQ":
      return left === right;
    case "NE":
      return left !== right;
    case "LT":
      return left < right;
    case "LE":
      return left <= right;
    case "GE":
      return left >= right;
    case "GT":
      return left > right;
    case "MASKED_EQ":
      // libseccomp drops the bits outside the mask.
      return (left & right) === (right & masked);
  }
}
