import { describe, expect, test } from "vitest";
import { completeRegistryReport } from "../src/reporters/fixtures/complete-registry-report.ts";
import { jsonText } from "../src/reporters/json.ts";
import { type Json, objectsIn, propertyNamesIn, readReportSchema } from "./setup/report-schema.ts";

type Schema = { readonly $defs: Json };
const { schema, errorsOf } = readReportSchema<Schema>("registry-report.schema.json");
const report = (): Json => JSON.parse([...jsonText(completeRegistryReport)].join(""));

describe("docs/registry-report.schema.json", () => {
  test("accepts a report with every property, as it is written", () => {
    expect(errorsOf(report())).toEqual([]);
  });

  test("accepts a report on nothing", () => {
    const nothing = { ...completeRegistryReport, images: [], failures: [], empty: [] };
    expect(errorsOf(JSON.parse([...jsonText(nothing)].join("")))).toEqual([]);
  });

  test("refuses an unknown property in every object of a report", () => {
    const places = objectsIn(report());
    expect(places.length).toBe(29);
    for (const [index, [place]] of places.entries()) {
      const changed = report();
      Object.assign(objectsIn(changed)[index]?.[1] ?? {}, { surprise: 1 });
      expect(errorsOf(changed).join(), place).toContain("must NOT have additional properties");
    }
  });

  test("knows no property that the report lacks", () => {
    const known = propertyNamesIn(schema);
    const written = new Set(objectsIn(report()).flatMap(([, object]) => Object.keys(object)));
    expect([...known].filter((name) => !written.has(name)).sort()).toEqual([]);
  });

  test("means the same as the schema of one report by the words that they share", () => {
    const single = readReportSchema<Schema>("report.schema.json").schema;
    const shared = ["distribution", "packageType", "severity", "problem", "verdict"];
    for (const name of shared) expect(schema.$defs[name], name).toEqual(single.$defs[name]);
  });
});
