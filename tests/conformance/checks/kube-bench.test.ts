import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { mapVersion, targetsOf } from "../../../src/checks/definitions/benchmark-version.ts";
import { substituteAll } from "../../../src/checks/definitions/component-config.ts";
import type { CheckDefinition } from "../../../src/checks/definitions/definition.ts";
import { type DefinitionFile, loadDefinitions } from "../../../src/checks/definitions/load-definitions.ts";
import { readControls } from "../../../src/checks/definitions/read-controls.ts";
import { entryOf } from "../../../src/checks/definitions/read-yaml-tree.ts";
import { nativeAuditRunner } from "../../../src/checks/definitions/script/run-script.ts";
import { openHostView } from "../../../src/sources/host/open-host-view.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import {
  type KubeBenchRow,
  kubeBenchConfig,
  kubeBenchHandlers,
  probeOf,
  runRow,
  treeOf,
} from "../../setup/kube-bench-rows.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

const set = ["hardening", "kube-bench"] as const;

/** Rows about reports in formats of kube-bench (JUnit, AWS Security Hub), which Plimsoll does not write: its reports have one shape. */
const reportKinds: ReadonlySet<string> = new Set(["junit", "asff"]);

describeWithCorpus("kube-bench definitions", () => {
  const root = temporaryFolder();
  const rows = readRows("cases.jsonl");
  const kinds = new Map<string, KubeBenchRow[]>();
  for (const row of rows) kinds.set(row.kind, [...(kinds.get(row.kind) ?? []), row]);

  test("every row of the engine's own tables is run, but for 3 about reports", () => {
    expect(rows).toHaveLength(229);
    expect(rows.filter(({ kind }) => reportKinds.has(kind))).toHaveLength(3);
    expect(
      [...kinds.keys()].filter((kind) => !reportKinds.has(kind) && !Object.hasOwn(kubeBenchHandlers, kind)),
    ).toEqual([]);
  });

  describe("rows of the engine's own tables", () => {
    for (const [kind, some] of kinds) {
      const handler = kubeBenchHandlers[kind];
      if (!handler) continue;
      test(`${some.length} of ${kind}`, async () => {
        for (const row of some)
          expect({ id: row.id, ...(await handler(row)) }).toEqual({
            id: row.id,
            ...row.expect,
          });
      });
    }
  });

  test("461 outputs are judged as kube-bench judged them", async () => {
    const cases = readRows("oracle-cases.jsonl");
    expect(cases).toHaveLength(461);
    for (const row of cases) {
      const outcome = await runRow(row);
      expect({ id: row.id, ...outcome }).toEqual({ id: row.id, ...row.expect });
    }
  });

  test("every published benchmark file is read, and holds what the index says", async () => {
    const index = corpusJson<IndexEntry[]>(...set, "index.json");
    expect(index).toHaveLength(38);
    const refused: string[] = [];
    for (const entry of index) {
      const read = readControls(corpusBytes(...set, entry.file).toString("utf8"), { path: entry.file });
      if ("failure" in read) throw new Error(`${entry.file}: ${read.failure}`);
      const { controls } = read;
      const checks = controls.groups.flatMap((group) => group.checks);
      refused.push(...checks.flatMap((check) => check.refused ?? []));
      const ops: Record<string, number> = {};
      for (const { compare } of checks.flatMap(itemsOf)) {
        if (compare) ops[compare.op] = (ops[compare.op] ?? 0) + 1;
      }
      const { have, ...knownOps } = entry.ops;
      expect({
        ...{
          file: entry.file,
          version: controls.version || null,
          type: controls.type || null,
          ops,
        },
        ...{ groups: controls.groups.length, checks: checks.length },
        scored: checks.filter(({ scored }) => scored).length,
        manual: checks.filter(({ type }) => type === "manual").length,
        skip: checks.filter(({ type }) => type === "skip").length,
        multiple: checks.filter(({ useMultipleValues }) => useMultipleValues).length,
      }).toEqual({ ...withoutVariables(entry), ops: knownOps });
    }
    expect(refused).toEqual(["docker-bench/cis-1.0/definitions.yaml:600: unknown comparison have"]);
  });

  test("every script about a node is answered without a shell, and of the others those that only look at files", async () => {
    const answered: Record<string, { scripts: number; answered: number }> = {};
    mkdirSync(join(root, "proc/1"), { recursive: true });
    writeFileSync(join(root, "proc/1/status"), "Name:\tinit\nPPid:\t0\nUid:\t0\t0\t0\t0\n");
    const run = nativeAuditRunner(openHostView(root));
    for (const { file } of corpusJson<IndexEntry[]>(...set, "index.json")) {
      const { text } = await substituteAll(corpusBytes(...set, file).toString("utf8"), {
        section: entryOf(kubeBenchConfig(), basename(file, ".yaml")) ?? treeOf("{}"),
        probe: probeOf({}),
      });
      const read = readControls(text, { path: file });
      const checks = "controls" in read ? read.controls.groups.flatMap((group) => group.checks) : [];
      const scripts = checks
        .filter(({ type }) => type === "")
        .flatMap((check) => [check, ...(check.subChecks ?? [])])
        .flatMap(({ audit, auditConfig, tests }) => (tests ? [audit, auditConfig] : []))
        .filter((script) => script !== "");
      const kind = /^cfg\//.test(file)
        ? file.includes("policies")
          ? "policies"
          : "nodes"
        : (file.split("/")[0] ?? "");
      const counts = answered[kind] ?? { scripts: 0, answered: 0 };
      answered[kind] = counts;
      for (const script of scripts) {
        const output = await run(script.trim());
        counts.scripts++;
        if ("output" in output) counts.answered++;
      }
    }
    expect(answered).toEqual({
      nodes: { scripts: 544, answered: 544 },
      policies: { scripts: 55, answered: 0 },
      "docker-bench": { scripts: 291, answered: 102 },
      "linux-bench": { scripts: 969, answered: 172 },
    });
  });

  test("every version of Kubernetes leads to the benchmark of the mapping", () => {
    const { version_mapping, target_mapping } = corpusJson<{
      version_mapping: Record<string, string>;
      target_mapping: Record<string, string[]>;
    }>(...set, "version-mapping.json");
    const config = kubeBenchConfig();
    expect(Object.keys(version_mapping).length).toBeGreaterThan(50);
    for (const [version, benchmark] of Object.entries(version_mapping)) {
      expect([version, mapVersion(config, version)]).toEqual([version, benchmark]);
    }
    for (const [benchmark, targets] of Object.entries(target_mapping)) {
      expect([benchmark, targetsOf(config, benchmark)]).toEqual([benchmark, targets]);
    }
  });

  test("a folder of benchmarks is loaded by version, and its variables are replaced", async () => {
    const files = readFolder("cfg");
    const probe = probeOf({
      lines: ["kube-apiserver --x", "/usr/bin/kubelet --y"],
      files: ["/var/lib/kubelet/config.yaml"],
    });
    for (const [kubernetesVersion, benchmark] of [
      ["1.26", "cis-1.8"],
      ["v1.31.4", "cis-1.11"],
      ["v1.33.0", "cis-1.12"],
      ["v1.33.1-eks-036c24b", "eks-1.8.0"],
    ] as const) {
      const loaded = await loadDefinitions(files, { probe, kubernetesVersion });
      expect([loaded.benchmark, loaded.problems]).toEqual([benchmark, []]);
      expect(loaded.controls.length).toBeGreaterThan(3);
      const scripts = loaded.controls.flatMap(({ groups }) =>
        groups.flatMap(({ checks }) => checks.flatMap(({ audit, auditConfig }) => [audit, auditConfig])),
      );
      // Loops of scripts have variables of their own.
      expect(scripts.filter((script) => /\$\w+(?:bin|svc|kubeconfig|cafile|datadir)\b/.test(script))).toEqual([]);
      expect(scripts.some((script) => script.includes("/var/lib/kubelet/config.yaml"))).toBe(true);
    }
  });
});

interface IndexEntry {
  readonly file: string;
  readonly ops: Readonly<Record<string, number>>;
  readonly variables?: readonly string[];
}

function withoutVariables({ variables, ...entry }: IndexEntry): object {
  return entry;
}

function itemsOf(check: CheckDefinition) {
  return [check, ...(check.subChecks ?? [])].flatMap(({ tests }) => tests?.items ?? []);
}

function readRows(file: string): KubeBenchRow[] {
  const lines = corpusBytes(...set, file)
    .toString("utf8")
    .split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as KubeBenchRow);
}

function readFolder(folder: string): DefinitionFile[] {
  const root = corpusPath(...set, folder);
  return readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".yaml") && statSync(join(root, path)).isFile())
    .map((path) => ({
      path: relative(root, join(root, path)),
      text: corpusBytes(...set, folder, path).toString("utf8"),
    }));
}
