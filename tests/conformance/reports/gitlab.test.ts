import { Ajv } from "ajv";
import { beforeAll, expect, test } from "vitest";
import type { Report } from "../../../src/model/reports/report.ts";
import { completeRegistryReport } from "../../../src/reporters/fixtures/complete-registry-report.ts";
import { completeReport } from "../../../src/reporters/fixtures/complete-report.ts";
import { hostileReport, shopReport } from "../../../src/reporters/fixtures/sample-reports.ts";
import { registryGitlab, scanGitlab } from "../../../src/reporters/formats/gitlab/gitlab.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { realReports } from "../../setup/real-reports.ts";

interface GitlabReport {
  readonly scan: { readonly type: string; readonly messages: readonly { readonly level: string }[] };
  readonly vulnerabilities: readonly { readonly id: string; readonly location: Readonly<Record<string, unknown>> }[];
  readonly dependency_files?: readonly { readonly path: string }[];
}

describeWithCorpus("reports for GitLab", () => {
  const schema = corpusJson<Schema>("platform/ci/schemas/gitlab-container-scanning-15.facts.schema.json");
  const containerErrors = validator(schema);
  const dependencyErrors = validator(forDependencies(schema));
  let reports: ReadonlyMap<string, Report>;
  beforeAll(async () => {
    reports = await realReports();
  }, 120_000);

  function valid(report: Report, name: string): GitlabReport {
    const text = [...scanGitlab(report)].join("");
    expect([...scanGitlab(report)].join("")).toBe(text);
    const document = JSON.parse(text) as GitlabReport;
    const errors = document.scan.type === "container_scanning" ? containerErrors : dependencyErrors;
    expect(errors(document), name).toEqual([]);
    const ids = document.vulnerabilities.map(({ id }) => id);
    expect(new Set(ids).size, name).toBe(report.findings.length);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
    return document;
  }

  test("of 30 archives and 4 SBOMs are valid, with an entry for each finding and the same on a second run", () => {
    expect(reports.size).toBeGreaterThanOrEqual(34);
    const types = new Map<string, number>();
    let found = 0;
    for (const [name, report] of reports) {
      const { scan, vulnerabilities } = valid(report, name);
      types.set(scan.type, (types.get(scan.type) ?? 0) + 1);
      found += vulnerabilities.length;
    }
    expect(Object.fromEntries(types)).toEqual({ container_scanning: 30, dependency_scanning: 4 });
    expect(found).toBeGreaterThan(20);
  });

  test.each([
    ["complete", completeReport],
    ["shop", shopReport],
    ["hostile", hostileReport],
  ])("of the sample %s are valid as an image and as a folder", (name, report) => {
    expect(valid(report, name).scan.messages.length).toBeGreaterThan(0);
    const folder = { ...report, target: { kind: "dir", name: "./web" } } as const;
    const { vulnerabilities, dependency_files: files = [] } = valid(folder, name);
    const paths = new Set(files.map(({ path }) => path));
    expect(vulnerabilities.every(({ location }) => paths.has(String(location["file"])))).toBe(true);
  });

  test("of a registry are valid", () => {
    const document = JSON.parse([...registryGitlab(completeRegistryReport)].join("")) as GitlabReport;
    expect(containerErrors(document)).toEqual([]);
    expect(document.vulnerabilities.length).toBeGreaterThan(0);
  });

  test("an id stays the same when the package gets another version, and names no folder twice", () => {
    const upgraded: Report = {
      ...shopReport,
      findings: shopReport.findings.map((one) => ({ ...one, package: { ...one.package, version: "99" } })),
    };
    const ids = (report: Report) => valid(report, "shop").vulnerabilities.map(({ id }) => id);
    expect(ids(upgraded)).toEqual(ids(shopReport));
    const folder = { ...shopReport, target: { kind: "dir", name: "./web/" } } as const;
    expect(valid(folder, "folder").vulnerabilities[0]?.location).toMatchObject({
      file: "web/opt/shop/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar",
    });
  });

  test("hostile names bring no control characters", () => {
    expect([...scanGitlab(hostileReport)].join("")).not.toMatch(/\\u001b|\\u202e|\u202e/i);
  });
});

interface Schema {
  readonly required: readonly string[];
  readonly properties: {
    readonly scan: { readonly properties: Readonly<Record<string, object>> };
    readonly vulnerabilities: {
      readonly items: { readonly properties: { readonly location: { readonly required: readonly string[] } } };
    };
  };
}

/** Dependency scanning has another type, a file in place of an image, and a list of files. */
function forDependencies(schema: Schema): object {
  const changed = structuredClone(schema) as unknown as Record<"required" | "properties", never>;
  const { properties } = changed as unknown as {
    properties: Record<string, { properties: Record<string, object>; items: { properties: Record<string, object> } }>;
  };
  const files = {
    type: "array",
    items: {
      required: ["path", "package_manager", "dependencies"],
      properties: {
        path: { type: "string", minLength: 1 },
        package_manager: { type: "string", minLength: 1 },
        dependencies: { type: "array", items: { required: ["package", "version"] } },
      },
    },
  };
  (properties["scan"]?.properties as Record<string, object>)["type"] = { enum: ["dependency_scanning"] };
  (properties["vulnerabilities"]?.items.properties as Record<string, object>)["location"] = {
    type: "object",
    required: ["file", "dependency"],
    properties: { file: { type: "string", minLength: 1 } },
  };
  return {
    ...changed,
    required: [...schema.required, "dependency_files"],
    properties: { ...properties, dependency_files: files },
  };
}

function validator(schema: object): (document: unknown) => readonly unknown[] {
  const validate = new Ajv({ strict: false }).compile(schema);
  return (document) => (validate(document) ? [] : (validate.errors ?? []));
}
