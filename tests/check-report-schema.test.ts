import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type {
  CheckLocation,
  CheckMapping,
  CheckReport,
  CheckResult,
  CheckState,
  CheckTarget,
  Evidence,
  ExaminedKind,
} from "../src/model/checks/check.ts";
import { completeCheckReport } from "../src/reporters/fixtures/complete-check-report.ts";
import { jsonText } from "../src/reporters/json.ts";
import { type Json, objectsIn, propertyNamesIn, readReportSchema } from "./setup/report-schema.ts";

type Words<Word extends string> = Record<Word, true>;
type Optional<T> = Words<
  { [Key in keyof T & string]-?: Partial<Pick<T, Key>> extends Pick<T, Key> ? Key : never }[keyof T & string]
>;

type Schema = { readonly $defs: Record<string, Json> };
const { schema, errorsOf } = readReportSchema<Schema>("check-report.schema.json");

// A word that the model gains or loses makes one of these a type error.
const states: Words<CheckState> = {
  ...{ pass: true, fail: true, warn: true, manual: true, "not-applicable": true, waived: true },
};
const severities: Words<CheckResult["severity"]> = {
  ...{ critical: true, high: true, medium: true, low: true, negligible: true },
};
const kinds: Words<CheckTarget["kind"]> = {
  ...{ docker: true, kubernetes: true, host: true, dockerfile: true, manifests: true, image: true, definitions: true },
};
const examined: Words<ExaminedKind> = {
  ...{ files: true, resources: true, composeFiles: true, layers: true, images: true, containers: true },
};
const report: Optional<CheckReport> = { idleWaivers: true, baseline: true };
const target: Optional<CheckTarget> = { examined: true };
const result: Optional<CheckResult> = {
  resource: true,
  location: true,
  reason: true,
  isWaivedInline: true,
  commands: true,
};
const location: Optional<CheckLocation> = { line: true, column: true };
const evidence: Optional<Evidence> = { value: true, expected: true };
const mapping: Optional<CheckMapping> = { version: true };
const optional: Readonly<Record<string, Readonly<Record<string, true>>>> = {
  ...{ "": report, target, "target/examined": examined, results: result, "results/location": location },
  ...{ "results/evidence": evidence, "results/mappings": mapping, problems: { path: true } },
};

const written = (value: CheckReport): Json => JSON.parse([...jsonText(value)].join(""));

describe("docs/check-report.schema.json", () => {
  test("accepts a report with every property, as it is written", () => {
    expect(errorsOf(written(completeCheckReport))).toEqual([]);
  });

  test("accepts a report on nothing", () => {
    const nothing = { ...completeCheckReport, results: [], problems: [] };
    expect(errorsOf(written(nothing))).toEqual([]);
  });

  test("refuses an unknown property in every object of a report", () => {
    const places = objectsIn(written(completeCheckReport));
    expect(places.length).toBe(23);
    for (const [index, [place]] of places.entries()) {
      const changed = written(completeCheckReport);
      Object.assign(objectsIn(changed)[index]?.[1] ?? {}, { surprise: 1 });
      expect(errorsOf(changed).join(), place).toContain("must NOT have additional properties");
    }
  });

  test("refuses a report without a property that the model always has, and no other", () => {
    const dispensable = new Set<string>();
    for (const [index, [place, object]] of objectsIn(written(completeCheckReport)).entries()) {
      for (const name of Object.keys(object)) {
        const changed = written(completeCheckReport);
        delete objectsIn(changed)[index]?.[1][name];
        if (errorsOf(changed).length === 0) dispensable.add(join(place, name));
      }
    }
    const expected = Object.entries(optional).flatMap(([place, names]) =>
      Object.keys(names).map((name) => join(place, name)),
    );
    expect([...dispensable].sort()).toEqual(expected.sort());
  });

  test("knows no property that the report lacks", () => {
    const known = propertyNamesIn(schema);
    const names = new Set(objectsIn(written(completeCheckReport)).flatMap(([, object]) => Object.keys(object)));
    expect([...known].filter((name) => !names.has(name)).sort()).toEqual([]);
  });

  test.each<[string, string, Readonly<Record<string, true>>]>([
    ["result", "state", states],
    ["result", "severity", severities],
    ["target", "kind", kinds],
  ])("lists for %s/%s exactly the words of the model", (definition, property, words) => {
    const properties = schema.$defs[definition]?.["properties"] as Record<string, { readonly enum?: string[] }>;
    expect([...(properties[property]?.enum ?? [])].sort()).toEqual(Object.keys(words).sort());
  });

  test("means the same as the schema of a scan by the words that they share", () => {
    const scan = readReportSchema<Schema>("report.schema.json").schema;
    for (const name of ["problem", "verdict"]) expect(schema.$defs[name], name).toEqual(scan.$defs[name]);
  });

  test("describes every property in one sentence", () => {
    const descriptions = [...JSON.stringify(schema).matchAll(/"description":("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '""']) => JSON.parse(text) as string,
    );
    expect(descriptions.length).toBeGreaterThan(40);
    for (const description of descriptions) expect(description).toMatch(/^[A-Z][^\n]*[.?]$/);
  });
});
