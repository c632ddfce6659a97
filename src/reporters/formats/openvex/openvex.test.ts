import { expect, test } from "vitest";
import type { Finding } from "../../../model/findings/finding.ts";
import type { VexStatement, VexStatus } from "../../../model/findings/vex.ts";
import type { Report } from "../../../model/reports/report.ts";
import { completeReport } from "../../fixtures/complete-report.ts";
import { sampleReport, shopReport } from "../../fixtures/sample-reports.ts";
import { scanOpenvex } from "./openvex.ts";

interface OpenVex {
  readonly tooling: string;
  readonly statements: readonly (Omit<VexStatement, "author"> & {
    readonly vulnerability: { readonly name: string };
  })[];
}

function write(report: Report): OpenVex {
  return JSON.parse([...scanOpenvex(report)].join("")) as OpenVex;
}

const { assessment: _, ...finding } = completeReport.findings[0] ?? ({} as never);
const { waived: __, ...report } = completeReport;

function reportOf(findings: readonly Finding[], suppressed: Report["suppressed"] = []): Report {
  return { ...report, findings, suppressed };
}

function suppressed(status: VexStatus, more: Partial<Finding> = {}, parts: Partial<VexStatement> = {}) {
  const statement = { vulnerability: { name: "CVE-2024-5535" }, products: [], status, author: "Ann", ...parts };
  return { finding: { ...finding, ...more }, by: "user" as const, statement };
}

function statementsOf(some: Report) {
  return write(some).statements.map(({ vulnerability: { name, aliases = [] }, status }) => [status, name, ...aliases]);
}

test("a finding without a statement is affected, with what to do", () => {
  const [fixed, open] = [finding, { ...finding, fixedIn: undefined, channelFix: undefined, status: "will-not-fix" }];
  expect(write(reportOf([fixed])).statements[0]).toMatchObject({
    status: "affected",
    action_statement: "Upgrade to 3.0.15-1~deb12u1.",
  });
  expect(write(reportOf([open as unknown as Finding])).statements[0]?.action_statement).toBe(
    "No upgrade available: the publisher will not fix it.",
  );
});

test("the publisher's investigation is under_investigation", () => {
  const [statement] = write(reportOf([{ ...finding, status: "under-investigation" }])).statements;
  expect(statement?.status).toBe("under_investigation");
  expect(statement?.action_statement).toBeUndefined();
});

test("a statement keeps its status, reason and author", () => {
  const parts = { justification: "component_not_present", timestamp: "2024-07-01T00:00:00Z" } as const;
  const [statement] = write(reportOf([], [suppressed("not_affected", {}, parts)])).statements;
  expect(statement).toMatchObject({ status: "not_affected", justification: "component_not_present" });
  expect(statement?.status_notes).toContain("Stated by Ann on 2024-07-01.");
  expect(statement?.impact_statement).toBeUndefined();
});

test("not_affected without a reason says that there is none", () => {
  const [statement] = write(reportOf([], [suppressed("not_affected", {}, { impact_statement: "" })])).statements;
  expect(statement?.impact_statement).toBe("The author of the statement did not give a reason.");
});

test("a waived finding is affected and has the waiver as its action", () => {
  const [statement] = write({
    ...reportOf([]),
    waived: completeReport.waived.map((one) => ({ ...one, finding })),
  }).statements;
  expect(statement?.status).toBe("affected");
  expect(statement?.action_statement).toMatch(
    /^waived, by team shop until a fix is available: no TLS here\nUpgrade to/,
  );
});

test.each([
  ["registry", "shop.example.test/team/shop:1.4", "pkg:oci/shop@sha256:"],
  ["docker", "shop", "pkg:oci/shop@sha256:"],
  ["docker", "a".repeat(64), undefined],
  ["oci-archive", "shop.tar", undefined],
] as const)("the product of the image %s:%s", (kind, name, product) => {
  const manifestDigest = `sha256:${"b".repeat(64)}`;
  const { statements } = write({ ...reportOf([finding]), target: { kind, name, tags: ["shop:1"], manifestDigest } });
  const purl = { "@id": finding.package.purl };
  expect(statements[0]?.products).toEqual(
    product === undefined ? [purl] : [{ "@id": `${product}${"b".repeat(64)}`, subcomponents: [purl] }],
  );
});

test("packages for which everything else is the same share a statement", () => {
  const openssl = write(shopReport).statements.filter(({ vulnerability }) => vulnerability.name === "CVE-2024-0727");
  expect(openssl.map(({ products }) => products.length)).toEqual([2]);
});

test("a statement that suppresses has no name of a finding that counts in the same package", () => {
  const other = { ...finding, id: "CVE-2024-1", aliases: ["GHSA-2222-3333-4444"] };
  const aliases = ["GHSA-2222-3333-4444", "DSA-1"];
  expect(statementsOf(reportOf([other], [suppressed("fixed", { aliases })]))).toEqual([
    ["affected", "CVE-2024-1", "GHSA-2222-3333-4444"],
    ["fixed", "CVE-2024-5535", "DSA-1"],
  ]);
  expect(statementsOf(reportOf([finding], [suppressed("fixed", { aliases: [] })]))).toEqual([
    ["affected", "CVE-2024-5535", "DEBIAN-CVE-2024-5535"],
  ]);
  const erratum = { ...finding, id: "RHSA-2024:1", aliases: ["CVE-2024-5535", "CVE-2024-2222"] };
  expect(statementsOf(reportOf([erratum], [suppressed("fixed", { aliases: [] })]))).toEqual([
    ["affected", "RHSA-2024:1", "CVE-2024-5535", "CVE-2024-2222"],
    ["fixed", "CVE-2024-5535"],
  ]);
});

test("a scan without findings has one statement about no product, and its verdict", () => {
  const verdict = { decision: "cannot-tell", reasons: ["a layer could not be read"] } as const;
  const problems = [{ code: "unreadable", message: "the archive ends early", path: "opt/a.jar" }] as const;
  const { statements, tooling } = write(sampleReport([], { verdict, problems }));
  expect(statements).toMatchObject([{ vulnerability: { name: "none" }, status: "under_investigation" }]);
  expect(statements[0]?.products).toBeUndefined();
  expect(tooling.split("\n").slice(0, 4)).toEqual([
    "plimsoll 0.1.0",
    "verdict:decision: cannot-tell",
    "verdict:reason: a layer could not be read",
    "problem: opt/a.jar: the archive ends early",
  ]);
});

test("the id changes with the content", () => {
  const id = (some: Report) => /"@id": "(urn:uuid:[^"]+)"/.exec([...scanOpenvex(some)].join(""))?.[1];
  expect(id(shopReport)).toBe(id(structuredClone(shopReport)));
  expect(id({ ...shopReport, findings: shopReport.findings.slice(1) })).not.toBe(id(shopReport));
});
