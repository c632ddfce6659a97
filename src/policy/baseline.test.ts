import { expect, test } from "vitest";
import type { Finding } from "../model/findings/finding.ts";
import { completeCheckReport } from "../reporters/fixtures/complete-check-report.ts";
import { completeReport } from "../reporters/fixtures/complete-report.ts";
import { checkBaseline, findingBaseline, newFileFindings, newFindings, newResults } from "./baseline.ts";

const [finding] = completeReport.findings;
if (!finding) throw new Error("there should be a finding");
const baseline = findingBaseline(completeReport, "base.json");
const of = (more: Partial<Finding["package"]>): Finding => ({ ...finding, package: { ...finding.package, ...more } });

test.each<[what: string, finding: Finding, isKnown: boolean]>([
  ["the same finding", finding, true],
  ["the same by an alias", { ...finding, id: "X-1", aliases: [finding.id.toLowerCase()] }, true],
  ["another vulnerability", { ...finding, id: "CVE-2000-1", aliases: [] }, false],
  ["another version", of({ version: "9", purl: "pkg:deb/debian/libssl3@9?arch=arm64" }), true],
  ["another package", of({ name: "libssl4", purl: "pkg:deb/debian/libssl4@3" }), false],
  ["another path", of({ paths: ["opt/var/lib/dpkg/status"] }), false],
  ["a further path", of({ paths: [...finding.package.paths, "opt/var/lib/dpkg/status"] }), false],
])("%s is known: %s", (_, found, isKnown) => {
  expect(newFindings([found], baseline)).toEqual(isKnown ? [] : [found]);
});

test("failures of checks are known on other lines, and only failures", () => {
  const known = checkBaseline(completeCheckReport, "base.json");
  const failed = completeCheckReport.results.find(({ state, location }) => state === "fail" && location);
  if (!failed?.location) throw new Error("there should be a failure");
  const moved = { ...failed, location: { ...failed.location, line: 999 } };
  const elsewhere = { ...failed, location: { path: "other.yaml" } };
  const passed = { ...failed, state: "pass" as const };
  expect(newResults([moved, elsewhere, passed], known)).toEqual([elsewhere, passed]);
});

test("a secret of the baseline is known on another line, and another secret is new", () => {
  const { secrets = [] } = completeReport;
  const baseline = findingBaseline({ findings: [], secrets }, "base.json");
  const moved = secrets.map((secret) => ({ ...secret, line: 99 }));
  const other = secrets.map((secret) => ({ ...secret, fingerprint: "0000000000000000" }));
  expect(newFileFindings([...moved, ...other], baseline)).toEqual(other);
});

test("malware of the baseline is known by its bytes", () => {
  const { malware = [] } = completeReport;
  const baseline = findingBaseline({ findings: [], malware }, "base.json");
  const other = malware.map((one) => ({ ...one, sha256: "0".repeat(64) }));
  expect(newFileFindings([...malware, ...other], baseline)).toEqual(other);
});
