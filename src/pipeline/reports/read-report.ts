import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { documentPath } from "../../io/files/data-path.ts";
import { readNamedText } from "../../io/files/read-small-file.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import { PlimsollError } from "../../model/error.ts";
import type { WorkloadReport } from "../../model/images/workload.ts";
import type { RegistryReport } from "../../model/reports/registry-report.ts";
import type { Report } from "../../model/reports/report.ts";

const largestReport = 256 * 1024 * 1024;

/** A report that was read, with its kind: of `scan`, `check`, `scan --registry` or `ps`. */
export type ReadReport =
  | { readonly kind: "scan"; readonly report: Report }
  | { readonly kind: "check"; readonly report: CheckReport }
  | { readonly kind: "registry"; readonly report: RegistryReport }
  | { readonly kind: "workloads"; readonly report: WorkloadReport };

const schemas: Readonly<Record<ReadReport["kind"], string>> = {
  scan: "report.schema.json",
  check: "check-report.schema.json",
  registry: "registry-report.schema.json",
  workloads: "ps-report.schema.json",
};

const hint = "Use a report that this version of plimsoll wrote with --format json.";

/**
 * Reads a JSON report of Plimsoll, and validates it by its published schema. Errors: `target-not-found`,
 * `target-unreadable`, `limit-exceeded`, `file-malformed`.
 */
export function readReport(path: string): ReadReport {
  const value = parse(readNamedText(path, { largest: largestReport }), path);
  const kind = kindOf(value);
  if (kind === undefined) throw malformed(path, "is not a report of plimsoll");
  if (!("schemaVersion" in value) || value.schemaVersion !== 2) {
    throw malformed(path, "has another version of the report format than 2");
  }
  const fault = faultOf(value, schemas[kind]);
  if (fault !== undefined) throw malformed(path, fault);
  return { kind, report: value } as unknown as ReadReport;
}

function parse(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw malformed(path, "is not JSON", cause);
  }
  throw malformed(path, "is not a report of plimsoll");
}

/** By the members that only one kind has. */
function kindOf(value: object): ReadReport["kind"] | undefined {
  if ("packages" in value && "findings" in value) return "scan";
  if ("results" in value && "counts" in value) return "check";
  if ("images" in value && "totals" in value) return "registry";
  return "workloads" in value ? "workloads" : undefined;
}

/** The first fault that the schema finds. */
function faultOf(value: object, schemaFile: string): string | undefined {
  const schema: unknown = JSON.parse(readFileSync(documentPath(schemaFile), "utf8"));
  if (typeof schema !== "object" || schema === null) return "has no schema";
  const validate = new Ajv2020({ validateFormats: false, allowUnionTypes: true }).compile(schema);
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  const place = error?.instancePath.replace(/^\//, "").replaceAll("/", ".") ?? "";
  return `${place || "the report"} ${error?.message ?? "is not valid"}`;
}

function malformed(path: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("file-malformed", `${path}: ${what}`, { hint, cause });
}
