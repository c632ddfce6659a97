import type { Scanner } from "./scanner.ts";
import { type AccessRule, accessKinds, type Condition, type FileRule, type Prefix, type Rule } from "./syntax.ts";

/** A rule of a profile, after its prefix. Throws `PolicyError` for a syntax error. */
export function parseRule(scanner: Scanner, prefix: Prefix): Rule {
  const { line } = scanner;
  const base = { line, prefix };
  const keyword = scanner.peekName();
  switch (keyword) {
    case "all":
      scanner.takeName("all");
      endRule(scanner);
      return { kind: "all", ...base };
    case "capability":
      return { kind: "capability", ...base, names: readCapabilities(scanner) };
    case "mount":
    case "remount":
    case "umount":
    case "unmount":
      scanner.takeName(keyword);
      return readMount(scanner, keyword === "unmount" ? "umount" : keyword, base);
    case "pivot_root":
      scanner.takeName("pivot_root");
      return readPivotRoot(scanner, base);
    case "change_profile":
      scanner.takeName("change_profile");
      return readChangeProfile(scanner, base);
    case "set":
      scanner.takeName("set");
      return readResourceLimit(scanner, base);
    case "link":
      scanner.takeName("link");
      return readLink(scanner, base);
  }
  const access = accessKinds.find((kind) => kind === keyword);
  if (access !== undefined) {
    scanner.takeName(access);
    return readAccess(scanner, access, base);
  }
  return readFileRule(scanner, base);
}

