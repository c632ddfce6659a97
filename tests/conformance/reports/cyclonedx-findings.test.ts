import { beforeAll, expect, test } from "vitest";
import type { Report } from "../../../src/model/reports/report.ts";
import { completeReport } from "../../../src/reporters/fixtures/complete-report.ts";
import { shopReport } from "../../../src/reporters/fixtures/sample-reports.ts";
import { cyclonedx, scanCyclonedx } from "../../../src/reporters/formats/cyclonedx/cyclonedx.ts";
import { readSbom } from "../../../src/sources/sbom/read-sbom.ts";
import { readVex } from "../../../src/sources/vex/read-vex.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { realReports } from "../../setup/real-reports.ts";
import { parsedDocument, sampleReports } from "../../setup/sample-documents.ts";
import { cycloneDxValidator } from "./cyclonedx-schema.ts";

interface Property {
  readonly name: string;
  readonly value: string;
}

interface Vulnerability {
  readonly "bom-ref": string;
  readonly id: string;
  readonly ratings: readonly Readonly<Record<string, unknown>>[];
  readonly recommendation?: string;
  readonly advisories?: readonly { readonly url: string }[];
  readonly affects: readonly { readonly ref: string }[];
  readonly analysis?: Readonly<Record<string, unknown>>;
}

interface Bom {
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly "bom-ref": string }; readonly properties: readonly Property[] };
  readonly components: readonly { readonly "bom-ref": string; readonly purl?: string }[];
  readonly compositions?: readonly Readonly<Record<string, unknown>>[];
  readonly vulnerabilities: readonly Vulnerability[];
}

const context = { signal: new AbortController().signal, problem: () => {} };

describeWithCorpus("CycloneDX documents with findings", () => {
  const errors = cycloneDxValidator("1.6");
  let reports: ReadonlyMap<string, Report>;
  beforeAll(async () => {
    reports = await realReports();
  }, 120_000);

  function valid(report: Report, name: string): Bom {
    const document = parsedDocument<Report, Bom>(scanCyclonedx, report);
    expect(errors(document), name).toEqual([]);
    const { metadata, components, vulnerabilities } = document;
    const parts = new Set([metadata.component["bom-ref"], ...components.map((one) => one["bom-ref"])]);
    const all = [...parts, ...vulnerabilities.map((one) => one["bom-ref"])];
    expect(new Set(all).size, name).toBe(1 + components.length + vulnerabilities.length);
    const affected = vulnerabilities.flatMap(({ affects }) => affects.map(({ ref }) => ref));
    expect(affected.filter((ref) => !parts.has(ref))).toEqual([]);
    return document;
  }

  test("of 30 archives and 4 SBOMs are valid, with the components of the SBOM and an entry for each finding", () => {
    expect(reports.size).toBeGreaterThanOrEqual(34);
    let found = 0;
    for (const [name, report] of reports) {
      const document = valid(report, name);
      const sbom = parsedDocument<Report, Bom>(cyclonedx, report);
      expect(document.components, name).toEqual(sbom.components);
      expect(document.serialNumber, name).not.toBe(sbom.serialNumber);
      expect(pairsIn(document)).toEqual(new Set(report.findings.map(({ id, package: { purl } }) => `${id} ${purl}`)));
      found += report.findings.length;
    }
    expect(found).toBeGreaterThan(20);
  });

  test.each(sampleReports)("of the sample %s are valid, and their packages are read back", (name, report) => {
    const document = valid(report, name);
    expect(document.vulnerabilities.length > 0).toBe(report.findings.length > 0);
    const read = (parsed: object) => readSbom(Buffer.from(JSON.stringify(parsed)), context).packages;
    expect(read(document)).toEqual(read(parsedDocument<Report, Bom>(cyclonedx, report)));
  });
});

/** The vulnerability and the package URL of each finding that is not suppressed. */
function pairsIn({ vulnerabilities, components }: Bom): ReadonlySet<string> {
  const urls = new Map(components.map((one) => [one["bom-ref"], one.purl]));
  const counting = vulnerabilities.filter(({ recommendation }) => recommendation !== undefined);
  return new Set(counting.flatMap(({ id, affects }) => affects.map(({ ref }) => `${id} ${urls.get(ref)}`)));
}

const write = (report: Report): Bom => parsedDocument<Report, Bom>(scanCyclonedx, report);

test("a rating has the method of its vector, or the publisher's word", () => {
  const statements = [
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H",
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H",
    "AV:N/AC:L/Au:N/C:P/I:P/A:P",
    "Important",
  ];
  const severities = statements.map((statement) => ({ source: "NVD", severity: "high" as const, statement }));
  const findings = completeReport.findings.map((finding) => ({ ...finding, severities }));
  const [first] = write({ ...completeReport, findings }).vulnerabilities;
  const source = { name: "NVD" };
  expect(first?.ratings).toEqual([
    { source, severity: "high", method: "CVSSv4", vector: statements[0] },
    { source, severity: "high", method: "CVSSv31", vector: statements[1] },
    { source, severity: "high", method: "CVSSv3", vector: statements[2] },
    { source, severity: "high", method: "CVSSv2", vector: statements[3] },
    { source, severity: "high", method: "other", justification: "Important" },
  ]);
});

