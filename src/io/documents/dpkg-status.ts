import type { FoundPackage } from "../../model/packages/package.ts";

// The status database of dpkg: records of `Field: value` lines, separated by empty lines; a line that starts with a
// space or tab continues the field above. Field names ignore case. `Status: want flag state` says how far the package
// is installed. A second name in a record begins another one: the empty line between the records is missing, or holds
// spaces. Sources: deb822(5), dpkg(1) "PACKAGE STATES", deb-control(5) "Source".

/**
 * In these states files of the package are there; whether all are, and whether dpkg has configured it, is another
 * matter.
 */
const installedStates: ReadonlySet<string> = new Set([
  "installed",
  "triggers-pending",
  "triggers-awaited",
  "half-configured",
  "unpacked",
  "half-installed",
]);
const otherStates: ReadonlySet<string> = new Set(["not-installed", "config-files"]);

/** The fields that matter, in lower case. */
const wanted: ReadonlySet<string> = new Set([
  "package",
  "status",
  "version",
  "architecture",
  "source",
  "type",
  "maintainer",
]);
const longestWanted = 12;

/** The fields of one record that {@link debPackage} needs. */
export interface StatusRecord {
  /** Number of the first line, from 1. */
  readonly line: number;
  readonly fields: Map<string, string>;
}

/** The records of a status file; `note` gets a reason for each line that is not valid. */
export function* statusRecords(text: string, note: (reason: string) => void): Generator<StatusRecord> {
  let record: StatusRecord | undefined;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? text.length : newline;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    line++;
    const first = text.charCodeAt(start);
    if (end === start) {
      if (record) yield record;
      record = undefined;
    } else if (first !== 32 && first !== 9) {
      if (record?.fields.has("package") && isName(text, start)) {
        yield record;
        record = undefined;
      }
      record ??= { line, fields: new Map() };
      const fault = readField(text.slice(start, end), record);
      if (fault !== undefined) note(`line ${line} ${fault}`);
    }
    start = next;
  }
  if (record) yield record;
}

const nameField = "package:";

/** True when the field that begins at `start` is a package's name. */
function isName(text: string, start: number): boolean {
  return text.slice(start, start + nameField.length).toLowerCase() === nameField;
}

/** Takes the fields that matter, the first of each name; what is wrong with the line, undefined when nothing is. */
function readField(line: string, { fields }: StatusRecord): string | undefined {
  const colon = line.indexOf(":");
  if (colon < 1) return "is not a field";
  if (colon > longestWanted) return undefined;
  const name = line.slice(0, colon).toLowerCase();
  if (!wanted.has(name)) return undefined;
  if (fields.has(name)) return "repeats a field of its record";
  fields.set(name, line.slice(colon + 1).trim());
  return undefined;
}

/**
 * The package of a record; undefined when it is not installed or the record is not valid, for which `note` gets the
 * reason. `single` records, those of status.d, need no `Status`.
 */
export function debPackage(
  { line, fields }: StatusRecord,
  { single, note }: { readonly single: boolean; readonly note: (reason: string) => void },
): FoundPackage | undefined {
  // vcpkg, a package manager for C++ libraries, writes files of the same form; this field marks them.
  if (fields.get("type") === "Port") return undefined;
  const name = fields.get("package");
  const version = fields.get("version");
  const status = fields.get("status");
  if (!name) {
    note(`the record at line ${line} has no package name`);
    return undefined;
  }
  if (status) {
    const state = status.slice(status.lastIndexOf(" ") + 1);
    if (otherStates.has(state)) return undefined;
    if (!installedStates.has(state)) {
      note(`the record of ${name} has the unknown state ${state}`);
      return undefined;
    }
  } else if (!single) {
    // dpkg itself keeps the bare names of packages that others mention.
    if (version) note(`the record of ${name} has no status`);
    return undefined;
  }
  if (!version) {
    // What a first unpacking that broke off leaves: dpkg writes the version of what it had unpacked, which is nothing.
    if (status?.endsWith(" half-installed")) return undefined;
    note(`the record of ${name} has no version`);
    return undefined;
  }
  const architecture = fields.get("architecture");
  const maintainer = fields.get("maintainer");
  return {
    type: "deb",
    name,
    version,
    ...(architecture ? { architecture } : {}),
    source: sourceOf(fields.get("source") ?? "", { name, version }),
    ...(maintainer ? { vendor: maintainer } : {}),
  };
}

/** The field is `name` or `name (version)`; without it, source and binary package have the same name. */
function sourceOf(field: string, own: { name: string; version: string }): { name: string; version: string } {
  const open = field.indexOf("(");
  if (open < 0) return { name: field || own.name, version: own.version };
  const close = field.indexOf(")", open);
  const version = field.slice(open + 1, close < 0 ? field.length : close).trim();
  return { name: field.slice(0, open).trim() || own.name, version: version || own.version };
}
