import { isCompareOperator, patternError } from "./compare-values.ts";
import type {
  AuditDefinition,
  CheckDefinition,
  Controls,
  DefinitionGroup,
  DefinitionTests,
  TestItem,
} from "./definition.ts";
import { parseJsonPath } from "./parse-json-path.ts";
import {
  booleanOf,
  entryOf,
  itemsOf,
  readYamlTree,
  textOf,
  textsOf,
  type YamlFailure,
  type YamlTree,
} from "./read-yaml-tree.ts";

/** A definition file that was read, or why it was not. */
export type ReadControls = { readonly controls: Controls } | { readonly failure: string; readonly line?: number };

/**
 * Reads one definition file after its variables were replaced. `target`: the type that it must have, when its name
 * tells one.
 *
 * A check that could never say what its author means (an unknown comparison, an unknown `bin_op`, a pattern or a path
 * that is none) is kept with the reason in `refused`. Source: kube-bench, `check/controls.go`; bench-common,
 * `check/controls.go`.
 */
export function readControls(
  text: string,
  { path, target }: { readonly path: string; readonly target?: string },
): ReadControls {
  const root = readYamlTree(text);
  if (isFailure(root)) return { failure: root.error, ...(root.line !== undefined && { line: root.line }) };
  if (root.kind !== "mapping") return { failure: "the file is not a mapping", line: root.line };
  const type = textOf(root, "type");
  if (target !== undefined && type !== target) return { failure: `non-${target} controls file specified` };
  const groups = itemsOf(root, "groups");
  const dialect = isBenchCommon(root, groups) ? "bench-common" : "kube-bench";
  return {
    controls: {
      dialect,
      path,
      id: textOf(root, "id"),
      version: textOf(root, "version"),
      text: titleOf(root),
      type,
      groups: groups.map((group) => readGroup(group, path)),
      absent: undefined,
    },
  };
}

function isFailure(root: YamlTree | YamlFailure): root is YamlFailure {
  return "error" in root;
}

function isBenchCommon(root: YamlTree, groups: readonly YamlTree[]): boolean {
  return [root, ...groups].some((node) => textOf(node, "description") !== "" && textOf(node, "text") === "");
}

function titleOf(node: YamlTree): string {
  return textOf(node, "text") || textOf(node, "description");
}

function readGroup(node: YamlTree, path: string): DefinitionGroup {
  return {
    id: textOf(node, "id"),
    text: titleOf(node),
    type: textOf(node, "type"),
    constraints: readConstraints(node),
    checks: itemsOf(node, "checks").map((check) => readCheck(check, path)),
  };
}

function readCheck(node: YamlTree, path: string): CheckDefinition {
  const refusals: string[] = [];
  const place = (at: YamlTree): string => `${path}:${at.line}`;
  const context: Reading = { refuse: (at, what) => void refusals.push(`${place(at)}: ${what}`) };
  const subChecks = entryOf(node, "sub_checks");
  const multiple = readBoolean(node, { key: "use_multiple_values", unless: false }, context);
  const scored = readBoolean(node, { key: "scored", unless: false }, context);
  // Only this spelling is read upstream.
  const disableEnvTesting = readBoolean(node, { key: "disableenvtesting", unless: false }, context);
  return {
    ...readAudit(node, context),
    id: textOf(node, "id"),
    text: titleOf(node),
    scored,
    useMultipleValues: multiple,
    disableEnvTesting,
    subChecks:
      subChecks && itemsOf(node, "sub_checks").map((item) => readAudit(entryOf(item, "check") ?? item, context)),
    refused: refusals.length === 0 ? undefined : refusals.join("; "),
    location: { path, line: node.line },
  };
}

interface Reading {
  refuse(at: YamlTree, what: string): void;
}

function readAudit(node: YamlTree, context: Reading): AuditDefinition {
  const audit = entryOf(node, "audit");
  const auditType = textOf(node, "audit_type");
  if ((auditType !== "" && auditType !== "audit") || (audit && audit.kind !== "scalar")) {
    context.refuse(audit ?? node, `unsupported audit type: ${auditType || "not text"}`);
  }
  const tests = entryOf(node, "tests");
  return {
    audit: textOf(node, "audit"),
    auditConfig: textOf(node, "audit_config"),
    auditEnv: textOf(node, "audit_env"),
    type: textOf(node, "type").trim(),
    tests: tests && readTests(tests, context),
    remediation: textOf(node, "remediation"),
    constraints: readConstraints(node),
  };
}

function readTests(node: YamlTree, context: Reading): DefinitionTests {
  const binOp = textOf(node, "bin_op");
  if (node.kind !== "mapping") context.refuse(node, "`tests` is not a mapping");
  if (binOp !== "" && binOp !== "and" && binOp !== "or") context.refuse(node, `unknown bin_op ${binOp}`);
  return {
    binOp: binOp === "or" ? "or" : "and",
    items: itemsOf(node, "test_items").map((item) => readItem(item, context)),
  };
}

function readItem(node: YamlTree, context: Reading): TestItem {
  const path = textOf(node, "path");
  const parsed = parseJsonPath(path);
  if ("error" in parsed) context.refuse(node, `invalid path ${path}: ${parsed.error}`);
  return {
    flag: textOf(node, "flag"),
    path,
    env: textOf(node, "env"),
    set: readBoolean(node, { key: "set", unless: true }, context),
    compare: readCompare(node, context),
  };
}

function readCompare(item: YamlTree, context: Reading): TestItem["compare"] {
  const node = entryOf(item, "compare");
  const op = node === undefined ? "" : textOf(node, "op");
  if (node === undefined || op === "") return undefined;
  const value = textOf(node, "value");
  if (!isCompareOperator(op)) {
    context.refuse(node, `unknown comparison ${op}`);
    return undefined;
  }
  const error = op === "regex" ? patternError(value) : undefined;
  if (error !== undefined) context.refuse(node, `invalid pattern ${value}: ${error}`);
  return { op, value };
}

function readBoolean(
  node: YamlTree,
  { key, unless }: { readonly key: string; readonly unless: boolean },
  context: Reading,
): boolean {
  const entry = entryOf(node, key);
  if (entry === undefined) return unless;
  const value = entry.kind === "scalar" ? booleanOf(entry.text) : undefined;
  if (value === undefined) context.refuse(entry, `${key} must be true or false`);
  return value ?? unless;
}

function readConstraints(node: YamlTree): Readonly<Record<string, readonly string[]>> {
  const constraints = entryOf(node, "constraints");
  if (constraints?.kind !== "mapping") return {};
  return Object.fromEntries([...constraints.entries.keys()].map((key) => [key, textsOf(constraints, key)]));
}
