import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { eventCodesOf } from "../../rules/language/event-codes.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";

/** The system calls that the enabled rules about kernel events can match, by name. */
export function callsOfRules(rules: readonly Rule[]): readonly string[] {
  const calls = new Set<string>();
  for (const rule of rules) {
    if (!rule.isEnabled || rule.source !== "syscall") continue;
    for (const code of eventCodesOf(rule.resolved)) {
      const { syscalls } = kernelEventTypes[code] ?? {};
      if (Array.isArray(syscalls)) for (const name of syscalls as readonly string[]) calls.add(name);
    }
  }
  return [...calls].sort();
}
