import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { mapVersion, platformBenchmark, platformOf, targetsOf } from "./benchmark-version.ts";
import { type HostProbe, mergeConfig, replaceWords, substituteAll } from "./component-config.ts";
import type { CheckDefinition, Controls } from "./definition.ts";
import { readControls } from "./read-controls.ts";
import { entryOf, readYamlTree, textOf, type YamlTree } from "./read-yaml-tree.ts";

/** A file of a folder of definitions; `path` from that folder, with slashes. */
export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}

/** What decides which files are loaded, and what their variables stand for. */
export interface LoadDefinitionsOptions {
  readonly probe: HostProbe;
  /** The name of a benchmark's folder: `cis-1.12`. */
  readonly benchmark?: string;
  /** The version of the cluster or the kubelet: `v1.29.3-eks-036c24b`, `1.29`. */
  readonly kubernetesVersion?: string;
}

/** The definitions of one benchmark. */
export interface LoadedDefinitions {
  /** The name of its folder; undefined when the files lie in the folder itself. */
  readonly benchmark: string | undefined;
  readonly controls: readonly Controls[];
  /** Files that could not be read, and checks that cannot be used. */
  readonly problems: readonly Problem[];
}

const targets: ReadonlySet<string> = new Set(["master", "node", "etcd", "controlplane", "policies", "managedservices"]);
const nothing: YamlTree = { kind: "mapping", entries: new Map(), line: 1 };

/**
 * Loads the definitions of kube-bench, docker-bench or linux-bench. In a folder with several benchmarks the named one
 * is taken, else the one that `version_mapping` and the platform in the version select. Variables are replaced in the
 * text before it is parsed, as upstream.
 *
 * Error: `usage` when no benchmark can be chosen. Sources: kube-bench, `cmd/common.go`, `cmd/util.go`; docker-bench,
 * `cmd`.
 */
export async function loadDefinitions(
  files: readonly DefinitionFile[],
  options: LoadDefinitionsOptions,
): Promise<LoadedDefinitions> {
  const problems: Problem[] = [];
  const configs = new Map<string, YamlTree>();
  const definitions = files.filter(({ path }) => /\.ya?ml$/.test(path) && baseName(path) !== "config.yaml");
  for (const { path, text } of files.filter(({ path }) => baseName(path) === "config.yaml")) {
    const tree = readYamlTree(text);
    if ("error" in tree) problems.push(unreadable(path, tree));
    else configs.set(folderOf(path), tree);
  }
  const rootConfig = [...configs.values()].find((config) => entryOf(config, "version_mapping"));
  const folder = chooseFolder([...new Set(definitions.map(({ path }) => folderOf(path)))], { ...options, rootConfig });
  const config = mergeConfig(rootConfig ?? nothing, configs.get(folder));
  const benchmark = folder === "" ? undefined : baseName(folder);
  const allowed = benchmark === undefined ? undefined : targetsOf(config, benchmark);
  const controls: Controls[] = [];
  for (const { path, text } of definitions.filter((file) => folderOf(file.path) === folder)) {
    const name = baseName(path).replace(/\.ya?ml$/, "");
    const target = targets.has(name) ? name : undefined;
    if (target !== undefined && allowed && !allowed.includes(target)) continue;
    const loaded = await loadFile(withValues(text, config), { path, target, config, probe: options.probe });
    if ("problem" in loaded) problems.push(loaded.problem);
    else controls.push(loaded);
  }
  for (const check of controls.flatMap(({ groups }) => groups.flatMap(({ checks }) => checks))) {
    if (check.refused === undefined) continue;
    problems.push({
      code: "unreadable",
      message: `the check ${check.id} cannot be used: ${check.refused}`,
      path: check.location.path,
    });
  }
  return { benchmark, controls, problems };
}

function chooseFolder(
  folders: readonly string[],
  {
    benchmark,
    kubernetesVersion = "",
    rootConfig,
  }: Omit<LoadDefinitionsOptions, "probe"> & { readonly rootConfig: YamlTree | undefined },
): string {
  const names = folders.map(baseName).sort();
  const hint = `Available benchmarks: ${names.slice(0, 60).join(", ")}. Select one with --benchmark.`;
  const minor = /^v?(\d{1,4}\.\d{1,4})/.exec(kubernetesVersion)?.[1];
  const platform = platformOf(kubernetesVersion);
  const chosen =
    benchmark ??
    (rootConfig && platform ? platformBenchmark(platform) : undefined) ??
    (rootConfig && minor !== undefined ? mapVersion(rootConfig, minor) : undefined);
  const found = folders.find((folder) => folder === chosen || baseName(folder) === chosen);
  if (found !== undefined) return found;
  const [only] = folders;
  if (only !== undefined && folders.length === 1 && benchmark === undefined) return only;
  if (only === undefined) {
    throw new PlimsollError("usage", "the definitions directory contains no definition file", {
      hint: "Use a directory with YAML files of kube-bench, docker-bench or linux-bench.",
    });
  }
  throw new PlimsollError(
    "usage",
    chosen === undefined
      ? `the definitions directory contains ${folders.length} benchmarks`
      : `the definitions directory has no benchmark ${chosen}`,
    { hint },
  );
}

/** Replaces `$name` by the `value` under that name in the configuration of docker-bench. */
function withValues(text: string, config: YamlTree): string {
  if (config.kind !== "mapping") return text;
  let result = text;
  for (const [name, entry] of [...config.entries].sort(([a], [b]) => b.length - a.length)) {
    const value = textOf(entry, "value");
    if (value !== "") result = replaceWords(result, { name: `$${name}`, value });
  }
  return result;
}

async function loadFile(
  text: string,
  {
    path,
    target,
    config,
    probe,
  }: {
    readonly path: string;
    readonly target: string | undefined;
    readonly config: YamlTree;
    readonly probe: HostProbe;
  },
): Promise<Controls | { readonly problem: Problem }> {
  const section = target === undefined ? undefined : entryOf(config, target);
  const replaced = section ? await substituteAll(text, { section, probe }) : undefined;
  const read = readControls(replaced?.text ?? text, { path, ...(target !== undefined && { target }) });
  if ("failure" in read) return { problem: unreadable(path, { error: read.failure, line: read.line }) };
  const [missing] = replaced?.programs.missing ?? [];
  const [program, ...others] = replaced?.usedPrograms ?? [];
  return {
    ...read.controls,
    groups: read.controls.groups.map((group) => ({
      ...group,
      checks: group.checks.map((check) =>
        program === undefined || others.length > 0 ? check : withEnvironmentAudit(check, program),
      ),
    })),
    absent: missing && `no ${missing.component} process is running (looked for ${missing.candidates.join(", ")})`,
  };
}

/**
 * Tests that look for variables get a script that shows those of the program, when the file is about one program only.
 */
function withEnvironmentAudit(check: CheckDefinition, program: string): CheckDefinition {
  const asks = check.tests?.items.some(({ env }) => env !== "") ?? false;
  if (!asks || check.auditEnv !== "" || check.disableEnvTesting) return check;
  return {
    ...check,
    auditEnv: `cat "/proc/$(/bin/ps -C ${program} -o pid= | tr -d ' ')/environ" | tr '\\0' '\\n'`,
  };
}

function unreadable(
  path: string,
  { error, line }: { readonly error: string; readonly line: number | undefined },
): Problem {
  const place = line === undefined ? path : `${path}:${line}`;
  return { code: "unreadable", message: `the definitions ${place} cannot be read: ${error}`, path };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
