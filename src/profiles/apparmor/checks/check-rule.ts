import type { AccessRule, Condition, MountRule, ResourceLimitRule, Rule } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";
import { parseFilePermissions } from "./file-permissions.ts";
import {
  capabilities,
  mountOptions,
  networkFamilies,
  networkProtocols,
  propagationOptions,
  resourceLimits,
  signals,
  socketTypes,
} from "./known-names.ts";

/** Throws an `Error` for a rule that has the syntax of a rule, but that the compiler refuses. */
export function checkRule(rule: Rule): void {
  if (rule.prefix.owner !== undefined && rule.kind !== "file" && rule.kind !== "link") {
    throw new Error(`${rule.prefix.owner} is only possible for file rules, not for ${rule.kind}`);
  }
  if (rule.prefix.priority !== undefined && (rule.kind === "network" || rule.kind === "rlimit")) {
    throw new Error(`${rule.kind} rules have no priority`);
  }
  switch (rule.kind) {
    case "file":
      if (rule.path === undefined) return;
      checkFileRule(rule.permissions, { ...rule, deny: rule.prefix.decision === "deny" });
      return;
    case "capability":
      for (const name of rule.names) if (!capabilities.includes(name)) throw new Error(`unknown capability ${name}`);
      return;
    case "mount":
    case "remount":
    case "umount":
      checkMount(rule);
      return;
    case "pivot_root":
      allowConditions(rule.conditions, ["oldroot"], "pivot_root");
      return;
    case "change_profile":
      checkChangeProfile(rule.path, rule.environment);
      return;
    case "rlimit":
      checkResourceLimit(rule);
      return;
    case "link":
    case "all":
      return;
    default:
      checkAccess(rule);
  }
}

interface FileRuleParts {
  readonly deny: boolean;
  readonly leading: boolean;
  readonly environment: "safe" | "unsafe" | undefined;
  readonly subset: boolean;
  readonly target: string | undefined;
}

function checkFileRule(text: string, { deny, leading, environment, subset, target }: FileRuleParts): void {
  const { letters, exec } = parseFilePermissions(text, { deny });
  if (environment !== undefined && exec === undefined && !letters.has("x")) {
    throw new Error(`${environment} is only possible for rules that allow execution`);
  }
  if (subset && text !== "l") throw new Error("subset is only possible for links");
  if (leading && target !== undefined && letters.has("l") && (exec !== undefined || letters.has("x"))) {
    throw new Error("a rule with a target is about links or about execution, not about both");
  }
}

function checkChangeProfile(path: string | undefined, environment: "safe" | "unsafe" | undefined): void {
  if (path === undefined && environment !== undefined) throw new Error(`${environment} needs the path of a program`);
  if (path !== undefined && !/^(?:\/|@\{)/.test(wordValue(path))) throw new Error("the program must begin with /");
}

function checkMount({ kind, conditions, source, target }: MountRule): void {
  allowConditions(conditions, ["fstype", "vfstype", "options", "option"], kind);
  const options = conditions.filter(({ name }) => name.startsWith("option"));
  for (const option of options.flatMap(({ values }) => values.map(wordValue))) {
    if (!mountOptions.has(option)) throw new Error(`unknown mount option ${option}`);
  }
  const hasType = conditions.some(({ name }) => name.endsWith("fstype"));
  for (const { operator, values } of options) {
    if (operator === "in") continue;
    const names = new Set(values.map(wordValue));
    for (const [one, other] of oppositeOptions) {
      if (one.some((name) => names.has(name)) && other.some((name) => names.has(name))) {
        throw new Error(`mount options ${one[0]} and ${other[0]} exclude each other`);
      }
    }
    if (kind !== "mount") continue;
    const changes = [...names].some((name) => propagationOptions.test(name));
    const moves = [...names].some((name) => ["bind", "B", "rbind", "R", "move", "M"].includes(name));
    if (hasType && (changes || moves)) throw new Error("a bind, a move or a propagation change has no fstype");
    const remounts = names.has("remount") && !moves;
    if (source !== undefined && target !== undefined && ((changes && !moves) || remounts)) {
      throw new Error(`a ${changes ? "propagation change" : "remount"} has no source`);
    }
  }
}

const oppositeOptions: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ["ro", "r", "read-only"],
    ["rw", "w"],
  ],
  ...["suid", "dev", "exec", "mand", "atime", "diratime", "relatime", "iversion", "acl", "symfollow"].map(
    (name) => [[name], [`no${name}`]] as const,
  ),
  [["sync"], ["async"]],
];

