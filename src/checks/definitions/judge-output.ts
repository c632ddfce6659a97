import { RE2JS } from "re2js";
import { readDocument } from "../../io/documents/read-document.ts";
import { compareValues } from "./compare-values.ts";
import type { AuditDefinition, Controls, TestItem } from "./definition.ts";
import { type FoundValue, findFlag, findPath, findVariable } from "./find-value.ts";
import { evaluateJsonPath } from "./json-path-template.ts";

/** What the scripts of a check wrote; standard output and error in one. */
export interface AuditOutputs {
  readonly audit: string;
  readonly auditConfig: string;
  readonly auditEnv: string;
}

/** How one test item came out. */
export interface ItemJudgement {
  readonly item: TestItem;
  readonly passes: boolean;
  readonly found: boolean;
  /** The last one searched for: a flag, a path or a variable. */
  readonly subject: string;
  readonly value: string;
  readonly expected: string;
  /** The output that was looked at, without spaces and line breaks at its end. */
  readonly actual: string;
}

/** How a check came out, over all of its items. */
export interface Judgement {
  readonly passes: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly items: readonly ItemJudgement[];
}

/** What surrounds the tests of a check. */
export interface JudgeOptions {
  readonly dialect: Controls["dialect"];
  readonly useMultipleValues: boolean;
}

/**
 * Judges what the scripts of a check wrote by its test items, of which there must be one. Pure.
 *
 * Sources: kube-bench, `check/check.go` `execute` and `check/test.go`; bench-common, `auditeval/test.go`.
 */
export function judgeOutput(
  definition: AuditDefinition,
  outputs: AuditOutputs,
  { dialect, useMultipleValues }: JudgeOptions,
): Judgement {
  const items = (definition.tests?.items ?? []).map((item): ItemJudgement => {
    if (dialect === "bench-common") {
      return judgeLines(item, { output: outputs.audit, useMultipleValues, judge: judgeBenchCommon });
    }
    return judgeKubeBench(item, { definition, outputs, useMultipleValues });
  });
  const isOr = definition.tests?.binOp === "or";
  return {
    passes: isOr ? items.some(({ passes }) => passes) : items.every(({ passes }) => passes),
    expected: items.map(({ expected }) => expected).join(isOr ? " OR " : " AND "),
    actual: items[0]?.actual ?? "",
    items,
  };
}

type Judge = (item: TestItem, line: string) => Omit<ItemJudgement, "actual" | "item">;

/** The command line comes before the configuration file, and the environment comes last. */
function judgeKubeBench(
  item: TestItem,
  {
    definition,
    outputs,
    useMultipleValues,
  }: {
    readonly definition: AuditDefinition;
    readonly outputs: AuditOutputs;
    readonly useMultipleValues: boolean;
  },
): ItemJudgement {
  const judged = (output: string, judge: Judge): ItemJudgement =>
    judgeLines(item, { output, useMultipleValues, judge });
  let result = judged(outputs.audit, judgeFlag);
  if (!result.found && definition.auditConfig !== "" && outputs.auditConfig !== "") {
    result = judged(outputs.auditConfig, judgePath);
  }
  if (!result.found && item.env !== "") result = judged(outputs.auditEnv, judgeVariable);
  return result;
}

/** Judges the whole output, or each line up to the first that does not pass; the last that was looked at counts. */
function judgeLines(
  item: TestItem,
  {
    output,
    useMultipleValues,
    judge,
  }: { readonly output: string; readonly useMultipleValues: boolean; readonly judge: Judge },
): ItemJudgement {
  const actual = withoutEnd(output);
  const [first = "", ...others] = useMultipleValues ? actual.split("\n") : [actual];
  let result = judge(item, first);
  for (const line of others) {
    if (!result.passes) break;
    result = judge(item, line);
  }
  return { ...result, item, actual };
}

const judgeFlag: Judge = (item, line) => judgeFound(item, { subject: item.flag, ...findFlag(line, item.flag) });
const judgePath: Judge = (item, line) => judgeFound(item, { subject: item.path, ...findPath(line, item.path) });
const judgeVariable: Judge = (item, line) => judgeFound(item, { subject: item.env, ...findVariable(line, item.env) });

function judgeFound(
  { set, compare }: TestItem,
  { subject, found, value, error }: FoundValue & { readonly subject: string },
): ReturnType<Judge> {
  const judged = { subject, found, value };
  if (error !== undefined) return { ...judged, passes: false, expected: "" };
  if (!set) return { ...judged, passes: !found, expected: `'${subject}' is not present` };
  if (!found || compare === undefined) return { ...judged, passes: found, expected: `'${subject}' is present` };
  return { ...judged, ...compareValues(compare.op, { name: subject, found: value, wanted: compare.value }) };
}

/** The engine of docker-bench and linux-bench compares also what is not there, as an empty value. */
const judgeBenchCommon: Judge = (item, line) => {
  const { flag, path, set, compare } = item;
  const fromPath = flag === "" && path !== "" ? printedPath(path, line) : "";
  const isThere = isPresent(line, flag);
  const value = fromPath !== "" ? fromPath : benchCommonValue(line, flag);
  const judged = { subject: flag || path, found: isThere, value };
  if (!set) return { ...judged, passes: !isThere, expected: `'${flag}' is not present` };
  if (compare === undefined) return { ...judged, passes: isThere, expected: `'${flag}' is present` };
  return { ...judged, ...compareValues(compare.op, { name: flag, found: value, wanted: compare.value }) };
};

function printedPath(path: string, output: string): string {
  const document = readDocument(output);
  const result = "value" in document ? evaluateJsonPath(path, document.value) : { text: "" };
  return "text" in result ? result.text : "";
}

/** A flag is there when what follows it is not a part of a longer word. */
function isPresent(output: string, flag: string): boolean {
  for (let at = output.indexOf(flag); at >= 0; at = output.indexOf(flag, at + 1)) {
    if (!/^[A-Za-z0-9\-_]/.test(output.charAt(at + flag.length))) return true;
    if (flag === "") return true;
  }
  return false;
}

/**
 * The value of a flag as bench-common reads it: in quotes, behind `=`, `:` or a space, or the flag itself; all of it
 * without a flag.
 */
function benchCommonValue(output: string, flag: string): string {
  if (flag === "") return output;
  const name = RE2JS.quote(flag);
  const patterns = [
    `(?:^|[\\s]+)"?${name}"?\\s*[=:][\\r\\t\\f\\v ]*"(.*)"`,
    `(?:^|[\\s]+)"?${name}"?\\s*[=:][\\r\\t\\f\\v ]*([^\\s]*)`,
    `(?:^|[\\s]+)"?${name}"?\\s+([^-\\s]+)`,
    `(?:^|[\\s]+)(${name})(?:[\\s]|$)`,
    `${name}[=:]([^\\s]*)`,
  ];
  for (const pattern of patterns) {
    const matcher = RE2JS.compile(pattern).matcher(output);
    const value = matcher.find() ? matcher.group(1) : undefined;
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return "";
}

/** Without the spaces and line breaks at the end. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\n")) end--;
  return text.slice(0, end);
}
