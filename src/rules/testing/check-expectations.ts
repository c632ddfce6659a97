import { nearestName } from "../../model/text/nearest-name.ts";
import type { Rule } from "../loading/rule-set.ts";
import { malformedTest } from "./malformed-test.ts";
import type { ExpectedAlert, RuleTest } from "./rule-test.ts";

/**
 * Checks that a test expects alerts of rules that exist, and fields that their outputs show. `PlimsollError`
 * `file-malformed` for a name that is neither: such an expectation could pass or fail for no reason of the rules.
 */
export function checkExpectations(tests: readonly RuleTest[], rules: readonly Rule[]): void {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  for (const { expect } of tests) {
    for (const expected of expect) {
      const rule = byName.get(expected.rule);
      if (!rule) throw unknown(expected, { what: "no rule named", name: expected.rule, known: byName.keys() });
      const shown = fieldsOf(rule);
      const field = Object.keys(expected.fields).find((name) => !shown.has(name));
      if (field === undefined) continue;
      const what = `the output of the rule ${JSON.stringify(rule.name)} has no field named`;
      throw unknown(expected, { what, name: field, known: shown });
    }
  }
}

function fieldsOf({ written, extraFields = [] }: Rule): ReadonlySet<string> {
  return new Set([...(written?.outputFields ?? []), ...extraFields.map(({ name }) => name)]);
}

function unknown(
  { place }: ExpectedAlert,
  { what, name, known }: { readonly what: string; readonly name: string; readonly known: Iterable<string> },
): Error {
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
  return malformedTest(place, `${what} ${JSON.stringify(name)}${hint}`);
}
