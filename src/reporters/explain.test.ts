import { describe, expect, test } from "vitest";
import type { Finding } from "../model/findings/finding.ts";
import { explain } from "./explain.ts";
import { completeReport as wholeReport } from "./fixtures/complete-report.ts";
import { hostileReport, sampleReport, shopReport } from "./fixtures/sample-reports.ts";

const { waived: _waived, ...completeReport } = wholeReport;
function explained(report: Parameters<typeof explain>[0], id: string): string {
  return [...explain(report, id)].join("");
}

const severityLines = [
  "  severity     critical 9.1 by Debian: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H",
  "               high 8.2 by NVD: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:N",
];
const reasonLines = [
  "               vulnerable code not in execute path",
  "               Only programs that call the function are affected.",
  "               The maintainers looked into it.",
  "               Upgrade.",
  "               about pkg:deb/debian/openssl?arch=source in pkg:deb/debian/libssl3?distro=debian-12",
];
const placeLines = [
  "  package URL  pkg:deb/debian/libssl3@3.0.11-1~deb12u1?arch=amd64&distro=debian-12",
  "  built from   openssl 3.0.11-1~deb12u1",
  "  path         /var/lib/dpkg/status:7",
  "  why          development dependency, required by express@4.17.1",
  "  layer        base image, layer 1 of 1: ADD file:1 in /",
  `               sha256:${"c".repeat(64)}`,
  "  because      DEBIAN-CVE-2024-5535 names source package openssl in Debian:12",
  "               0 <= 3.0.11-1~deb12u1 < 3.0.15-1~deb12u1   (a range of versions, compared as dpkg)",
  "               from the feed osv, part Debian, as of 2026-03-06",
];

describe("explain", () => {
  test("shows package, fix, every source of the severity, statements, place, and each record with its comparison", () => {
    expect(explained(completeReport, "CVE-2024-5535")).toBe(
      [
        "CVE-2024-5535 (also DEBIAN-CVE-2024-5535)",
        "SSL_select_next_proto reads past its buffer.",
        "Published 2024-06-27, last modified 2025-11-03.",
        "Known to be exploited: in CISA's catalogue since 2024-07-02, to be fixed by 2024-07-23, used for ransomware.",
        "Probability of exploitation within 30 days: 94%, higher than 99.9% of all vulnerabilities (EPSS of 2026-03-05).",
        "Published exploits: EDB-50592.",
        "References:",
        "  https://security-tracker.debian.org/tracker/CVE-2024-5535",
        "Found once in this target, and once more, not counted because of statements.",
        "",
        "libssl3 3.0.11-1~deb12u1  CRITICAL 9.1",
        "  what to do   upgrade libssl3 3.0.11-1~deb12u1 → 3.0.15-1~deb12u1",
        "               in the publisher's words: no-dsa: Minor issue",
        ...severityLines,
        "  statement    affected, says Debian Security Tracker on 2024-07-01",
        ...reasonLines,
        ...placeLines,
        "",
        "libssl3 3.0.11-1~deb12u1  SUPPRESSED, would be critical",
        "  statement    affected, says Debian Security Tracker on 2024-07-01, in vex.json",
        ...reasonLines,
        ...severityLines,
        ...placeLines,
        "",
        "For the whole target:",
        "  not examined 1; the vulnerability may be there:",
        "               app/broken.jar: the archive ends in the middle",
        "",
      ].join("\n"),
    );
  });

  test("finds an id by any of its names, in any case", () => {
    const byId = explained(completeReport, "CVE-2024-5535");
    expect(explained(completeReport, " debian-cve-2024-5535 ")).toBe(byId);
  });

  test("says of what is waived that it does not count, and why", () => {
    const text = explained({ ...wholeReport, findings: [], suppressed: [] }, "CVE-2024-5535");
    expect(text).toContain("Found once in this target, and waived.");
    expect(text).toContain("WAIVED, would be critical\n  waiver       CVE-2023-*: waived, by team shop until a fix");
    expect(explained(wholeReport, "CVE-2024-5535")).toContain(" Waived once.");
  });

  test("says of what is only suppressed that it does not count, and why", () => {
    const text = explained({ ...completeReport, findings: [] }, "CVE-2024-5535");
    expect(text).toContain("Found once in this target, and not counted because of statements.");
    expect(text).toContain("SUPPRESSED, would be critical");
    expect(text).not.toContain("what to do");
  });

  test("names a fix that only a channel brings", () => {
    const [finding] = completeReport.findings;
    const { fixedIn: _fixedIn, ...without } = finding as Finding;
    const text = explained({ ...completeReport, findings: [{ ...without, status: "affected" }] }, "CVE-2024-5535");
    expect(text).toContain("what to do   watch it: no fix yet; ESM has the fix, 3.0.15-1~deb12u2");
  });

  test("shows every package that has it", () => {
    const text = explained(shopReport, "cve-2024-5535");
    expect(text).toContain("Found 2 times");
    expect(text).toMatch(/^libssl3 .*^openssl /ms);
  });

  test("keeps apart the findings of one alias that have ids of their own", () => {
    const alias = { aliases: ["GHSA-1"] };
    const sample = { type: "npm", name: "a", version: "1.0.0", path: "a", layer: null } as const;
    const report = sampleReport([
      {
        ...sample,
        findings: [
          ["CVE-1", "low", "2.0.0", alias],
          ["CVE-2", "low", "2.0.0", alias],
        ],
      },
    ]);
    expect(explained(report, "ghsa-1")).toMatch(/^CVE-1 \(also GHSA-1\)$.*^CVE-2 \(also GHSA-1\)$/ms);
  });

  test("says of an id that is not there what was compared, and where it could hide", () => {
    const text = explained(shopReport, "CVE-1999-1");
    expect(text).toContain("CVE-1999-1 is not among the 16 findings of this report.");
    expect(text).toContain("9 packages were compared with 87 records (built into Plimsoll):");
    expect(text).toContain("  npm          lodash 4.17.15\n");
    expect(text).toContain("  limit        It holds only the best known");
    expect(text).toContain("/opt/shop/broken.jar: the archive ends");
    expect(text).toContain("and 4 more\n");
  });

  test("lets nothing of a report or of the wish steer the terminal", () => {
    const id = hostileReport.findings[0]?.id ?? "";
    for (const line of [...explain(hostileReport, id), ...explain(hostileReport, "\u001b[31mX")]) {
      expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*\n*$/u);
    }
    expect(explained(hostileReport, id)).toContain("because");
  });
});
