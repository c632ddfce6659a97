import { expect } from "vitest";
import {
  decrementVersion,
  mapVersion,
  openShiftVersion,
  platformBenchmark,
  platformOf,
  targetsOf,
} from "../../src/checks/definitions/benchmark-version.ts";
import {
  allElementsValid,
  compareValues,
  integerOf,
  isCompareOperator,
  listElements,
} from "../../src/checks/definitions/compare-values.ts";
import {
  componentFiles,
  findPrograms,
  firstRunning,
  type HostProbe,
  isCommandLineOf,
  replaceWords,
  substitute,
} from "../../src/checks/definitions/component-config.ts";
import { evaluateDefinitions, isChosen } from "../../src/checks/definitions/evaluate-definitions.ts";
import { evaluateJsonPath } from "../../src/checks/definitions/json-path-template.ts";
import { readControls } from "../../src/checks/definitions/read-controls.ts";
import { readYamlTree, type YamlTree } from "../../src/checks/definitions/read-yaml-tree.ts";
import { runDefinition } from "../../src/checks/definitions/run-definition.ts";
import { readDocument } from "../../src/io/documents/read-document.ts";
import type { JsonObject } from "../../src/model/objects/json-object.ts";
import { versionOf } from "../../src/sources/cluster/collect-cluster.ts";
import { corpusBytes } from "./corpus.ts";
import { runAuditScript } from "./run-audit-script.ts";

const set = ["hardening", "kube-bench"] as const;

