import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { type Damage, damage } from "../damage.ts";
import { ownedPaths } from "../owned-paths.ts";
import { readText } from "../read-text.ts";

// The database of apk: records of lines `X:value`, separated by empty lines; a second P in a record begins another one,
// as where records were joined. P name, V version, A architecture, o origin (the source package, which has the same
// version), L licence; F names a folder, and each R after it a file in that folder. Source: apk-tools src/database.c;
// wiki.alpinelinux.org, "Apk spec", section "Installed Database V2".

/** Reads the installed packages of Alpine and its relatives, and the files that they own. */
export const apk: Extractor = {
  id: "os/apk",
  revision: 2,
  files: [{ path: "lib/apk/db/installed" }, { path: "usr/lib/apk/db/installed" }],
  *extract(file, context) {
    const text = readText(file, context);
    if (text === undefined) return;
    const broken = damage(file, context, "record");
    for (const record of records(text, broken)) yield* facts(record, broken);
    broken.report();
  },
};

interface InstalledRecord {
  /** Number of the first line, from 1. */
  readonly line: number;
  readonly fields: Map<string, string>;
  readonly paths: string[];
}

function* records(text: string, broken: Damage): Generator<InstalledRecord> {
  let record: InstalledRecord | undefined;
  const join = ownedPaths(broken);
  let folder = "";
  let line = 0;
  for (const written of text.split("\n")) {
    line++;
    const value = written.endsWith("\r") ? written.slice(0, -1) : written;
    if (value === "") {
      if (record) yield record;
      record = undefined;
      folder = "";
      continue;
    }
    if (value.startsWith("P:") && record?.fields.has("P")) {
      yield record;
      record = undefined;
      folder = "";
    }
    record ??= { line, fields: new Map(), paths: [] };
    if (value[1] !== ":") {
      broken.note(`line ${line} is not a field`);
      continue;
    }
    const letter = value.charAt(0);
    if (letter === "F") folder = value.slice(2);
    else if (letter === "R") {
      const path = join(folder, value.slice(2));
      if (path) record.paths.push(path);
    } else if ("PVAoL".includes(letter)) {
      if (record.fields.has(letter)) broken.note(`line ${line} repeats a field of its record`);
      else record.fields.set(letter, value.slice(2).trim());
    }
  }
  if (record) yield record;
}

function* facts({ line, fields, paths }: InstalledRecord, broken: Damage): Generator<Extraction> {
  const name = fields.get("P");
  const version = fields.get("V");
  if (!name) return broken.note(`the record at line ${line} has no package name`);
  if (!version) return broken.note(`the record of ${name} has no version`);
  const architecture = fields.get("A");
  const origin = fields.get("o");
  const license = fields.get("L");
  const found: FoundPackage = {
    type: "apk",
    name,
    version,
    ...(architecture ? { architecture } : {}),
    ...(origin ? { source: { name: origin, version } } : {}),
    ...(license ? { licenses: [license] } : {}),
  };
  yield { kind: "package", package: found };
  if (paths.length > 0) yield { kind: "ownership", owner: { type: "apk", name }, paths };
}
