import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import sax from "sax";
import { describe, expect, test } from "vitest";
import type { CheckReport } from "../../model/checks/check.ts";
import type { Report } from "../../model/reports/report.ts";
import { completeCheckReport } from "../fixtures/complete-check-report.ts";
import { completeRegistryReport } from "../fixtures/complete-registry-report.ts";
import { completeReport } from "../fixtures/complete-report.ts";
import { completeWorkloadReport } from "../fixtures/complete-workload-report.ts";
import { hostileReport, sampleReport, shopReport } from "../fixtures/sample-reports.ts";
import { builtinFormats, loadWriter } from "./builtin.ts";
import type { ReportFormat, ReportKind, ReportKinds } from "./report-format.ts";

const reports: ReportKinds = {
  scan: completeReport,
  sbom: completeReport,
  check: completeCheckReport,
  registry: completeRegistryReport,
  workloads: completeWorkloadReport,
};
const pairs = builtinFormats.flatMap(({ id, writers }) =>
  (Object.keys(writers) as ReportKind[]).map((kind) => [id, kind] as const),
);

async function written<Kind extends ReportKind>(
  id: ReportFormat["id"],
  kind: Kind,
  report: ReportKinds[Kind],
): Promise<string> {
  const writer = await loadWriter(id, kind);
  return [...(writer?.(report) ?? [])].join("");
}

test("every folder of a format is in the list, and rows are shared", () => {
  const folders = readdirSync(import.meta.dirname).filter((name) =>
    statSync(join(import.meta.dirname, name)).isDirectory(),
  );
  const ids = builtinFormats.map(({ id }) => id);
  expect(folders.filter((name) => name !== "rows" && !ids.includes(name))).toEqual([]);
});

test.each(pairs)("%s of a %s report is the same on a second run", async (id, kind) => {
  const first = await written(id, kind, reports[kind]);
  expect(first.length).toBeGreaterThan(100);
  expect(await written(id, kind, reports[kind])).toBe(first);
});

/** Reads CSV with every cell quoted; throws at anything else. */
function readCsv(text: string): string[][] {
  expect(text.endsWith("\r\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) => {
      expect(line).toMatch(/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*$/);
      return [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = ""]) => cell.replaceAll('""', '"'));
    });
}

describe("csv", () => {
  test("has a line for each finding and ends with the verdict", async () => {
    const lines = readCsv(await written("csv", "scan", shopReport));
    const types = lines.slice(1).map(([type]) => type);
    expect(types.filter((type) => type === "vulnerability")).toHaveLength(shopReport.findings.length);
    expect(types.filter((type) => type === "problem")).toHaveLength(shopReport.problems.length);
    expect(lines.at(-1)?.slice(0, 4)).toEqual(["verdict", "shop-1.4.tar", "verdict", "denied"]);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "|calc", "%1"])(
    "a name such as %j is not a formula",
    async (name) => {
      const text = await written("csv", "scan", withName(name));
      const cells = readCsv(text).flat();
      expect(cells.filter((cell) => /^\s*[=+\-@|%＝]/.test(cell))).toEqual([]);
    },
  );

  test("hostile text stays in its cell", async () => {
    const lines = readCsv(await written("csv", "scan", withName('",\r\n"=x')));
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([10]));
    expect(await written("csv", "scan", hostileReport)).not.toMatch(/[\u001b\u202e\0]/);
  });
});

interface Counted {
  readonly cases: number;
  readonly failure: number;
  readonly error: number;
  readonly skipped: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Counts the elements of JUnit XML; throws when it is not well-formed or has other elements. */
function readJunit(text: string): Counted {
  const counts: Record<string, number> = { testsuites: 0, testsuite: 0, testcase: 0, failure: 0, error: 0, skipped: 0 };
  let attributes: Record<string, string> = {};
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name, attributes: found }) => {
    expect(Object.keys(counts)).toContain(name);
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === "testsuite") attributes = found as Record<string, string>;
  };
  parser.write(text).close();
  const { testcase = 0, failure = 0, error = 0, skipped = 0 } = counts;
  return { cases: testcase, failure, error, skipped, attributes };
}

describe("junit", () => {
  test.each(["scan", "check", "registry", "workloads"] as const)("of a %s report is well-formed", async (kind) => {
    const { cases, failure, error, skipped, attributes } = readJunit(await written("junit", kind, reports[kind]));
    expect(attributes).toMatchObject({
      ...{ tests: String(cases), failures: String(failure), errors: String(error), skipped: String(skipped) },
    });
    expect(cases).toBeGreaterThan(0);
  });

  test.each([hostileReport, withName("]]><x a='\"&\ufffe\uffff"), withName("::error::\n</testsuites>")])(
    "hostile names stay text (%#)",
    async (report) => {
      expect(readJunit(await written("junit", "scan", report)).cases).toBeGreaterThan(1);
    },
  );

  test("a scan that could not examine everything has an error", async () => {
    const verdict = { decision: "cannot-tell", reasons: ["a part was not examined"] } as const;
    expect(readJunit(await written("junit", "scan", sampleReport([], { verdict }))).error).toBe(1);
  });

  test("a check that could not be evaluated is an error", async () => {
    const results = completeCheckReport.results.map((result) => ({ ...result, state: "warn" as const }));
    const report: CheckReport = { ...completeCheckReport, results, problems: [] };
    expect(readJunit(await written("junit", "check", report)).error).toBeGreaterThanOrEqual(results.length);
  });

  test("a container whose image was not scanned is an error", async () => {
    const workloads = completeWorkloadReport.workloads.map((workload) => ({ ...workload, scan: null }));
    const report = { ...completeWorkloadReport, workloads, unlisted: [] };
    expect(readJunit(await written("junit", "workloads", report)).error).toBe(workloads.length);
  });
});

function withName(name: string): Report {
  const one = { type: "npm", name, version: name, path: name, layer: 0 } as const;
  return sampleReport([{ ...one, findings: [[name, "high", name, { summary: name }]] }]);
}