/** The conditions of each kind of rule, of the rule itself and of its peer. */
const allowedConditions: Readonly<Record<AccessRule["kind"], { own: readonly string[]; peer: readonly string[] }>> = {
  network: { own: ["ip", "port"], peer: ["ip", "port"] },
  unix: { own: ["type", "addr", "label"], peer: ["addr", "label"] },
  dbus: { own: ["bus", "path", "interface", "member", "name"], peer: ["name", "label"] },
  signal: { own: ["set", "peer"], peer: [] },
  ptrace: { own: ["peer"], peer: [] },
  userns: { own: [], peer: [] },
  mqueue: { own: ["type", "label"], peer: [] },
  io_uring: { own: ["label"], peer: [] },
};

const accessNames: Readonly<Record<AccessRule["kind"], RegExp>> = {
  network: /^(?:create|bind|listen|accept|connect|shutdown|[gs]etattr|[gs]etopt|send|receive|read|write|[rw]+)$/,
  unix: /^(?:create|bind|listen|accept|connect|shutdown|[gs]etattr|[gs]etopt|send|receive|read|write|[rw]+)$/,
  dbus: /^(?:bind|send|receive|read|write|eavesdrop|[rw]+)$/,
  signal: /^(?:send|receive|read|write|[rw]+)$/,
  ptrace: /^(?:trace|read|write|readby|tracedby|[rw]+)$/,
  userns: /^create$/,
  mqueue: /^(?:create|open|delete|[gs]etattr|read|write|[rw]+)$/,
  io_uring: /^(?:override_creds|sqpoll)$/,
};

function checkAccess(rule: AccessRule): void {
  const { kind, access, conditions, peer } = rule;
  for (const word of access) if (!accessNames[kind].test(word)) throw new Error(`unknown ${kind} access ${word}`);
  allowConditions(conditions, allowedConditions[kind].own, kind);
  if (peer !== undefined && kind === "io_uring") throw new Error("unknown io_uring condition peer");
  allowConditions(peer ?? [], allowedConditions[kind].peer, `${kind} peer`);
  for (const list of [conditions, peer ?? []]) {
    for (const [index, { name, operator, values }] of list.entries()) {
      if (name === "set") continue;
      if (list.findIndex((other) => other.name === name) !== index) throw new Error(`${name} is given twice`);
      if (operator === "in") throw new Error(`${name} has one value, with =`);
      if (values.length > 1) throw new Error(`${name} has only one value`);
    }
  }
  if (kind === "network" || kind === "unix") checkSocket(rule);
  if (kind === "dbus") checkDbus(rule);
  if (kind === "mqueue") checkQueue(rule);
  if (kind === "signal") {
    for (const { name, values } of conditions) {
      const unknown = name === "set" ? values.map(wordValue).find((signal) => !signals.has(signal)) : undefined;
      if (unknown !== undefined) throw new Error(`unknown signal ${unknown}`);
    }
  }
}

const ownAccess = /^(?:create|shutdown|[gs]etattr|bind|listen|[gs]etopt)$/;

function checkSocket({ kind, access, words, conditions, peer }: AccessRule): void {
  if (peer !== undefined && access.length > 0 && access.every((word) => ownAccess.test(word))) {
    throw new Error(`${access.join(", ")} concerns the own socket only: it has no peer`);
  }
  const all = [...conditions, ...(peer ?? [])];
  for (const { name, values } of all) {
    const value = wordValue(values[0] ?? "");
    if (name === "type" && !socketTypes.has(value)) throw new Error(`unknown socket type ${value}`);
    if (name === "port" && !isPortRange(value)) throw new Error(`${value} is not a port or a range of ports`);
    if (name === "ip" && !isAddress(value)) throw new Error(`${value} is not an IP address`);
    if (name === "addr" && !/^(?:@|none$|auto$)/.test(value)) {
      throw new Error(`addr is an abstract address beginning with @, none or auto, not ${value}`);
    }
  }
  if (kind !== "network") return;
  const [family = "", type] = words;
  const ip = !["inet", "inet6"].includes(family) && networkFamilies.has(family);
  if (ip && all.length > 0) throw new Error(`${family} sockets have no IP address or port`);
  if (type === undefined) {
    if (family === "" || networkFamilies.has(family) || socketTypes.has(family) || networkProtocols.has(family)) return;
    throw new Error(`unknown network family, socket type or protocol ${family}`);
  }
  const knownType = socketTypes.has(type) || (networkProtocols.has(type) && ["inet", "inet6"].includes(family));
  if (!networkFamilies.has(family)) throw new Error(`unknown network family ${family}`);
  if (!knownType) throw new Error(`${family} has no socket type or protocol ${type}`);
}