test("findings that differ only in the package are one entry, and only addresses of the web are advisories", () => {
  const references = ["https://example.test/a", "javascript:alert(1)", "https://example.test/a", "ftp://example.test"];
  const report = { ...shopReport, findings: shopReport.findings.map((finding) => ({ ...finding, references })) };
  const openssl = write(report).vulnerabilities.filter(({ id }) => id === "CVE-2024-0727");
  expect(openssl).toHaveLength(1);
  expect(openssl[0]?.affects.map(({ ref }) => ref)).toEqual([
    "pkg:deb/libssl3@3.0.11-1~deb12u1",
    "pkg:deb/openssl@3.0.11-1~deb12u1",
  ]);
  expect(openssl[0]?.recommendation).toBe("Upgrade to 3.0.13-1~deb12u1.");
  expect(openssl[0]?.advisories).toEqual([{ url: "https://example.test/a" }]);
});

test.each([
  ["not_affected", "component_not_present", "not_affected", "code_not_present"],
  ["not_affected", "vulnerable_code_not_present", "not_affected", "code_not_present"],
  ["not_affected", "vulnerable_code_not_in_execute_path", "not_affected", "code_not_reachable"],
  ["not_affected", "vulnerable_code_cannot_be_controlled_by_adversary", "not_affected", "requires_environment"],
  ["not_affected", "inline_mitigations_already_exist", "not_affected", "protected_by_mitigating_control"],
  ["fixed", undefined, "resolved", undefined],
  ["affected", undefined, "exploitable", undefined],
  ["under_investigation", undefined, "in_triage", undefined],
] as const)("the statement %s, %s is the analysis %s, %s", (status, justification, state, expected) => {
  const [first] = completeReport.findings;
  if (!first) throw new Error("the sample has a finding");
  const { justification: _, ...others } = first.assessment.statement;
  const statement = { ...others, status, ...(justification && { justification }) };
  const isSuppressed = status === "not_affected" || status === "fixed";
  const report: Report = {
    ...completeReport,
    findings: isSuppressed ? [] : [{ ...first, assessment: { by: "user", statement } }],
    suppressed: isSuppressed ? [{ finding: first, by: "user", statement }] : [],
    waived: [],
  };
  const document = write(report);
  const [entry] = document.vulnerabilities;
  expect(entry?.analysis?.["state"]).toBe(state);
  expect(entry?.analysis?.["justification"]).toBe(expected);
  expect(entry?.analysis?.["detail"]).toContain("Debian Security Tracker");
  expect(entry?.recommendation === undefined).toBe(isSuppressed);
  expect(readVex(JSON.stringify(document), "scan.cdx.json").statements.map((one) => one.status)).toEqual(
    report.target.manifestDigest === undefined ? [] : [status],
  );
});

test("a waived finding has the waiver and no state", () => {
  const waived = completeReport.waived.map(({ waiver, finding: { assessment: _, ...finding } }) => ({
    waiver,
    finding,
  }));
  const { vulnerabilities } = write({ ...completeReport, findings: [], suppressed: [], waived });
  expect(vulnerabilities.map(({ analysis }) => analysis)).toEqual([
    { detail: "waived, by team shop until a fix is available: no TLS here" },
  ]);
});

test("the verdict, problems, limits and the filter are in the metadata, and an incomplete list is marked", () => {
  const { metadata, compositions, vulnerabilities } = write(completeReport);
  const valuesOf = (name: string) => metadata.properties.filter((one) => one.name === name).map(({ value }) => value);
  expect(valuesOf("plimsoll:verdict:decision")).toEqual(["denied"]);
  expect(valuesOf("plimsoll:verdict:reason")).toEqual(completeReport.verdict.reasons);
  expect(valuesOf("plimsoll:problem")).toEqual(["app/broken.jar: app/broken.jar: the archive ends in the middle"]);
  expect(valuesOf("plimsoll:limit")).toEqual(completeReport.database.limits);
  expect(valuesOf("plimsoll:filter")).toEqual([
    "3 findings left out by --severity critical,high --ignore-unfixed",
    "3 known findings left out (in base.json)",
  ]);
  expect(compositions).toEqual([
    { aggregate: "incomplete", assemblies: ["target"] },
    { aggregate: "incomplete", vulnerabilities: vulnerabilities.map((one) => one["bom-ref"]) },
  ]);
  expect(write({ ...shopReport, problems: [] }).compositions).toBeUndefined();
});
