import { describe, expect, test } from "vitest";
import { completeReport } from "./fixtures/complete-report.ts";
import { hostileReport, sampleReport, shopReport } from "./fixtures/sample-reports.ts";
import { jsonText } from "./json.ts";

function written(report: object): string {
  return [...jsonText(report)].join("");
}

/** The same value with the properties of every object in the opposite order. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, child]) => [name, turned(child)]),
  ) as T;
}

describe("a report as JSON", () => {
  test.each([
    ["complete", completeReport],
    ["ordinary", shopReport],
    ["hostile", hostileReport],
    ["empty", sampleReport([], { layers: [], distro: null })],
  ])("writes a report that reads back as it was: %s", (_, report) => {
    expect(JSON.parse(written(report))).toEqual(report);
  });

  test("writes what JSON.stringify with two spaces would, and a line break at the end", () => {
    const text = written(shopReport);
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  });

  test("writes the same bytes in whatever order the report was built", () => {
    expect(written(turned(completeReport))).toBe(written(completeReport));
    expect(Object.keys(JSON.parse(written(turned(completeReport)))).slice(0, 4)).toEqual([
      ...["schemaVersion", "tool", "createdAt", "target"],
    ]);
  });

  test("writes long lists one item at a time", () => {
    expect([...jsonText(shopReport)].length).toBeGreaterThan(shopReport.findings.length);
  });

  test("leaves out what only the stages need", () => {
    const [first] = completeReport.packages;
    const packages = first ? [{ ...first, linkedPackages: ["example.org/a"], mainModule: true as const }] : [];
    expect(written({ ...completeReport, packages })).toBe(written(completeReport));
  });

  test("writes any other object the same way", () => {
    expect([...jsonText({ reasons: [{ text: "a", kind: "b" }], id: "c" })].join("")).toBe(
      '{\n  "reasons": [\n    {\n      "kind": "b",\n      "text": "a"\n    }\n  ],\n  "id": "c"\n}\n',
    );
    expect([...jsonText({})].join("")).toBe("{}\n");
  });

  test("writes nothing that a terminal would obey", () => {
    expect(written(hostileReport).replaceAll("\n", "")).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
  });
});
