import { checkRule } from "../checks/check-rule.ts";
import type { LoggedAccess } from "../events/access-of-record.ts";
import type { AccessRule, Condition, FileRule, Prefix, Rule, Statement } from "../language/syntax.ts";
import { escapeGlob } from "../policy/variables.ts";
import { generalisePath } from "./generalise-path.ts";

/** A generated profile, as statements of policy. */
export interface GeneratedProfile {
  readonly statements: readonly Statement[];
  /** Accesses for which no rule is possible, in words. */
  readonly leftOut: readonly string[];
}

/** How a profile is generated. */
export interface Generation {
  readonly name: string;
  /** Violations are logged and not stopped. */
  readonly complain: boolean;
  /** Paths are not generalised. */
  readonly exact: boolean;
}

const plainPrefix: Prefix = { priority: undefined, audit: false, decision: undefined, owner: undefined };

/**
 * A profile that allows exactly the accesses, apart from the stated generalisations of paths, and from addresses and
 * ports of network accesses. Programs are executed in the same profile.
 *
 * Throws an `Error` for a name that no profile can have.
 */
export function generateProfile(accesses: readonly LoggedAccess[], generation: Generation): GeneratedProfile {
  if (!isWritable(generation.name) || generation.name === "") {
    throw new Error("the name of the profile is empty, has control characters, or ends with a backslash");
  }
  const leftOut: string[] = [];
  const rules = new Map<string, Rule>();
  const files = new Map<string, FileAccess>();
  for (const access of accesses) {
    if (access.kind === "file") {
      addFile(files, access, { ...generation, leftOut });
      continue;
    }
    const texts = textsOf(access);
    if (!texts.every(isWritable)) {
      leftOut.push(`${access.kind}: a name has control characters or ends with a backslash`);
      continue;
    }
    const rule = ruleOf(access);
    const refusal = refusalOf(rule);
    if (refusal === undefined) rules.set(JSON.stringify(rule), rule);
    else leftOut.push(`${access.kind}: ${refusal}`);
  }
  const others = [...rules.values()].toSorted((one, other) => compare(sortKey(one), sortKey(other)));
  const ofFiles = [...files.values()].toSorted((one, other) => compare(one.glob, other.glob)).flatMap(fileStatements);
  const flags = ["attach_disconnected", "mediate_deleted", ...(generation.complain ? ["complain"] : [])];
  const statements: Statement[] = [
    { kind: "abi", line: 0, path: "abi/3.0", searched: true },
    {
      kind: "profile",
      line: 0,
      keyword: "profile",
      name: quoted(generation.name),
      attachment: undefined,
      xattrs: undefined,
      flags,
      body: [...others, ...ofFiles],
    },
  ];
  return { statements, leftOut: [...new Set(leftOut)] };
}

