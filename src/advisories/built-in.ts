import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dataPath } from "../io/files/data-path.ts";
import { reasonOf } from "../io/reason-of.ts";
import { PlimsollError } from "../model/error.ts";
import type { Advisory, AdvisoryIndex } from "../model/findings/advisory.ts";
import { memoryIndex } from "./database/memory-index.ts";
import { readOsvRecord } from "./feeds/osv/osv-record.ts";

/**
 * The advisories that ship with the program: `data/advisories/*.json`, each a list of OSV records. Read when first
 * used. They count as built when the newest of them was modified.
 *
 * Errors, at first use: `database-not-found` and `database-malformed`, when the installation is damaged.
 */
export function openBuiltInAdvisories(folder?: string): AdvisoryIndex {
  let loaded: BuiltIn | undefined;
  const builtIn = (): BuiltIn => {
    loaded ??= load(folder ?? dataPath("advisories"));
    return loaded;
  };
  const index = (): AdvisoryIndex => builtIn().index;
  return {
    get status() {
      return index().status;
    },
    covers: (ecosystem) => index().covers(ecosystem),
    find: (ecosystem, name) => index().find(ecosystem, name),
    withdrawn: (ecosystem, name) => index().withdrawn(ecosystem, name),
    statements: (ecosystem, name) => index().statements(ecosystem, name),
    facts: (cve) => index().facts(cve),
    builtInRecords: (name) => builtIn().byName.get(name) ?? [],
    releaseCycles: (product) => index().releaseCycles(product),
    repositoryCpes: (repository) => index().repositoryCpes(repository),
    isNamed: (name) => index().isNamed(name),
    close: () => {},
  };
}

interface BuiltIn {
  readonly index: AdvisoryIndex;
  /** By id and alias. */
  readonly byName: ReadonlyMap<string, readonly Advisory[]>;
}

function load(folder: string): BuiltIn {
  const advisories = listFiles(folder).flatMap((name) => readFile(join(folder, name)));
  const builtAt =
    advisories
      .map(({ modified }) => modified)
      .sort()
      .at(-1) ?? "";
  const byName = new Map<string, Advisory[]>();
  for (const advisory of advisories) {
    for (const name of [advisory.id, ...(advisory.aliases ?? [])]) {
      byName.set(name, [...(byName.get(name) ?? []), advisory]);
    }
  }
  return { index: memoryIndex(advisories, { kind: "built-in", builtAt, source: "built-in" }), byName };
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .sort();
  } catch (cause) {
    throw new PlimsollError("database-not-found", `no built-in advisories found in ${folder}`, {
      hint: reinstall,
      cause,
    });
  }
}

function readFile(path: string): Advisory[] {
  let records: unknown;
  try {
    records = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw malformed(path, reasonOf(cause));
  }
  if (!Array.isArray(records)) throw malformed(path, "it is not a list");
  return records.map((record) => {
    const reading = readOsvRecord(record);
    if ("refused" in reading) throw malformed(path, reading.refused);
    return reading.advisory;
  });
}

const reinstall = "Reinstall Plimsoll, or specify a database with --db.";

function malformed(path: string, reason: string): PlimsollError {
  return new PlimsollError("database-malformed", `the built-in advisories at ${path} are damaged: ${reason}`, {
    hint: reinstall,
  });
}
