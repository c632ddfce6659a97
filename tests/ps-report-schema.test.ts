import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type {
  JudgedWorkload,
  ReferenceFinding,
  Unlisted,
  WorkloadEngine,
  WorkloadReport,
  WorkloadScan,
} from "../src/model/images/workload.ts";
import { completeWorkloadReport } from "../src/reporters/fixtures/complete-workload-report.ts";
import { jsonText } from "../src/reporters/json.ts";
import { type Json, objectsIn, propertyNamesIn, readReportSchema } from "./setup/report-schema.ts";

type Words<Word extends string> = Record<Word, true>;
type Optional<T> = Words<
  { [Key in keyof T & string]-?: Partial<Pick<T, Key>> extends Pick<T, Key> ? Key : never }[keyof T & string]
>;

type Schema = { readonly $defs: Record<string, Json> };
const { schema, errorsOf } = readReportSchema<Schema>("ps-report.schema.json");

// A word that the model gains or loses makes one of these a type error.
const engines: Words<WorkloadEngine> = { docker: true, podman: true, containerd: true, kubernetes: true };
const staleness: Words<NonNullable<WorkloadScan["stale"]>> = { database: true, program: true, day: true };
const references: Words<ReferenceFinding["id"]> = { latest: true, "no-digest": true };
const report: Optional<WorkloadReport> = {};
const workload: Optional<JudgedWorkload> = {
  ...{ place: true, imageId: true, digest: true, manifestDigest: true, pinned: true, pulledFrom: true },
  ...{ startedAt: true, platform: true, moved: true },
};
const scan: Optional<WorkloadScan> = { layersInPart: true, stale: true };
const severities: Optional<WorkloadScan["findings"]> = {
  ...{ critical: true, high: true, medium: true, low: true, negligible: true, unknown: true },
};
const reference: Optional<ReferenceFinding> = { pin: true, pins: true, runs: true };
const unlisted: Optional<Unlisted> = { hint: true };
const optional: Readonly<Record<string, Readonly<Record<string, true>>>> = {
  ...{ "": report, workloads: workload, "workloads/scan": scan, "workloads/scan/findings": severities },
  ...{ findings: reference, unlisted },
};

const written = (value: WorkloadReport): Json => JSON.parse([...jsonText(value)].join(""));

describe("docs/ps-report.schema.json", () => {
  test("is shipped with the program", () => {
    const text = readFileSync(join(import.meta.dirname, "../package.json"), "utf8");
    const { files } = JSON.parse(text) as { readonly files: readonly string[] };
    expect(files).toContain("docs/ps-report.schema.json");
  });

  test("accepts a report with every property, as it is written", () => {
    expect(errorsOf(written(completeWorkloadReport))).toEqual([]);
  });

  test("accepts a report on nothing", () => {
    const nothing = { ...completeWorkloadReport, engines: [], workloads: [], findings: [], unlisted: [] };
    expect(errorsOf(written(nothing))).toEqual([]);
  });

  test("refuses an unknown property in every object of a report", () => {
    const places = objectsIn(written(completeWorkloadReport));
    expect(places.length).toBe(13);
    for (const [index, [place]] of places.entries()) {
      const changed = written(completeWorkloadReport);
      Object.assign(objectsIn(changed)[index]?.[1] ?? {}, { surprise: 1 });
      expect(errorsOf(changed).join(), place).toContain("must NOT have additional properties");
    }
  });

  test("refuses a report without a property that the model always has, and no other", () => {
    const dispensable = new Set<string>();
    for (const [index, [place, object]] of objectsIn(written(completeWorkloadReport)).entries()) {
      for (const name of Object.keys(object)) {
        const changed = written(completeWorkloadReport);
        delete objectsIn(changed)[index]?.[1][name];
        if (errorsOf(changed).length === 0) dispensable.add(join(place, name));
      }
    }
    const expected = Object.entries(optional).flatMap(([place, names]) =>
      Object.keys(names).map((name) => join(place, name)),
    );
    expect([...dispensable].sort()).toEqual(expected.sort());
  });

  test("refuses a digest and a time that are none", () => {
    for (const change of [{ digest: "latest" }, { imageId: "sha256:" }, { startedAt: "2 days ago" }]) {
      const [first, ...others] = completeWorkloadReport.workloads;
      if (!first) throw new Error("no workloads");
      const changed = { ...completeWorkloadReport, workloads: [{ ...first, ...change }, ...others] };
      expect(errorsOf(written(changed)).join()).toMatch(/must match (?:pattern|format)/);
    }
  });

  test("knows no property that the report lacks", () => {
    const known = propertyNamesIn(schema);
    const names = new Set(objectsIn(written(completeWorkloadReport)).flatMap(([, object]) => Object.keys(object)));
    expect([...known].filter((name) => !names.has(name)).sort()).toEqual([]);
  });

  test("lists exactly the words of the model", () => {
    const wordsOf = (definition: string, property: string): readonly string[] => {
      const properties = schema.$defs[definition]?.["properties"] as Record<string, { readonly enum?: string[] }>;
      return [...(properties[property]?.enum ?? [])].sort();
    };
    expect([...((schema.$defs["engine"]?.["enum"] as string[]) ?? [])].sort()).toEqual(Object.keys(engines).sort());
    expect(wordsOf("scan", "stale")).toEqual(Object.keys(staleness).sort());
    expect(wordsOf("reference", "id")).toEqual(Object.keys(references).sort());
  });

  test("means the same as the schema of a registry by the words that they share", () => {
    const registry = readReportSchema<Schema>("registry-report.schema.json").schema.$defs;
    expect(schema.$defs["verdict"]).toEqual(registry["verdict"]);
    const inImage = registry["image"]?.["properties"] as Record<string, unknown>;
    const inScan = schema.$defs["scan"]?.["properties"] as Record<string, unknown>;
    expect(inScan["findings"]).toEqual(inImage["severities"]);
  });

  test("describes every property in one sentence", () => {
    const descriptions = [...JSON.stringify(schema).matchAll(/"description":("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '""']) => JSON.parse(text) as string,
    );
    expect(descriptions.length).toBeGreaterThan(50);
    for (const description of descriptions) expect(description).toMatch(/^[A-Z][^\n]*[.?]$/);
  });
});
