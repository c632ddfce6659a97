import { findingTitles, warningDescriptions } from "./finding-codes.ts";
import type { FileResult, LoadFinding } from "./rule-set.ts";

/** How a report of a rule file is printed. */
export interface LoadReportOptions {
  readonly verbose: boolean;
  /** Lines and columns count from 1, and hints follow the messages. Falco counts most of them from 0. */
  readonly forPeople?: boolean;
}

/**
 * What Falco prints of a rule file: each error and warning with its place, or without `verbose` their codes, each kind
 * on one line. A verbose report with findings ends with a line end, any other does not. Unlike Falco's, it has a line
 * break only where a line of the report or of the quoted part of the file ends; one in a name is written `\n`.
 */
export function printLoadReport(result: FileResult, { verbose, forPeople = false }: LoadReportOptions): string {
  const errors = result.findings.filter(({ kind }) => kind === "error");
  const warnings = result.findings.filter(({ kind }) => kind === "warning");
  const state = result.isSuccessful ? `Ok${warnings.length > 0 ? ", with warnings" : ""}` : "Invalid";
  const head = result.name === "" ? state : `${inOneLine(result.name)}: ${state}`;
  const refused = isRefused(result) ? result.schema.map(inOneLine) : [];
  if (verbose)
    return `${head}${schemaSection(refused)}${section("Errors", errors, forPeople)}${section("Warnings", warnings, forPeople)}`;
  return [
    head,
    ...(refused.length > 0 ? [` ${refused.length} schema warnings: [${refused.join(" ")}]`] : []),
    ...codeLine("errors", errors),
    ...codeLine("warnings", warnings),
  ].join("\n");
}

/** The object that `falco -V` prints as JSON. The descriptions of warnings are our own. */
export function loadReportJson(results: readonly FileResult[]): { readonly falco_load_results: readonly unknown[] } {
  return { falco_load_results: results.map(resultJson) };
}

function isRefused({ schema: [first] }: FileResult): boolean {
  return first !== undefined && first !== "ok";
}

function schemaSection(refused: readonly string[]): string {
  if (refused.length === 0) return "";
  return `\n${refused.length} Schema warnings:\n${refused.map((line) => `------\n${line}\n`).join("")}------\n`;
}

function section(title: string, findings: readonly LoadFinding[], forPeople: boolean): string {
  if (findings.length === 0) return "";
  const texts = findings.map((finding) => {
    const locations = forPeople ? placesFromOne(finding) : finding.locations;
    const places = locations.map(({ itemType, itemName, file, line, column }, index) => {
      const name = itemName === "" ? "" : ` '${inOneLine(itemName)}'`;
      return `${index === 0 ? "In " : "    "}${itemType}${name}: (${inOneLine(file)}:${line}:${column})\n`;
    });
    const message = inOneLine(finding.message);
    const hint = forPeople && finding.hint !== undefined ? `${inOneLine(finding.hint)}\n` : "";
    return `${places.join("")}------\n${finding.snippet}------\n${codeAndTitle(finding)}: ${message}\n${hint}`;
  });
  return `\n${findings.length} ${title}:\n${texts.join("")}`;
}

/**
 * The locations of a finding with lines and columns from 1. A place inside of a condition is from 1 already: it was
 * added to that of the condition.
 */
export function placesFromOne({ locations }: LoadFinding): LoadFinding["locations"] {
  return locations.map((location, index) => {
    const outer = locations[index - 1];
    const isFromOne = location.itemType === "condition expression" && outer !== undefined && location.line > outer.line;
    return isFromOne ? location : { ...location, line: location.line + 1, column: location.column + 1 };
  });
}

function codeLine(title: string, findings: readonly LoadFinding[]): string[] {
  return findings.length === 0 ? [] : [` ${findings.length} ${title}: [${findings.map(codeAndTitle).join(" ")}]`];
}

function inOneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}

function codeAndTitle({ code, deprecatedField }: LoadFinding): string {
  const field = deprecatedField === undefined ? "" : `: field '${deprecatedField}'`;
  return `${code} (${findingTitles[code] ?? code}${field})`;
}

function resultJson(result: FileResult): unknown {
  const schema =
    result.schema.length === 0
      ? {}
      : { schema_valid: !isRefused(result), schema_warnings: isRefused(result) ? result.schema : [] };
  return {
    name: result.name,
    successful: result.isSuccessful,
    ...schema,
    errors: result.findings.filter(({ kind }) => kind === "error").map(findingJson),
    warnings: result.findings.filter(({ kind }) => kind === "warning").map(findingJson),
  };
}

function findingJson(finding: LoadFinding): unknown {
  const { code, message, snippet, deprecatedField } = finding;
  const locations = finding.locations.map(({ itemType, itemName, file, line, column, offset }) => ({
    item_type: itemType,
    item_name: itemName,
    position: { name: file, line, column, offset },
  }));
  return {
    code,
    codedesc: warningDescriptions[code] ?? findingTitles[code] ?? code,
    message,
    context: { locations, snippet },
    ...(deprecatedField === undefined ? {} : { deprecated_field: deprecatedField }),
  };
}
