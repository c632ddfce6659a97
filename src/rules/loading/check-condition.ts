import type { Check, Condition, Operand } from "../language/condition.ts";
import type { LoadContext } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";

const latency = "field is not available due to the drop of enter events.";

/** Fields that are going away, and why, in the order in which they are warned of. */
const deprecatedFields: ReadonlyMap<string, string> = new Map([
  [
    "evt.dir",
    "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates to false. The rule expression can be simplified by removing the condition on 'evt.dir'",
  ],
  ["evt.latency", latency],
  ["evt.latency.s", latency],
  ["evt.latency.ns", latency],
  ["evt.latency.human", latency],
  ["evt.wait_latency", latency],
]);

const equalities = new Set(["=", "==", "!=", "in", "intersects", "pmatch"]);

/** Warns of what a condition says that is probably not meant. `context` is that of the condition. */
export function warnOfCondition(
  condition: Condition,
  { messages, context }: { messages: LoadMessages; context: LoadContext },
): void {
  const fields = new Set<string>();
  let isUnsafe = false;
  walkChecks(condition, (check) => {
    for (const name of leftFields(check.left)) if (deprecatedFields.has(name)) fields.add(name);
    isUnsafe ||= comparesWithMissing(check);
  });
  if (isUnsafe) messages.warn("LOAD_UNSAFE_NA_CHECK", "", context);
  for (const [field, why] of deprecatedFields) if (fields.has(field)) messages.warnOfField(field, why, context);
}

/** Warns of fields that are going away in an output format, whose place is `context`. */
export function warnOfOutput(
  format: string,
  { messages, context }: { messages: LoadMessages; context: LoadContext },
): void {
  for (const field of deprecatedFields.keys()) {
    if (!format.includes(field)) continue;
    messages.warnOfField(field, `usage of deprecated field '${field}' has been detected in the rule output`, context);
  }
}

/** Calls `visit` for each check of a condition, in order. */
export function walkChecks(condition: Condition, visit: (check: Check) => void): void {
  if (condition.kind === "check") visit(condition);
  else if (condition.kind === "not") walkChecks(condition.operand, visit);
  else if (condition.kind !== "macro") for (const operand of condition.operands) walkChecks(operand, visit);
}

/** The names of the fields of one side of a check, also inside transformers. */
function leftFields(operand: Operand): string[] {
  if (operand.kind === "field") return [operand.name];
  return operand.kind === "transformer" || operand.kind === "fields" ? operand.operands.flatMap(leftFields) : [];
}

/** Fields of audit and JSON events print a missing value as `<NA>`, but do not have it. */
function comparesWithMissing({ left, operator, right }: Check): boolean {
  const last = leftFields(left).at(-1) ?? "";
  if (!/^(?:ka|jevt)\./.test(last) || !equalities.has(operator)) return false;
  return right?.kind === "value" ? right.text === "<NA>" : right?.kind === "list" && right.texts.includes("<NA>");
}