function isPortRange(text: string): boolean {
  const [, first = "", last = first] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  return first !== "" && Number(first) <= 65535 && Number(last) <= 65535 && Number(first) <= Number(last);
}

function isAddress(text: string): boolean {
  return (
    text === "none" ||
    /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/.test(text) ||
    (text.includes(":") && /^[0-9a-fA-F:.]{2,45}$/.test(text))
  );
}

function checkDbus({ access, conditions, peer }: AccessRule): void {
  const names = conditions.map(({ name }) => name);
  const message = peer !== undefined || names.some((name) => ["path", "interface", "member"].includes(name));
  const service = names.includes("name");
  if (access.includes("bind") && message) throw new Error("bind concerns a name on the bus, not a message");
  if (access.includes("eavesdrop") && (message || service)) throw new Error("eavesdrop has no condition except bus");
  if (message && service) throw new Error("the rule has conditions of a message and of a name on the bus");
  const messages = access.filter((word) => word !== "bind" && word !== "eavesdrop");
  if (service && messages.length > 0) throw new Error(`${messages.join(", ")} has no condition name`);
}

function checkQueue({ words, conditions }: AccessRule): void {
  const type = conditions.find(({ name }) => name === "type")?.values.map(wordValue)[0];
  const queue = words[0] === undefined ? undefined : wordValue(words[0]);
  if (type !== undefined && type !== "posix" && type !== "sysv") throw new Error(`unknown mqueue type ${type}`);
  if (queue === undefined) return;
  const isNumber = /^[0-9]+$/.test(queue);
  if (type === "posix" ? !/^[/@]/.test(queue) : type === "sysv" ? !isNumber : !isNumber && !/^[/@]/.test(queue)) {
    throw new Error(`${queue} is not the name of a message queue: POSIX names begin with /, System V has numbers`);
  }
}

function checkResourceLimit({ name, value, unit }: ResourceLimitRule): void {
  if (!resourceLimits.has(name)) throw new Error(`unknown limit ${name}`);
  if (value === "infinity") return;
  const number = Number(value);
  if (name === "nice") {
    if (number < -20 || number > 19 || unit !== undefined) throw new Error("nice is between -20 and 19");
    return;
  }
  if (number < 0) throw new Error(`${name} is not negative`);
  if (name === "cpu" || name === "rttime") {
    if (unit === undefined) return;
    if (!timeUnits.test(unit)) throw new Error(`unknown unit of time ${unit}`);
    if (name === "cpu" && /^(?:us|microsecond|ms|millisecond)/.test(unit) && !isSecond(number, unit)) {
      throw new Error("cpu is at least one second");
    }
  } else if (unit !== undefined && (countLimits.has(name) || !/^(?:KB?|MB?|GB?)$/.test(unit))) {
    throw new Error(`${name} has no unit ${unit}`);
  }
}

const countLimits: ReadonlySet<string> = new Set(["nofile", "ofile", "nproc", "locks", "sigpending", "rtprio"]);

const timeUnits = /^(?:us|microseconds?|ms|milliseconds?|s|sec|seconds?|min|minutes?|h|hours?|d|days?|weeks?)$/;

function isSecond(number: number, unit: string): boolean {
  return number >= (unit.startsWith("m") && !unit.startsWith("mic") ? 1000 : 1_000_000);
}

function allowConditions(conditions: readonly Condition[], allowed: readonly string[], what: string): void {
  for (const { name } of conditions) {
    if (!allowed.includes(name)) throw new Error(`unknown ${what} condition ${name}`);
  }
}