/** Why the compiler would refuse a rule, for example for a mount option that it does not know. */
function refusalOf(rule: Rule): string | undefined {
  try {
    checkRule(rule);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

interface FileAccess {
  readonly glob: string;
  readonly applied: readonly string[];
  readonly permissions: Set<string>;
  readonly paths: Set<string>;
  readonly own: boolean;
}

function addFile(
  files: Map<string, FileAccess>,
  { path, permissions, own }: Extract<LoggedAccess, { kind: "file" }>,
  { exact, leftOut }: Generation & { readonly leftOut: string[] },
): void {
  if (!isWritable(path)) {
    leftOut.push("file: the path has control characters, is not UTF-8, or ends with a backslash");
    return;
  }
  const { glob, applied } = generalisePath(path, { exact });
  // The rights of owners and those of everybody are apart: one must not become the other.
  const key = `${own ? "owner" : "all"} ${glob}`;
  const known = files.get(key) ?? { glob, applied, permissions: new Set(), paths: new Set(), own };
  for (const letter of permissions) known.permissions.add(letter);
  known.paths.add(path);
  files.set(key, known);
}

function fileStatements({ glob, applied, permissions, paths, own }: FileAccess): readonly Statement[] {
  const letters = ["r", "w", "a", "m", "k", "l"].filter((letter) => permissions.has(letter));
  if (permissions.has("w")) letters.splice(letters.indexOf("a"), letters.includes("a") ? 1 : 0);
  // ix is the narrowest way to execute: the program has the rights of this profile.
  const execution = permissions.has("x") ? "ix" : "";
  const rule: FileRule = {
    kind: "file",
    line: 0,
    prefix: { ...plainPrefix, owner: own ? "owner" : undefined },
    path: quoted(glob),
    permissions: `${letters.join("")}${execution}`,
    leading: false,
    environment: undefined,
    subset: false,
    target: undefined,
  };
  if (applied.length === 0) return [rule];
  const seen = paths.size === 1 ? "1 path" : `${paths.size} paths`;
  return [{ kind: "comment", line: 0, text: ` generalised (${applied.join(", ")}), from ${seen}` }, rule];
}

function ruleOf(access: Exclude<LoggedAccess, { kind: "file" }>): Rule {
  const base = { line: 0, prefix: plainPrefix } as const;
  switch (access.kind) {
    case "capability":
      return { kind: "capability", ...base, names: [access.name] };
    case "network":
      return accessRule("network", { words: [access.family, ...(access.type === undefined ? [] : [access.type])] });
    case "unix":
      return accessRule("unix", { access: access.access, conditions: conditions({ type: access.type }) });
    case "signal":
      return accessRule("signal", {
        access: [access.access],
        conditions: conditions({ set: access.signal, peer: pattern(access.peer) }),
      });
    case "ptrace":
      return accessRule("ptrace", { access: [access.access], conditions: conditions({ peer: pattern(access.peer) }) });
    case "userns":
      return accessRule("userns", { access: ["create"] });
    case "io_uring":
      return accessRule("io_uring", {
        access: access.access,
        conditions: conditions({ label: pattern(access.label) }),
      });
    case "mqueue":
      return accessRule("mqueue", {
        access: access.access,
        conditions: conditions({ type: access.type }),
        words: access.name === "" ? [] : [access.type === "sysv" ? access.name : quoted(escapeGlob(access.name))],
      });
    case "dbus": {
      const own = Object.fromEntries([...access.conditions].map(([name, value]) => [name, pattern(value)]));
      return accessRule("dbus", {
        access: [access.access],
        conditions: conditions({ bus: pattern(access.bus), ...own }),
        peer: access.label === undefined ? undefined : conditions({ label: pattern(access.label) }),
      });
    }
    case "change_profile":
      return {
        kind: "change_profile",
        ...base,
        environment: undefined,
        path: undefined,
        target: pattern(access.target),
      };
    case "pivot_root": {
      const oldRoot = conditions({ oldroot: pattern(access.oldRoot) });
      return { kind: "pivot_root", ...base, conditions: oldRoot, path: pattern(access.path), target: undefined };
    }
    case "mount":
    case "remount":
    case "umount": {
      const options = access.options.toSorted(compare);
      const given: Condition[] = conditions({ fstype: pattern(access.type) });
      if (options.length > 0) given.push({ name: "options", operator: "=", values: options, list: true });
      const ofMount = access.kind === "mount";
      const source = ofMount ? pattern(access.source) : pattern(access.target);
      const target = ofMount ? pattern(access.target) : undefined;
      return { kind: access.kind, ...base, conditions: given, source, target };
    }
  }
}

function accessRule(
  kind: AccessRule["kind"],
  parts: Partial<Pick<AccessRule, "access" | "words" | "conditions" | "peer">>,
): AccessRule {
  return { kind, line: 0, prefix: plainPrefix, access: [], words: [], conditions: [], peer: undefined, ...parts };
}

function conditions(values: Readonly<Record<string, string | undefined>>): Condition[] {
  return Object.entries(values).flatMap(([name, value]): Condition[] =>
    value === undefined ? [] : [{ name, operator: "=", values: [value], list: false }],
  );
}

/** A text that a rule matches literally. */
function pattern(text: string): string;
function pattern(text: string | undefined): string | undefined;
function pattern(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(escapeGlob(text));
}

/** Names of a record as they are; a name that no policy can have is left out. */
function textsOf(access: Exclude<LoggedAccess, { kind: "file" }>): readonly string[] {
  return Object.values(access).flatMap((value): readonly string[] => {
    if (typeof value === "string") return [value];
    if (value instanceof Map) return [...value.values()];
    return Array.isArray(value) ? value : [];
  });
}

/**
 * A policy is a text in lines: control characters and broken UTF-8 cannot stand in it. A backslash at the end of a word
 * in quotes would hide the quote.
 */
function isWritable(text: string): boolean {
  return text.length <= 4096 && !text.endsWith("\\") && !/[\u0000-\u001f\u007f\ufffd]/.test(text);
}

/** A word in quotes unless every character is harmless. */
function quoted(glob: string): string {
  return /^[A-Za-z0-9/._*?[\]:^-]+$/.test(glob) ? glob : `"${glob.replaceAll('"', '\\"')}"`;
}

const order: readonly string[] = [
  "capability",
  "network",
  "unix",
  "dbus",
  "signal",
  "ptrace",
  "mount",
  "remount",
  "umount",
];

function sortKey(rule: Rule): string {
  const index = order.indexOf(rule.kind);
  return `${String(index < 0 ? order.length : index).padStart(2, "0")} ${JSON.stringify(rule)}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