/** `=(name=value …)`, the conditions in parentheses of `peer` and `xattrs`. */
export function parseConditionList(scanner: Scanner): Condition[] {
  scanner.skip(false);
  if (!scanner.take("=")) throw scanner.unexpected("'='");
  scanner.skip(false);
  if (!scanner.take("(")) throw scanner.unexpected("'('");
  const conditions: Condition[] = [];
  for (;;) {
    skipSeparators(scanner);
    if (scanner.take(")")) return conditions;
    const name = scanner.takeMatch(/[^ \t\r\n"!,=)]{1,1000}/y);
    if (name === undefined) throw scanner.unexpected("a condition");
    scanner.skip(false);
    if (!scanner.take("=")) {
      conditions.push({ name, operator: undefined, values: [], list: false });
      continue;
    }
    scanner.skip(false);
    const list = scanner.take("(");
    if (list) scanner.skip(false);
    const value = scanner.takeListWord();
    if (value === undefined) throw scanner.unexpected(`the value of ${name}`);
    if (list) {
      scanner.skip(false);
      if (!scanner.take(")")) throw scanner.unexpected("')'");
    }
    conditions.push({ name, operator: "=", values: [value], list });
  }
}

type Base = Pick<FileRule, "line" | "prefix">;

function readCapabilities(scanner: Scanner): string[] {
  scanner.takeName("capability");
  const names: string[] = [];
  for (;;) {
    scanner.skip();
    if (scanner.take(",")) return names;
    const name = scanner.takeMatch(/[A-Za-z][A-Za-z0-9_]*/y);
    if (name === undefined || scanner.match(/[ \t]*=/y) !== undefined) throw scanner.unexpected("a capability");
    names.push(name);
  }
}

function readFileRule(scanner: Scanner, base: Base): FileRule {
  const keyword = scanner.takeName("file") !== undefined;
  scanner.skip();
  const nothing = { leading: false, environment: undefined, subset: false, target: undefined } as const;
  if (keyword && scanner.take(",")) return { kind: "file", ...base, ...nothing, path: undefined, permissions: "" };
  const environment = scanner.takeName("safe", "unsafe") as FileRule["environment"];
  scanner.skip();
  const leadingPermissions = scanner.takeModes();
  let subset = false;
  if (leadingPermissions !== undefined) {
    scanner.skip();
    subset = takeSubset(scanner);
    scanner.skip();
  }
  const path = scanner.takeLabel();
  if (path === undefined) throw scanner.unexpected(leadingPermissions === undefined ? "a rule" : "a path");
  scanner.skip();
  const permissions = leadingPermissions ?? scanner.takeModes();
  if (permissions === undefined) throw scanner.unexpected("file permissions such as 'r' or 'rw'");
  const target = readTarget(scanner);
  endRule(scanner);
  const leading = leadingPermissions !== undefined;
  return { kind: "file", ...base, path, permissions, leading, environment, subset, target };
}

function readLink(scanner: Scanner, base: Base): Rule {
  scanner.skip();
  const subset = takeSubset(scanner);
  scanner.skip();
  const path = scanner.takeLabel();
  if (path === undefined) throw scanner.unexpected("a path");
  const target = readTarget(scanner);
  if (target === undefined) throw scanner.unexpected("'->'");
  endRule(scanner);
  return { kind: "link", ...base, subset, path, target };
}

function takeSubset(scanner: Scanner): boolean {
  return scanner.take("<=") || scanner.takeName("subset") !== undefined;
}

/** The rules of one keyword, with accesses and conditions. */
function readAccess(scanner: Scanner, kind: AccessRule["kind"], base: Base): AccessRule {
  scanner.skip(false);
  const access: string[] = [];
  if (kind !== "userns" && scanner.take("(")) {
    for (;;) {
      skipSeparators(scanner);
      if (scanner.take(")")) break;
      const word = scanner.takeListWord();
      if (word === undefined) throw scanner.unexpected("an access");
      access.push(word);
    }
  } else {
    const word = takeAccess(scanner, kind);
    if (word !== undefined) access.push(word);
  }
  const words: string[] = [];
  const most = kind === "network" ? 2 : 0;
  while (words.length < most) {
    scanner.skip(false);
    const word = takePlainWord(scanner);
    if (word === undefined) break;
    words.push(word);
  }
  const conditions = kind === "userns" ? [] : readConditions(scanner);
  let peer: readonly Condition[] | undefined;
  if (kind !== "signal" && kind !== "ptrace" && kind !== "mqueue" && peerFollows(scanner)) {
    scanner.take("peer");
    peer = parseConditionList(scanner);
  }
  if (kind === "mqueue") {
    scanner.skip(false);
    const queue = takePlainWord(scanner);
    if (queue !== undefined) words.push(queue);
  }
  scanner.skip(false);
  if (!scanner.take(",")) throw scanner.unexpected("',' or a condition");
  return { kind, ...base, access, words, conditions, peer };
}

const messages = ["send", "receive", "read", "write"];
const sockets = ["listen", "accept", "connect", "getopt", "setopt", "shutdown", "create", "getattr", "setattr", "bind"];

/** Accesses that each kind of rule has as words of their own. */
const accessWords: Readonly<Record<AccessRule["kind"], readonly string[]>> = {
  network: [...messages, ...sockets],
  unix: [...messages, ...sockets],
  dbus: [...messages, "bind", "eavesdrop"],
  signal: messages,
  ptrace: ["trace", "read", "write", "readby", "tracedby"],
  userns: ["create"],
  mqueue: ["create", "open", "delete", "getattr", "setattr", "read", "write"],
  io_uring: ["override_creds", "sqpoll"],
};

const lettersOfAccess = /(?:rw|wr|r|w)(?=[\s,])/y;

function takeAccess(scanner: Scanner, kind: AccessRule["kind"]): string | undefined {
  const letters = kind === "userns" || kind === "io_uring" ? undefined : scanner.takeMatch(lettersOfAccess);
  if (letters !== undefined) return letters;
  const word = scanner.match(/[a-z_]{1,20}(?=[\s,])/y);
  if (word === undefined || !accessWords[kind].includes(word) || conditionFollows(scanner)) return undefined;
  return scanner.takeMatch(/[a-z_]{1,20}/y);
}

const conditionStart = /[A-Za-z][A-Za-z0-9_]*(?=[ \t]*=|[ \t]+in[ \t]*\()/y;

function conditionFollows(scanner: Scanner): boolean {
  return scanner.match(conditionStart) !== undefined;
}

function peerFollows(scanner: Scanner): boolean {
  scanner.skip(false);
  return scanner.match(/peer[ \t]*=[ \t]*\(/y) !== undefined;
}

function readConditions(scanner: Scanner): Condition[] {
  const conditions: Condition[] = [];
  for (;;) {
    scanner.skip(false);
    if (peerFollows(scanner) || !conditionFollows(scanner)) return conditions;
    const name = scanner.takeMatch(conditionStart) ?? "";
    scanner.skip(false);
    const operator = scanner.take("=") ? "=" : "in";
    if (operator === "in") scanner.take("in");
    scanner.skip(false);
    if (scanner.take("(")) {
      const values: string[] = [];
      for (;;) {
        skipSeparators(scanner);
        if (scanner.take(")")) break;
        const value = scanner.takeListWord();
        if (value === undefined) throw scanner.unexpected(`a value of ${name}`);
        values.push(value);
      }
      if (values.length === 0) throw scanner.error(`${name} has no value`);
      conditions.push({ name, operator, values, list: true });
      continue;
    }
    const value = operator === "=" ? scanner.takeWord("") : undefined;
    if (value === undefined) throw scanner.unexpected(`the value of ${name}`);
    conditions.push({ name, operator, values: [value], list: false });
  }
}

/** A word that is neither a condition nor the end of the rule. */
function takePlainWord(scanner: Scanner): string | undefined {
  if (peerFollows(scanner) || conditionFollows(scanner)) return undefined;
  if (scanner.match(/->(?=[\s,])/y) !== undefined) return undefined;
  const label = scanner.takeLabel();
  if (label !== undefined) return label;
  if ("=()+&".includes(scanner.character() || "=")) return undefined;
  return scanner.takeWord("=)");
}

function readMount(scanner: Scanner, kind: "mount" | "remount" | "umount", base: Base): Rule {
  const conditions = readConditions(scanner);
  const source = takePlainWord(scanner);
  scanner.skip(false);
  let target: string | undefined;
  if (kind === "mount" && scanner.take("->")) {
    if (readConditions(scanner).length > 0) throw scanner.error("conditions of a mount point are not supported");
    target = takePlainWord(scanner);
    if (target === undefined) throw scanner.unexpected("a mount point");
    scanner.skip(false);
  }
  if (!scanner.take(",")) throw scanner.unexpected("','");
  return { kind, ...base, conditions, source, target };
}

function readPivotRoot(scanner: Scanner, base: Base): Rule {
  const conditions = readConditions(scanner);
  scanner.skip();
  const path = scanner.takeLabel();
  const target = readTarget(scanner);
  endRule(scanner);
  return { kind: "pivot_root", ...base, conditions, path, target };
}

function readChangeProfile(scanner: Scanner, base: Base): Rule {
  scanner.skip(false);
  const environment = scanner.match(/(?:safe|unsafe)(?=\s)/y) as "safe" | "unsafe" | undefined;
  if (environment !== undefined) scanner.take(environment);
  scanner.skip(false);
  const path = scanner.match(/->/y) === undefined ? scanner.takeWord("") : undefined;
  const target = readTarget(scanner);
  endRule(scanner);
  return { kind: "change_profile", ...base, environment, path, target };
}

function readResourceLimit(scanner: Scanner, base: Base): Rule {
  scanner.skip();
  if (!scanner.takeName("rlimit")) throw scanner.unexpected("'rlimit'");
  scanner.skip();
  const name = scanner.takeMatch(/[A-Za-z_]{1,40}/y);
  if (name === undefined) throw scanner.unexpected("the name of a limit");
  scanner.skip();
  if (!scanner.take("<=")) throw scanner.unexpected("'<='");
  scanner.skip();
  const value = scanner.takeMatch(/-?[0-9]{1,20}|infinity/y);
  if (value === undefined) throw scanner.unexpected("a number or 'infinity'");
  scanner.skip();
  const unit = scanner.takeMatch(/[A-Za-z_]{1,20}/y);
  endRule(scanner);
  return { kind: "rlimit", ...base, name, value, unit };
}

function readTarget(scanner: Scanner): string | undefined {
  scanner.skip();
  if (!scanner.take("->")) return undefined;
  scanner.skip();
  const target = scanner.takeWord("");
  if (target === undefined) throw scanner.unexpected("a name after '->'");
  return target;
}

function endRule(scanner: Scanner): void {
  scanner.skip();
  if (!scanner.take(",")) throw scanner.unexpected("',' at the end of the rule");
}

function skipSeparators(scanner: Scanner): void {
  do scanner.skip(false);
  while (scanner.take(","));
}
