/**
 * Opens a database and holds 1,000 packages against it, in a process that has done neither before, or with `warm` in one that has
 * matched 1,000 other packages, as a server has; prints both times as JSON. With a folder in NODE_COMPILE_CACHE the process finds there
 * what an earlier one compiled, as the program does from its second run on.
 * Usage: `node bench/match-packages.ts DATABASE PACKAGES [warm]`
 */
import { readFileSync } from "node:fs";
import { openAdvisoryDatabase } from "../src/advisories/database/open-advisory-database.ts";
import { findVulnerabilities } from "../src/detectors/vulnerabilities/find-vulnerabilities.ts";
import type { AdvisoryIndex } from "../src/model/findings/advisory.ts";
import type { Package, PackageType } from "../src/model/packages/package.ts";

/** A package by the names of OSV. */
export interface NamedPackage {
  readonly ecosystem: string;
  readonly name: string;
  /** An old one, 1.2.3, when absent. */
  readonly version?: string;
}

/** Milliseconds, and what was found. */
export interface MatchTimes {
  readonly open: number;
  readonly match: number;
  /** The processor time of the thread that matched, on which other work on the machine tells less. */
  readonly processor: number;
  /** The part of `match` that went into reading the database. */
  readonly lookUp: number;
  readonly packages: number;
  readonly findings: number;
}

const types: Readonly<Record<string, PackageType>> = {
  Bitnami: "bitnami",
  Go: "golang",
  PyPI: "pypi",
  "crates.io": "cargo",
};

const [database = "", packagesFile = "", warm] = process.argv.slice(2);
const named = JSON.parse(readFileSync(packagesFile, "utf8")) as NamedPackage[];
const all = named.flatMap(({ ecosystem, name, version = "1.2.3" }): Package[] => {
  const type = types[ecosystem];
  return type ? [{ type, name, version, purl: "", paths: [], layer: null }] : [];
});
const packages = all.slice(0, 1000);
const start = performance.now();
const index = openAdvisoryDatabase(database);
const opened = performance.now();
if (warm !== undefined) findVulnerabilities(all.slice(1000, 2000), { index, distribution: null });
const begun = performance.now();
const idle = process.threadCpuUsage();
let lookUp = 0;
const timed: AdvisoryIndex = {
  ...index,
  find(ecosystem, name) {
    const before = performance.now();
    const found = index.find(ecosystem, name);
    lookUp += performance.now() - before;
    return found;
  },
};
const { findings } = findVulnerabilities(packages, { index: timed, distribution: null });
const matched = performance.now();
const busy = process.threadCpuUsage(idle);
const times: MatchTimes = {
  open: opened - start,
  match: matched - begun,
  processor: (busy.user + busy.system) / 1000,
  lookUp,
  packages: packages.length,
  findings: findings.length,
};
process.stdout.write(`${JSON.stringify(times)}\n`);
