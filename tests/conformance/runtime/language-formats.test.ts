import { expect, test } from "vitest";
import { cleanText } from "../../../src/rules/language/byte-string.ts";
import type { FieldValue } from "../../../src/rules/language/field.ts";
import { FormatCompiler } from "../../../src/rules/language/format-compiler.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { libraryFields, valueCatalogue, valueEvent } from "../../setup/value-catalogue.ts";

interface FormatCase {
  readonly test: string;
  readonly format: string;
  readonly json: boolean;
  readonly resolve_transformed: boolean;
  readonly shown?: boolean;
  readonly output?: string;
  readonly field_names?: readonly string[];
  readonly fields?: Readonly<Record<string, string>>;
  readonly error?: string;
}

describeWithCorpus("output formats of Falco's library", () => {
  const { cases } = corpusJson<{ cases: FormatCase[] }>("runtime", "filter-language", "format.json");
  const catalogue = valueCatalogue(libraryFields());

  test("are refused with the same message", () => {
    const refused = cases.filter(({ error }) => error !== undefined);
    expect(refused.length).toBeGreaterThanOrEqual(17);
    for (const { format, error } of refused) {
      expect(() => new FormatCompiler(catalogue).compile(format), format).toThrow(
        expect.objectContaining({ name: "ConditionError", message: error }),
      );
    }
  });

  test("show the same text and the same values", () => {
    const filled = cases.filter(({ error }) => error === undefined);
    expect(filled.length).toBeGreaterThanOrEqual(51);
    for (const one of filled) {
      const compiler = new FormatCompiler(catalogue, { includesTransformed: one.resolve_transformed });
      const format = compiler.compile(one.format);
      const event = valueEvent(valuesOf(one));
      // The upstream test gives several formats to one formatter, which keeps the fields of the earlier ones.
      expect(one.field_names?.slice(-format.fields.length || one.field_names.length), one.format).toEqual(
        format.fields,
      );
      const { text, isComplete } = format.render(event);
      expect(isComplete, one.format).toBe(one.shown);
      if (one.json) {
        const values = format.values(event);
        expect(values.length > 0 ? Object.fromEntries(values) : null, one.format).toEqual(JSON.parse(one.output ?? ""));
      } else expect(text).toBe(one.output);
    }
  });
});

describeWithCorpus("text that Falco's library cleans", () => {
  test("is cleaned the same", () => {
    const { cases } = corpusJson<{ cases: { in: string | { hex: string }; out: string }[] }>(
      "runtime",
      "filter-language",
      "sanitize.json",
    );
    expect(cases.length).toBeGreaterThanOrEqual(21);
    const cleaned = cases.map((one) => {
      const bytes = typeof one.in === "string" ? Buffer.from(one.in) : Buffer.from(one.in.hex, "hex");
      return cleanText(bytes.toString("latin1"));
    });
    expect(cleaned).toEqual(cases.map(({ out }) => out));
  });
});

function valuesOf({ fields = {} }: FormatCase): Record<string, FieldValue> {
  const numbers = ["thread.tid", "proc.apid[0]", "proc.apid"];
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => !name.includes("(") && value !== "<NA>")
      .map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
  );
}
