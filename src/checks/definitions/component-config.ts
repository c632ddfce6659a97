import { compareText } from "../../model/text/compare-text.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { booleanOf, entryOf, textOf, textsOf, type YamlTree } from "./read-yaml-tree.ts";

/** Queries of a host that replace the variables of definition files. */
export interface HostProbe {
  /** The command lines of the processes that the kernel calls by this name. */
  commandLines(program: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
}

/** Kinds of files that variables stand for, by the end of the variable's name. */
const fileKinds = {
  conf: { candidates: "confs", fallback: "defaultconf" },
  svc: { candidates: "svc", fallback: "defaultsvc" },
  kubeconfig: { candidates: "kubeconfig", fallback: "defaultkubeconfig" },
  cafile: { candidates: "cafile", fallback: "defaultcafile" },
  datadir: { candidates: "datadirs", fallback: "defaultdatadir" },
} as const;

/** The end of the name of a variable that stands for a file. */
export type FileKind = keyof typeof fileKinds;

/**
 * Programs by component; `missing`: components without which nothing of this type runs here, and the programs that were
 * looked for.
 */
export interface FoundPrograms {
  readonly programs: ReadonlyMap<string, string>;
  readonly missing: readonly { readonly component: string; readonly candidates: readonly string[] }[];
}

/** A variable of a definition file, replaced. */
export interface Substitution {
  readonly text: string;
  /** The values that took the place of a variable, in order of the names. */
  readonly used: readonly string[];
}

/**
 * The programs of the components of a section of `config.yaml` (`master`, `node`, …): of each the first candidate that
 * runs, else, when it is optional or missing, the component's name. Source: kube-bench, `cmd/util.go`, `getBinaries`.
 */
export async function findPrograms(section: YamlTree, probe: HostProbe): Promise<FoundPrograms> {
  const programs = new Map<string, string>();
  const missing: { component: string; candidates: readonly string[] }[] = [];
  for (const component of textsOf(section, "components")) {
    const settings = entryOf(section, component);
    const candidates = settings ? textsOf(settings, "bins") : [];
    if (!settings || candidates.length === 0) continue;
    const found = await firstRunning(candidates, probe);
    if (found === undefined && booleanOf(textOf(settings, "optional")) !== true)
      missing.push({ component, candidates });
    programs.set(component, found ?? component);
  }
  return { programs, missing };
}

/** The first program of a list that runs; undefined when none does. */
export async function firstRunning(candidates: readonly string[], probe: HostProbe): Promise<string | undefined> {
  for (const candidate of candidates) {
    const [program] = unquoted(candidate).split(/\s+/);
    if (program === undefined || program === "") continue;
    const lines = await probe.commandLines(program);
    if (lines.some((line) => isCommandLineOf(line, unquoted(candidate)))) return candidate;
  }
  return undefined;
}

/**
 * Files of one kind by component: the first candidate that exists, else the default, else the component's name.
 * Source: kube-bench, `cmd/util.go`, `getFiles`.
 */
export async function componentFiles(
  section: YamlTree,
  { kind, probe }: { readonly kind: FileKind; readonly probe: HostProbe },
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const { candidates, fallback } = fileKinds[kind];
  for (const component of textsOf(section, "components")) {
    const settings = entryOf(section, component);
    if (!settings) continue;
    let found: string | undefined;
    for (const path of textsOf(settings, candidates)) {
      found ??= (await probe.exists(path)) ? path : undefined;
    }
    files.set(component, found ?? (textOf(settings, fallback) || component));
  }
  return files;
}

/**
 * Replaces `$<name><ending>` by the values of the names; one of several words is put in single quotes.
 * Source: kube-bench, `cmd/util.go`, `makeSubstitutions`.
 */
export function substitute(
  text: string,
  { ending, values }: { readonly ending: string; readonly values: ReadonlyMap<string, string> },
): Substitution {
  let result = text;
  const used: string[] = [];
  // Longer names first, so that no name cuts off another one's begin.
  const names = [...values.keys()].sort((a, b) => b.length - a.length || compareText(a, b));
  for (const name of names) {
    const value = values.get(name) ?? "";
    if (value === "" || !result.includes(`$${name}${ending}`)) continue;
    result = replaceWords(result, { name: `$${name}${ending}`, value });
    used.push(value);
  }
  return { text: result, used: used.sort() };
}

/** Replaces a name by a value, in single quotes when it has several words. */
export function replaceWords(text: string, { name, value }: { readonly name: string; readonly value: string }): string {
  return text.replaceAll(name, () => (value.trim().split(/\s+/).length > 1 ? `'${value}'` : value));
}

/** Replaces every variable of the text of a definition file; programs first, as kube-bench does. */
export async function substituteAll(
  text: string,
  { section, probe }: { readonly section: YamlTree; readonly probe: HostProbe },
): Promise<{ readonly text: string; readonly programs: FoundPrograms; readonly usedPrograms: readonly string[] }> {
  const programs = await findPrograms(section, probe);
  const first = substitute(text, { ending: "bin", values: programs.programs });
  let current = first.text;
  for (const kind of Object.keys(fileKinds) as FileKind[]) {
    current = substitute(current, { ending: kind, values: await componentFiles(section, { kind, probe }) }).text;
  }
  return { text: current, programs, usedPrograms: first.used };
}

/**
 * True when a command line begins with the program, a path before it allowed: `/usr/bin/kubelet` is `kubelet`, `kube-x`
 * is not `x`.
 */
export function isCommandLineOf(line: string, program: string): boolean {
  if (line.startsWith(program)) return true;
  const end = line.search(/\s/);
  const first = end < 0 ? line.length : end;
  for (let at = line.indexOf("/"); at >= 0 && at < first; at = line.indexOf("/", at + 1)) {
    if (line.startsWith(program, at + 1)) return true;
  }
  return false;
}

/**
 * A tree in which the mappings of the second are merged over those of the first; lists and scalars take their place.
 */
export function mergeConfig(base: YamlTree, over: YamlTree | undefined): YamlTree {
  if (over === undefined || (over.kind === "scalar" && over.isNull)) return base;
  if (base.kind !== "mapping" || over.kind !== "mapping") return over;
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? mergeConfig(below, value) : value);
  }
  return { ...base, entries };
}

function unquoted(text: string): string {
  return trimEnd(text.replace(/^["']+/, ""), "\"'");
}
