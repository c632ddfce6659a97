import { expect, test } from "vitest";
import { syscallFields } from "../fields/syscall/syscall-fields.ts";
import { loadRules } from "../loading/load-rules.ts";
import { checkExpectations } from "./check-expectations.ts";
import { parseRuleTests } from "./parse-rule-tests.ts";

const text = `
- rule: File opened
  desc: d
  condition: evt.type = open
  output: opened %fd.name by %proc.name
  priority: INFO
`;
const { rules } = loadRules([{ name: "rules.yaml", text }], {
  source: () => ({ catalogue: syscallFields({ generation: "head" }), hasEventTypes: true }),
});

function check(expected: string): void {
  const yaml = `# First\n- test: t\n  events: [{ type: getpid }]\n  expect: [${expected}]\n`;
  checkExpectations(parseRuleTests(yaml, "rules.test.yaml"), rules);
}

test("rules and fields that exist may be expected", () => {
  expect(() => check('{ rule: "File opened", fields: { fd.name: /etc/passwd } }')).not.toThrow();
});

test("an unknown rule or field is an error with file, line and the nearest name", () => {
  expect(() => check("File open")).toThrow(
    /^rules\.test\.yaml:2: no rule named "File open"; did you mean "File opened"\?/,
  );
  expect(() => check('{ rule: "Another", count: 0 }')).toThrow('no rule named "Another"');
  const field = 'the output of the rule "File opened" has no field named "fd.nme"; did you mean "fd.name"?';
  expect(() => check('{ rule: "File opened", fields: { fd.nme: x } }')).toThrow(field);
});
