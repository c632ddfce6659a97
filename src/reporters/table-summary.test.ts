import { describe, expect, test } from "vitest";
import type { Report } from "../model/reports/report.ts";
import { completeReport } from "./fixtures/complete-report.ts";
import { lodash, plainTable } from "./fixtures/plain-table.ts";
import { sampleReport, shopReport } from "./fixtures/sample-reports.ts";

describe("the rest of the table", () => {
  test("begins with what was scanned", () => {
    expect(plainTable(shopReport, 140).split("\n").slice(0, 3)).toEqual([
      "Scanned     shop-1.4.tar (shop:1.4)",
      "            docker-archive · Debian GNU/Linux 12 (bookworm) · linux/amd64 · runs as root",
      "            9 packages (6 deb, 1 maven, 1 npm, 1 pypi) in 5 layers, 2 of them from the base image",
    ]);
  });

  test("ends with count, gaps, advisories and their limits, and the verdict", () => {
    expect(plainTable(shopReport, 140).split("\n\n").slice(-2).join("\n\n")).toMatchInlineSnapshot(`
      "Found       16 findings (14 vulnerabilities) in 8 packages: 5 critical, 3 high, 6 medium, 1 low, 1 negligible
      Your layers 2 critical · 2 high · 4 medium · upgrades can fix all 8
      Base image  3 critical · 1 high · 2 medium · 1 low · 1 negligible · a newer base image can fix 5 of 8
                  To see why: --explain CVE-2021-44228 · all ids and paths: --no-trunc
      Unexamined  /opt/shop/broken.jar: the archive ends in the middle of its directory
      Advisories  built into Plimsoll, 87 records, 3 days old (2026-03-06)
                  It holds only the best known vulnerabilities, so most others are not found.

      DENIED      4 vulnerabilities are critical or high and have a fix; the limit is high.
      "
    `);
  });

  test("says that nothing was found only of what could be examined", () => {
    const builtIn = sampleReport([lodash]);
    expect(plainTable(builtIn)).toContain("Found       none of the few vulnerabilities built into Plimsoll\n");
    expect(plainTable({ ...builtIn, problems: shopReport.problems })).toContain(
      "Found       none of the few vulnerabilities built into Plimsoll, in what could be examined\n",
    );
    const clean = { ...builtIn, database: completeReport.database };
    expect(plainTable(clean)).toContain("Found       no known vulnerabilities\n");
    expect(plainTable({ ...clean, problems: shopReport.problems })).toContain(
      "Found       no known vulnerabilities in what could be examined\n",
    );
    expect(plainTable(sampleReport([]))).toContain("Found       no packages\n");
  });

  test("counts what statements suppress, also when nothing else was found", () => {
    const [one] = completeReport.suppressed;
    const suppressed = [one, { ...one, by: "publisher" }, { ...one, by: "publisher" }] as Report["suppressed"];
    expect(plainTable({ ...shopReport, suppressed })).toContain(
      [
        "            2 more are not affected, according to their publishers' statements",
        "            1 more is not affected, according to your statements",
        "            To see why",
      ].join("\n"),
    );
    expect(plainTable({ ...sampleReport([lodash]), database: completeReport.database, suppressed })).toContain(
      "Found       no known vulnerabilities\n            2 are not affected, according to their publishers' statements\n",
    );
  });

  test("names the file of the advisories and their age in days of the report, not of the clock", () => {
    expect(plainTable(completeReport)).toContain("41,000 records in /home/ann/osv.db, 3 days old (2026-03-06)");
  });

  test("lists at most ten problems and counts the others", () => {
    const problems = Array.from({ length: 15 }, (_, index) => ({
      code: "unreadable" as const,
      message: `File ${index} ends.`,
    }));
    const text = plainTable({ ...shopReport, problems });
    expect(text).toContain("File 9 ends.");
    expect(text).not.toContain("File 10 ends.");
    expect(text).toContain("and 5 more problems");
  });

  test("says a limit once: with the verdict where it is a reason for it, else below the advisories", () => {
    const [reason, other] = ["a limit that decides", "a limit that is told"];
    const database = { ...shopReport.database, limits: [reason, other] };
    const text = plainTable({ ...shopReport, database, verdict: { decision: "cannot-tell", reasons: [reason] } });
    expect(text).toMatch(/^Advisories .*\n {12}a limit that is told\n\nCANNOT TELL a limit that decides\n$/m);
  });

  test.each([
    [1, "1 finding left out by --severity critical,high"],
    [0, "no findings left out by --severity critical,high"],
  ])("says how many findings a filter leaves out (%d)", (leftOut, line) => {
    const filter = { severities: ["critical", "high"], ignoreUnfixed: false, leftOut } as const;
    expect(plainTable({ ...shopReport, filter })).toContain(`\n            ${line}\n`);
    expect(plainTable(shopReport)).not.toContain("left out");
  });

  test("never says that nothing is known where a filter leaves findings out", () => {
    const severities = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;
    const filter = { severities, ignoreUnfixed: true, leftOut: 5 };
    const text = plainTable({ ...shopReport, findings: [], filter });
    expect(text).toContain(
      "Found       no findings with --ignore-unfixed\n            5 findings left out by --ignore-unfixed\n",
    );
    expect(text).not.toContain("no known vulnerabilities");
  });

  test.each([
    ["allowed", "ALLOWED     Because."],
    ["denied", "DENIED      Because."],
    ["cannot-tell", "CANNOT TELL Because."],
    ["not-judged", "NO POLICY   Because."],
  ] as const)("has the verdict %s as its last line", (decision, line) => {
    const text = plainTable({ ...shopReport, verdict: { decision, reasons: ["Because."] } });
    expect(text.endsWith(`\n\n${line}\n`)).toBe(true);
  });
});

describe("an attached SBOM", () => {
  const { target } = sampleReport([]);
  const signer = { kind: "key", name: `sha256:${"ab".repeat(32)}` } as const;

  test("is named as what the packages are from, with whose word it is", () => {
    const attachedSbom = { format: "spdx", place: "attestation", manifest: "sha256:00", signer } as const;
    const report = sampleReport([lodash], { target: { ...target, attachedSbom }, layers: [] });
    expect(plainTable(report).replaceAll(/\s+/g, " ")).toContain(
      `packages from the attached SPDX document, signed by the key ${signer.name}; layers were not read`,
    );
    const identity = { kind: "identity", name: "me@example.test\u001b[2J", issuer: "https://id.example.test" } as const;
    const other = sampleReport([lodash], {
      target: { ...target, attachedSbom: { ...attachedSbom, signer: identity } },
    });
    expect(plainTable(other).replaceAll(/\s+/g, " ")).toContain(
      "me@example.test\\x1b[2J (issuer https://id.example.test)",
    );
  });

  test("that could not be used is said too", () => {
    const report = sampleReport([lodash], { target: { ...target, attachedSbomRefused: ["there is none"] } });
    expect(plainTable(report)).toContain("no attached SBOM could be used, so the layers were read\n");
  });
});
