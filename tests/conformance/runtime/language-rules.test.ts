import { expect, test } from "vitest";
import { kernelEventTypes, syscallNames } from "../../../src/model/events/kernel-event-table.ts";
import { ConditionError } from "../../../src/rules/language/condition.ts";
import { ConditionCompiler } from "../../../src/rules/language/condition-compiler.ts";
import { eventCodesOf } from "../../../src/rules/language/event-codes.ts";
import { FormatCompiler } from "../../../src/rules/language/format-compiler.ts";
import { parseCondition } from "../../../src/rules/language/parse-condition.ts";
import { printCondition } from "../../../src/rules/language/print-condition.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { libraryFields, pluginFields, valueCatalogue, valueEvent } from "../../setup/value-catalogue.ts";

interface RuleCase {
  readonly rule: string;
  readonly source: string;
  readonly condition: string;
  readonly condition_compiled: string;
  readonly output: string;
  readonly output_fields: readonly string[];
  readonly events_head: readonly string[];
}

interface LibraryAnswer {
  readonly ok?: true;
  readonly error?: string;
  readonly warnings?: readonly { readonly message: string }[];
}

interface CompileErrorCase {
  readonly filter: string;
  readonly libsinsp_0_20: LibraryAnswer;
  readonly libs_head: LibraryAnswer;
}

const maxDepth = 1000;

describeWithCorpus("the rules that users bring", () => {
  const { cases } = corpusJson<{ cases: RuleCase[] }>("runtime", "rules-upstream", "list.json");
  const catalogue = valueCatalogue({ ...libraryFields(), ...pluginFields() });

  test("print as Falco prints them", () => {
    expect(cases.length).toBeGreaterThanOrEqual(199);
    for (const { rule, condition, condition_compiled } of cases) {
      expect(printCondition(parseCondition(condition, { maxDepth })), rule).toBe(condition_compiled);
    }
  });

  test("match the same events of the kernel", () => {
    const ofKernel = cases.filter(({ source }) => source === "syscall");
    expect(ofKernel.length).toBeGreaterThanOrEqual(93);
    for (const { rule, condition, events_head } of ofKernel) {
      const codes = [...eventCodesOf(parseCondition(condition, { maxDepth }))];
      const names = new Set(codes.map((code) => kernelEventTypes[code]?.name).filter((name) => name !== "syscall"));
      const expected = events_head.filter((name) => name !== "asyncevent" && !isGeneric(name));
      expect([...names].sort(), rule).toEqual([...expected].sort());
    }
  });

  test("compile together, and are false where every value is missing", () => {
    const compiler = new ConditionCompiler(catalogue);
    const compiled = cases.map(({ condition }) => compiler.compile(parseCondition(condition, { maxDepth })));
    const event = valueEvent({});
    expect(compiled.filter((matches) => matches(event)).length).toBeLessThan(cases.length / 4);
  });

  test("have outputs with the same fields", () => {
    const compiler = new FormatCompiler(catalogue);
    for (const { rule, output, output_fields } of cases) {
      const { fields } = compiler.compile(output);
      expect([...fields].sort(), rule).toEqual([...output_fields].sort());
    }
  });

  function isGeneric(name: string): boolean {
    return Object.values(syscallNames).includes(name) && kernelEventTypes.every((type) => type.name !== name);
  }
});

describeWithCorpus("filters that are odd or wrong", () => {
  const { cases } = corpusJson<{ cases: CompileErrorCase[] }>("runtime", "captures", "compile-errors.json");
  // What a field makes of its own name, argument or values.
  const ofFields =
    /^(?:evt\.type[ .]|evt\.arg|evt\.rawarg|evt\.around|evt\.abspath|proc\.(?:aname|args)\[|thread\.cgroup|fd\.types\[x)/;
  const own = cases.filter(({ filter }) => !ofFields.test(filter) && !/^(?:container|proc\.name\[)/.test(filter));

  test.each(["head", "0.40"] as const)("get the same answer in generation %s", (generation) => {
    expect(own.length).toBeGreaterThan(80);
    const catalogue = valueCatalogue(libraryFields());
    const answers = own.map(({ filter }) => {
      const warnings: string[] = [];
      try {
        const compiler = new ConditionCompiler(catalogue, { generation, warn: (message) => warnings.push(message) });
        compiler.compile(parseCondition(filter, { generation }));
        return { filter, warnings };
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        return { filter, error: error.message };
      }
    });
    expect(answers).toEqual(
      own.map((one) => {
        const { error, warnings = [] } = generation === "head" ? one.libs_head : one.libsinsp_0_20;
        if (error === undefined) return { filter: one.filter, warnings: warnings.map(({ message }) => message) };
        return { filter: one.filter, error: error.replace(/^filter error at index \d+, line \d+, column \d+: /, "") };
      }),
    );
  });
});
