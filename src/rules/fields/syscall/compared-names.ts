import type { Condition } from "../../language/condition.ts";

/** A rule as far as it is asked for the names that it compares. */
interface NamingRule {
  readonly name: string;
  readonly source: string;
  readonly isEnabled: boolean;
  readonly resolved: Condition;
}

const nameFields: ReadonlySet<string> = new Set(["fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"]);
/** Operators that the addresses of the names on the right decide; the others look at a name that is known already. */
const byAddress: ReadonlySet<string> = new Set(["=", "==", "!=", "in"]);

/**
 * The domain names whose addresses a condition is decided by: what `fd.sip.name` and its like are compared with. Byte
 * strings, as they were written.
 */
export function comparedNames(condition: Condition): ReadonlySet<string> {
  const names = new Set<string>();
  collect(condition, names);
  return names;
}

/** The domain names that enabled rules about system calls compare, each with the names of these rules. */
export function namesComparedByRules(rules: Iterable<NamingRule>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name: rule, source, isEnabled, resolved } of rules) {
    if (!isEnabled || source !== "syscall") continue;
    for (const name of comparedNames(resolved)) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [rule]);
      else known.push(rule);
    }
  }
  return found;
}

function collect(condition: Condition, names: Set<string>): void {
  switch (condition.kind) {
    case "and":
    case "or":
      for (const operand of condition.operands) collect(operand, names);
      return;
    case "not":
      collect(condition.operand, names);
      return;
    case "macro":
      return;
    case "check": {
      const { left, operator, modifier, right } = condition;
      if (left.kind !== "field" || !nameFields.has(left.name)) return;
      if (modifier !== undefined || !byAddress.has(operator)) return;
      if (right?.kind === "value") names.add(right.text);
      if (right?.kind === "list") for (const text of right.texts) names.add(text);
    }
  }
}
