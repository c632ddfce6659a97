import { expect, test } from "vitest";
import type { Finding } from "../model/findings/finding.ts";
import type { Report } from "../model/reports/report.ts";
import { completeReport } from "./fixtures/complete-report.ts";
import { groupByPackage } from "./package-groups.ts";

test("findings about some of the programs that hold a Go module are one group, at the paths of any of them", () => {
  const library = { type: "golang", name: "stdlib", version: "1.25.0", purl: "pkg:golang/stdlib@1.25.0" } as const;
  const whole = { ...library, layer: 0, paths: ["bin/a", "bin/b", "bin/c"] };
  const elsewhere = { ...library, layer: 1, paths: ["bin/d"] };
  const groups = groupByPackage(
    reportOf([whole, elsewhere], {
      "CVE-1": { ...whole, paths: ["bin/c"] },
      "CVE-2": { ...whole, paths: ["bin/b", "bin/c"] },
      "CVE-3": elsewhere,
    }),
  );
  const shown = groups.map(({ findings, paths }) => [findings.map(({ id }) => id).sort(), paths]);
  expect(shown.sort()).toEqual([
    [
      ["CVE-1", "CVE-2"],
      ["bin/b", "bin/c"],
    ],
    [["CVE-3"], ["bin/d"]],
  ]);
});

function reportOf(packages: Report["packages"], found: Readonly<Record<string, Finding["package"]>>): Report {
  const [sample] = completeReport.findings;
  const findings = Object.entries(found).flatMap(([id, one]): Finding[] =>
    sample ? [{ ...sample, id, package: one }] : [],
  );
  return { ...completeReport, packages, findings };
}
