import { expect, test } from "vitest";
import type { WhyNot } from "../model/findings/why-not.ts";
import { completeReport } from "./fixtures/complete-report.ts";
import { hostileReport } from "./fixtures/sample-reports.ts";
import { whyNotText } from "./why-not.ts";

const silent: WhyNot = {
  id: "cve-2024-5535",
  findings: [],
  suppressed: [],
  reasons: [
    { package: { name: "a", version: "1", type: "npm" }, kind: "fixed", text: "a 1 is not affected by X." },
    { kind: "no-ecosystem", text: "The database holds no advisories for Maven." },
  ],
};

function told(answer: Partial<WhyNot>): string {
  return [...whyNotText({ ...silent, ...answer }, completeReport)].join("");
}

test("what is not reported has a line for each reason", () => {
  expect(told({})).toBe(
    [
      ...["cve-2024-5535 is not reported.", "", "a 1 is not affected by X."],
      ...["The database holds no advisories for Maven.", ""],
    ].join("\n"),
  );
});

test("what is reported is explained as the scan explains it", () => {
  const text = told({ findings: completeReport.findings, reasons: [] });
  expect(text).toMatch(/^cve-2024-5535 is reported\.\n\nCVE-2024-5535 \(also DEBIAN-CVE-2024-5535\)\n/);
  expect(text).toContain("Found once in this target.\n\nlibssl3 3.0.11-1~deb12u1  CRITICAL 9.1\n");
  expect(text).toContain("because      DEBIAN-CVE-2024-5535 names source package openssl");
});

test("what a statement suppresses says which", () => {
  const text = told({ suppressed: completeReport.suppressed });
  expect(text).toMatch(/^cve-2024-5535 is not reported, because of a statement about it\./);
  expect(text).toContain("statement    affected, says Debian Security Tracker");
});

test("nothing in the lines can steer a terminal", () => {
  const evil = "\u001b[2J\r\n\u202e";
  const reasons = [{ kind: "fixed", text: evil }] as const;
  const answer = { id: evil, findings: hostileReport.findings, suppressed: [], reasons };
  for (const line of whyNotText(answer, hostileReport)) expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n*$/u);
});
