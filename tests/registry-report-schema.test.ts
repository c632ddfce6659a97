import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { completeRegistryReport } from "../src/reporters/fixtures/complete-registry-report.ts";
import { jsonText } from "../src/reporters/json.ts";

type Json = { [key: string]: unknown };

const read = (name: string): { readonly $defs: Json } =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../docs", name), "utf8"));
const schema = read("registry-report.schema.json");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
formats.default(ajv);
const validate = ajv.compile(schema);
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
    expect(places.length).toBe(24);
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
    const single = read("report.schema.json");
    const shared = ["distribution", "packageType", "severity", "problem", "verdict"];
    for (const name of shared) expect(schema.$defs[name], name).toEqual(single.$defs[name]);
  });
});

function errorsOf(value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Every object in a report, with its place. */
function objectsIn(value: unknown, place = ""): [string, Json][] {
  if (Array.isArray(value)) return value.flatMap((item) => objectsIn(item, place));
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, child]) => objectsIn(child, `${place}/${name}`));
  return [[place, value as Json], ...inner];
}

function propertyNamesIn(part: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value) for (const name of Object.keys(value.properties ?? {})) names.add(name);
    for (const child of Object.values(value)) visit(child);
  };
  visit(part);
  return names;
}