/** A row of one of the engine's own tables. */
export interface KubeBenchRow {
  readonly id: string;
  readonly kind: string;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** The configuration at the root of kube-bench's folder of benchmarks. */
export function kubeBenchConfig(): YamlTree {
  return treeOf(corpusBytes(...set, "cfg", "config.yaml").toString("utf8"));
}

/** A text that must be YAML. */
export function treeOf(text: string): YamlTree {
  const tree = readYamlTree(text);
  if ("error" in tree) throw new Error(tree.error);
  return tree;
}

/** A host on which every program has these command lines. */
export function probeOf({
  lines = [],
  files = [],
}: {
  lines?: readonly string[];
  files?: readonly string[];
}): HostProbe {
  return {
    commandLines: async () => lines,
    exists: async (path) => files.includes(path),
  };
}

type Output = string | { readonly exit_status: number; readonly output: string } | undefined;

/** Runs the check of a row with the outputs of the row in place of its scripts. */
export async function runRow(row: KubeBenchRow): Promise<Record<string, unknown>> {
  const given = row["check"] as Record<string, unknown>;
  const read = readControls(
    JSON.stringify({
      text: "x",
      groups: [{ id: "1", text: "x", checks: [given] }],
    }),
    { path: "row" },
  );
  const check = "controls" in read ? read.controls.groups[0]?.checks[0] : undefined;
  if (!check) throw new Error(`${row.id} is no check`);
  const named = {
    ...check,
    audit: "audit",
    auditConfig: check.auditConfig && "config",
    auditEnv: "env",
  };
  const error = (failure: Output): object =>
    failure === undefined
      ? {}
      : {
          error: typeof failure === "string" ? failure : `exit status ${failure.exit_status}`,
        };
  const configError = row["audit_config_error"] as Output;
  const outcome = await runDefinition(row.kind === "execute" ? { ...named, scored: true } : named, {
    dialect: "kube-bench",
    runner: async (script) => {
      if (script === "env") return { output: String(row["audit_env_output"] ?? "") };
      if (script === "audit")
        return {
          output: String(row["audit_output"] ?? ""),
          ...error(row["audit_error"] as Output),
        };
      const output = typeof configError === "object" ? configError.output : row["audit_config_output"];
      return { output: String(output ?? ""), ...error(configError) };
    },
  });
  const all: Record<string, unknown> = {
    ...{
      pass: outcome.state === "PASS",
      state: outcome.state,
      reason: outcome.reason !== "",
    },
    ...{
      actual_value: outcome.actualValue,
      expected_result: outcome.expectedResult,
    },
  };
  return Object.fromEntries(Object.keys(row.expect).map((key) => [key, all[key]]));
}

const section = (row: KubeBenchRow): YamlTree => treeOf(JSON.stringify(row["config"]));
const text = (row: KubeBenchRow, key: string): string => String(row[key] ?? "");
const texts = (row: KubeBenchRow, key: string): readonly string[] => (row[key] ?? []) as readonly string[];

/** A probe for which the candidates exist as a row says, in the order in which they are asked for. */
function probeByResults(row: KubeBenchRow): HostProbe {
  const results = [...(row["stat_results"] as readonly (string | null)[])];
  return {
    commandLines: async () => [],
    exists: async () => results.shift() === null,
  };
}

const fileKinds: Readonly<Record<string, "conf" | "svc" | "datadir">> = {
  config: "conf",
  service: "svc",
  datadir: "datadir",
};

/** How rows are run, by their kind: what a row expects is what its handler must give. */
export const kubeBenchHandlers: Readonly<Record<string, (row: KubeBenchRow) => Promise<object> | object>> = {
  execute: runRow,
  run: runRow,
  compare_op: (row) => {
    const op = text(row, "op");
    const options = {
      name: text(row, "flag_name"),
      found: text(row, "flag_value"),
      wanted: text(row, "compare_value"),
    };
    // An operator that does not exist is refused when a file is loaded.
    const { passes, expected } = isCompareOperator(op) ? compareValues(op, options) : { passes: false, expected: "" };
    return { pass: passes, expected_result: expected };
  },
  run_audit: async (row) => {
    const result = await runAuditScript(text(row, "audit").trim(), {
      environment: { PATH: "/usr/bin:/bin" },
    });
    if ("unavailable" in result) throw new Error(result.unavailable);
    const { error_contains: contains, output } = row.expect as {
      error_contains: string;
      output: string;
    };
    expect(result.error !== undefined).toBe(contains !== "");
    expect(result.output.endsWith(output)).toBe(true);
    return row.expect;
  },
  unmarshal: (row) => ({
    error: "error" in readDocument(text(row, "content")),
  }),
  jsonpath: (row) => {
    const result = evaluateJsonPath(text(row, "path"), lowerKeys(row["input"]));
    return {
      differs_or_error: "error" in result || result.text !== text(row, "candidate"),
    };
  },
  all_elements_valid: (row) => ({
    valid: allElementsValid(texts(row, "elements"), texts(row, "allowed")),
  }),
  split_list: (row) => ({ count: listElements(text(row, "input")).length }),
  to_numeric: (row) => ({
    error: integerOf(text(row, "first")) === undefined || integerOf(text(row, "second")) === undefined,
  }),
  load: (row) => {
    const read = readControls(text(row, "yaml"), {
      path: "row",
      target: text(row, "node_type"),
    });
    return { error: "failure" in read ? read.failure : "" };
  },
  run_checks: async (row) => {
    const forced = (row["forced_states"] ?? {}) as Record<string, string>;
    const read = readControls(text(row, "yaml"), { path: "row" });
    if ("failure" in read) throw new Error(read.failure);
    const groups = new Map<string, Record<string, unknown>>();
    const totals = { pass: 0, fail: 0, info: 0, warn: 0 };
    const runner = async () => ({ output: "" });
    for await (const { group, check, outcome } of evaluateDefinitions([read.controls], { runner })) {
      const state = (forced[check.id] ?? outcome.state).toLowerCase() as keyof typeof totals;
      const counts = groups.get(group.id) ?? {
        id: group.id,
        pass: 0,
        fail: 0,
        info: 0,
        warn: 0,
      };
      counts[state] = Number(counts[state]) + 1;
      totals[state]++;
      groups.set(group.id, counts);
    }
    return {
      groups: [...groups.values()],
      ...("totals" in row.expect && { totals }),
    };
  },
  run_filter: (row) => {
    const options = row["options"] as Record<string, string | boolean | undefined>;
    const list = (value: unknown) => (value === undefined ? {} : { ids: String(value).split(",") });
    const groups = list(options["GroupList"]).ids;
    const checks = list(options["CheckList"]).ids;
    const run = isChosen(
      {
        ...(groups && { groups }),
        ...(checks && { checks }),
        scored: options["Scored"] === true,
        unscored: options["Unscored"] === true,
      },
      {
        group: { id: (row["group"] as { ID?: string }).ID ?? "" },
        check: {
          id: (row["check"] as { ID?: string }).ID ?? "",
          scored: (row["check"] as { Scored?: boolean }).Scored ?? false,
        },
      },
    );
    return { run };
  },
  verify_bin: (row) => ({
    running: text(row, "ps_output")
      .split("\n")
      .some((line) => isCommandLineOf(line, text(row, "proc"))),
  }),
  find_executable: async (row) => {
    const probe = probeOf({ lines: text(row, "ps_output").split("\n") });
    const found = await firstRunning(texts(row, "candidates"), probe);
    return { found: found ?? "", error: found === undefined };
  },
  get_binaries: async (row) => {
    const probe = probeOf({ lines: text(row, "ps_output").split("\n") });
    return {
      binaries: Object.fromEntries((await findPrograms(section(row), probe)).programs),
    };
  },
  find_config_file: async (row) => {
    const config = treeOf(JSON.stringify({ components: ["a"], a: { confs: row["candidates"] } }));
    const found = (await componentFiles(config, { kind: "conf", probe: probeByResults(row) })).get("a");
    return { found: found === "a" ? "" : found };
  },
  get_files: async (row) => {
    const kind = fileKinds[text(row, "file_kind")];
    if (!kind) throw new Error(`${row.id} is of no known kind`);
    return {
      files: Object.fromEntries(await componentFiles(section(row), { kind, probe: probeByResults(row) })),
    };
  },
  multi_word_replace: (row) => ({
    output: replaceWords(text(row, "input"), {
      name: text(row, "name"),
      value: text(row, "value"),
    }),
  }),
  substitute: (row) => {
    const values = new Map(Object.entries(row["map"] as Record<string, string>));
    const { text: output, used } = substitute(text(row, "input"), {
      ending: text(row, "ext"),
      values,
    });
    return { output, used_sorted: used };
  },
  decrement_version: (row) => {
    const version = decrementVersion(text(row, "version"));
    return { ok: version !== undefined, version: version ?? "" };
  },
  platform_of: (row) => platformOf(text(row, "version")) ?? { name: "", version: "" },
  platform_benchmark: (row) => {
    const { Name: name = "", Version: version = "" } = row["platform"] as {
      Name?: string;
      Version?: string;
    };
    return { benchmark: platformBenchmark({ name, version }) ?? "" };
  },
  ocp_version: (row) => {
    const version = openShiftVersion(text(row, "version"));
    return { ok: version !== undefined, version: version ?? "" };
  },
  map_version: (row) => {
    const benchmark = mapVersion(kubeBenchConfig(), text(row, "kube_version"));
    const error = `unable to find a matching Benchmark Version match for kubernetes version: ${text(row, "kube_version")}`;
    return {
      ok: benchmark !== undefined,
      benchmark: benchmark ?? "",
      error: benchmark === undefined ? error : "",
    };
  },
  valid_targets: (row) => {
    const known = targetsOf(kubeBenchConfig(), text(row, "benchmark")) ?? [];
    return {
      valid: texts(row, "targets").every((target) => known.includes(target)),
    };
  },
  version_output: (row) => {
    const { serverVersion } = JSON.parse(text(row, "input")) as {
      serverVersion: JsonObject;
    };
    return { version: /^v(\d+\.\d+)/.exec(versionOf(serverVersion))?.[1] };
  },
};

function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), lowerKeys(item)]),
  );
}
