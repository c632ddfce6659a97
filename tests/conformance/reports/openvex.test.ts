import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, expect, test } from "vitest";
import { openBuiltInAdvisories } from "../../../src/advisories/built-in.ts";
import type { VexStatus } from "../../../src/model/findings/vex.ts";
import type { Contents, Report } from "../../../src/model/reports/report.ts";
import { judgeContents } from "../../../src/pipeline/scan/scan.ts";
import { UserStatements } from "../../../src/pipeline/scan/user-statements.ts";
import { scanOpenvex } from "../../../src/reporters/formats/openvex/openvex.ts";
import { readVex } from "../../../src/sources/vex/read-vex.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { realReports } from "../../setup/real-reports.ts";
import { parsedDocument, sampleReports } from "../../setup/sample-documents.ts";
import { trivyDatabase } from "../../setup/trivy-database.ts";

interface OpenVex {
  readonly "@id": string;
  readonly timestamp: string;
  readonly statements: readonly { readonly status: VexStatus }[];
}

const options = { signal: new AbortController().signal, now: new Date(0), verifyDigests: false };

describeWithCorpus("OpenVEX documents", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat("iri", /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i);
  const validate = ajv.compile(corpusJson<object>("platform/ci/schemas/openvex-0.2.0.schema.json"));
  let reports: ReadonlyMap<string, Report>;
  beforeAll(async () => {
    reports = await realReports();
  }, 120_000);

  function valid(report: Report, name: string): OpenVex {
    const document = parsedDocument<Report, OpenVex>(scanOpenvex, report);
    expect(validate(document) ? [] : validate.errors, name).toEqual([]);
    expect(document["@id"]).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8/);
    expect(document.timestamp).toBe(report.createdAt);
    return document;
  }

  test("of 30 archives and 4 SBOMs are valid", () => {
    expect(reports.size).toBeGreaterThanOrEqual(34);
    const ids = new Set([...reports].map(([name, report]) => valid(report, name)["@id"]));
    expect(ids.size).toBe(reports.size);
  });

  test.each(sampleReports)("of the sample %s are valid", (name, report) => {
    expect(valid(report, name).statements.length).toBeGreaterThan(0);
  });

  test.each(["as they were scanned", "as images of a registry"])(
    "suppress what they suppressed in 34 targets %s, and nothing else",
    (form) => {
      const indexes = { builtIn: openBuiltInAdvisories(), trivy: trivyDatabase() };
      const counts = { suppressed: 0, findings: 0 };
      for (const [name, report] of reports) {
        const index = name.startsWith("images/") ? indexes.builtIn : indexes.trivy;
        const contents = form === "as they were scanned" ? report : inRegistry(report);
        const judge = (vex?: UserStatements) => {
          const loaded = vex && { vex: { statements: vex, sources: [] } };
          return judgeContents({ contents, index, failures: [] }, { ...options, ...loaded }).report;
        };
        const first = judge(everyOther(judge()));
        valid(first, name);
        const second = judge(readBack(first));
        expect(keysOf(second.suppressed.map(({ finding }) => finding)), name).toEqual(
          keysOf(first.suppressed.map(({ finding }) => finding)),
        );
        expect(keysOf(second.findings), name).toEqual(keysOf(first.findings));
        counts.suppressed += first.suppressed.length;
        counts.findings += first.findings.length;
      }
      for (const index of Object.values(indexes)) index.close();
      expect(counts.suppressed).toBeGreaterThan(20);
      expect(counts.findings).toBeGreaterThan(40);
    },
  );
});

function inRegistry(contents: Contents): Contents {
  const name = "registry.example.test:5000/team/shop:1.4";
  return { ...contents, target: { kind: "registry", name, manifestDigest: `sha256:${"a".repeat(64)}` } };
}

/** Statements about every second finding, of each status in turn. */
function everyOther({ findings }: Report): UserStatements {
  const statuses: readonly VexStatus[] = ["not_affected", "fixed", "under_investigation", "not_affected", "affected"];
  return new UserStatements(
    findings.flatMap(({ id, package: { purl } }, index) => {
      const status = statuses[(index / 2) % statuses.length];
      if (status === undefined) return [];
      const statement = { vulnerability: { name: id }, products: [{ "@id": purl }], status, author: "Ann" };
      return [{ by: "user" as const, statement }];
    }),
  );
}

function readBack(report: Report): UserStatements {
  const { statements } = readVex([...scanOpenvex(report)].join(""), "scan.vex.json");
  return new UserStatements(statements.map((statement) => ({ by: "user", statement })));
}

function keysOf(findings: Report["findings"]): readonly string[] {
  return findings.map(({ id, status, package: { purl, paths } }) => JSON.stringify([id, status, purl, paths])).sort();
}
