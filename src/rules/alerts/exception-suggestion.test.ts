import { expect, test } from "vitest";
import { syscallFields } from "../fields/syscall/syscall-fields.ts";
import { toByteString } from "../language/byte-string.ts";
import type { Condition, Operand } from "../language/condition.ts";
import { loadRules } from "../loading/load-rules.ts";
import { ExceptionCounter, exceptionYaml } from "./exception-suggestion.ts";

const source = { catalogue: syscallFields({ generation: "head" }) };
const rule = "- {rule: Opened, desc: d, condition: evt.type = open, output: o, priority: INFO}";

test.each([
  ["plain words", { "proc.name": "cat", "proc.pname": "bash" }, ["cat", "bash"]],
  ["a command", { "proc.cmdline": `sh -c "a" 'b' \\ (c), d=e` }, [`sh -c "a" 'b' \\ (c), d=e`]],
  ["a folder", { "proc.name": "app", "fd.name": "/var/lib/app data/x" }, ["app", "/var/lib/app data"]],
  ["a word with signs", { "proc.name": "(sd-pam)" }, ["(sd-pam)"]],
  ["letters of everywhere", { "proc.name": "größer" }, ["größer"]],
  ["control characters", { "proc.name": "a\nb\tc\u0001" }, ["a\nb\tc\u0001"]],
])("a suggestion for %s loads as an exception for just these values", (_name, fields, values) => {
  const counter = new ExceptionCounter();
  const { priority, message, tags, time } = { priority: "Notice" as const, message: "", tags: [], time: 0n };
  const alert = { rule: "Opened", source: "syscall", priority, message, tags, time, eventNumber: 1 };
  counter.add({ ...alert, fields: Object.entries(fields) });
  const suggestion = counter.suggestion();
  const tuning = suggestion ? exceptionYaml("Opened", suggestion) : "";
  const files = [
    { name: "rules.yaml", text: rule },
    { name: "tuning.yaml", text: tuning },
  ];
  const { rules, findings } = loadRules(files, { source: () => source });
  expect(findings).toEqual([]);
  expect(rules.flatMap(({ resolved }) => valuesOf(resolved))).toEqual(["open", ...values.map(toByteString)]);
});

function valuesOf(condition: Condition): string[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.operands.flatMap(valuesOf);
    case "not":
      return valuesOf(condition.operand);
    case "check":
      return textsOf(condition.right);
    default:
      return [];
  }
}

function textsOf(operand: Operand | undefined): string[] {
  if (operand?.kind === "value") return [operand.text];
  return operand?.kind === "list" ? [...operand.texts] : [];
}
