import { expect } from "vitest";
import { packageUrl } from "../../src/model/packages/package-url.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { completeReport } from "../../src/reporters/fixtures/complete-report.ts";
import { hostileReport, sampleReport, shopReport } from "../../src/reporters/fixtures/sample-reports.ts";

/** Reports with every property, with hostile texts, without packages, and about a folder. */
export const sampleReports: readonly (readonly [name: string, report: Report])[] = [
  ["complete", completeReport],
  ["shop", shopReport],
  ["folder", { ...shopReport, layers: [], distro: null, target: { kind: "dir", name: "./web" } }],
  ["hostile", hostileReport],
  ["halves of surrogate pairs", withName("\ud800 \\ud800 \udc00")],
  ["markup and quotes", withName(`"</script>'&\\u0000 #?/@:;`)],
  ["empty", sampleReport([])],
];

function withName(name: string): Report {
  const one = { type: "npm", name: "one", version: "1", path: name, layer: 0 } as const;
  const report = sampleReport([{ ...one, findings: [[name, "high", name, { summary: name, statusReason: name }]] }], {
    target: { kind: "docker", name, tags: [name] },
    problems: [{ code: "unreadable", message: name, path: name }],
    verdict: { decision: "cannot-tell", reasons: [name] },
  });
  const named = { name, version: name, purl: packageUrl({ type: "npm", name, version: name }) };
  const findings = report.findings.map((finding) => ({ ...finding, package: { ...finding.package, ...named } }));
  const statement = {
    vulnerability: { name },
    products: [{ "@id": name }],
    status: "not_affected",
    author: name,
  } as const;
  const suppressed = findings.map((finding) => ({
    finding: { ...finding, id: `${name} 2`, aliases: [name] },
    ...{ by: "user" as const, document: name, statement },
  }));
  const packages = report.packages.map((found) => ({ ...found, ...named }));
  return { ...report, packages, findings, suppressed };
}

/**
 * The parsed document of a writer. The writer gives the same text on a second run, and the text has no half of a
 * surrogate pair, no control character but its line breaks, and no invisible one.
 */
export function parsedDocument<Input, Document>(write: (input: Input) => Iterable<string>, input: Input): Document {
  const text = [...write(input)].join("");
  expect([...write(input)].join("")).toBe(text);
  expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value === "string") expect(value.isWellFormed()).toBe(true);
    return value;
  }) as Document;
}
