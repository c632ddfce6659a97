import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

/** An object of a report, as JSON has it. */
export type Json = { [key: string]: unknown };

/** A published schema with what checks a value by it. */
export interface ReportSchema<Schema> {
  readonly schema: Schema;
  /** What the schema has against a value, a line each; empty when it accepts it. */
  readonly errorsOf: (value: unknown) => string[];
}

/** The schema of this file name in docs, compiled in strict mode. */
export function readReportSchema<Schema extends object>(name: string): ReportSchema<Schema> {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs", name), "utf8")) as Schema;
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  const errorsOf = (value: unknown): string[] => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  return { schema, errorsOf };
}

/** Every object in a report with its place; items of a list have the place of their list. */
export function objectsIn(value: unknown, place = ""): [string, Json][] {
  if (Array.isArray(value)) return value.flatMap((item) => objectsIn(item, place));
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, child]) => objectsIn(child, join(place, name)));
  return [[place, value as Json], ...inner];
}

/** The names of all properties that a part of a schema describes. */
export function propertyNamesIn(part: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value) for (const name of Object.keys(value.properties ?? {})) names.add(name);
    for (const child of Object.values(value)) visit(child);
  };
  visit(part);
  return names;
}
