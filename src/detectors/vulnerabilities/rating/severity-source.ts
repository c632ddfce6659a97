import { ecosystemBase } from "../../../model/packages/package-name.ts";

/** The order of sources of a severity: lower ranks first. `docs/decisions/0012-severity-order.md` says why. */
export const sourceRanks = {
  /** The distribution that built the package. */
  distribution: 0,
  /** A database of the package's ecosystem. */
  database: 1,
  nvd: 2,
  other: 3,
} as const;

/** The source of a record. */
export interface SeveritySource {
  /** As reports print it: `Debian`, `GitHub`. */
  readonly name: string;
  readonly rank: number;
}

/** The prefix of a record's id, and who gives such ids. The longest prefix that fits counts. */
const distributions: Readonly<Record<string, string>> = {
  ALAS: "Amazon",
  ALBA: "AlmaLinux",
  ALEA: "AlmaLinux",
  ALINUX: "Alibaba",
  ALPINE: "Alpine",
  ALPAQUITA: "BellSoft",
  ALSA: "AlmaLinux",
  AZL: "Azure Linux",
  BELL: "BellSoft",
  CGA: "Chainguard",
  CHAINGUARD: "Chainguard",
  CLEANSTART: "CleanStart",
  DEBIAN: "Debian",
  DLA: "Debian",
  DSA: "Debian",
  DTSA: "Debian",
  ECHO: "Echo",
  ELBA: "Oracle",
  ELEA: "Oracle",
  ELSA: "Oracle",
  LSN: "Ubuntu",
  MGASA: "Mageia",
  MINI: "MinimOS",
  OESA: "openEuler",
  PHOTON: "Photon OS",
  PHSA: "Photon OS",
  REDHAT: "Red Hat",
  RHBA: "Red Hat",
  RHEA: "Red Hat",
  RHSA: "Red Hat",
  RLBA: "Rocky Linux",
  RLEA: "Rocky Linux",
  RLSA: "Rocky Linux",
  RXSA: "Rocky Linux",
  SUSE: "SUSE",
  UBUNTU: "Ubuntu",
  USN: "Ubuntu",
  WOLFI: "Wolfi",
  openSUSE: "SUSE",
};

const databases: Readonly<Record<string, string>> = {
  BIT: "Bitnami",
  COCOAPODS: "GitHub",
  CURL: "curl",
  DRUPAL: "Drupal",
  EEF: "Erlang Ecosystem Foundation",
  GHSA: "GitHub",
  GO: "Go",
  GSD: "GSD",
  HSEC: "Haskell",
  JLSEC: "Julia",
  MAL: "OpenSSF",
  OSEC: "OCaml",
  OSV: "OSS-Fuzz",
  PLIMSOLL: "Plimsoll",
  PSF: "Python Software Foundation",
  PYSEC: "PyPA",
  RSEC: "R Consortium",
  RUBYSEC: "RubySec",
  RUSTSEC: "RustSec",
};

/** Names of sources that are databases of an ecosystem wherever they appear. */
const databaseNames: ReadonlySet<string> = new Set(Object.values(databases));

/**
 * The source of a record with this id. An id that is a CVE's own, or of a form that is not known, is of the database
 * for whose `ecosystem` it was found, under the ecosystem's name.
 */
export function sourceOfRecord(id: string, ecosystem: string): SeveritySource {
  const known = sources.get(id.slice(0, id.indexOf("-"))) ?? sources.get(/^[A-Za-z]+/.exec(id)?.[0] ?? "");
  return known ?? { name: ecosystemBase(ecosystem) || id, rank: sourceRanks.database };
}

const sources: ReadonlyMap<string, SeveritySource> = new Map([
  ...sourcesOf(databases, sourceRanks.database),
  ...sourcesOf(distributions, sourceRanks.distribution),
]);

function sourcesOf(names: Readonly<Record<string, string>>, rank: number): (readonly [string, SeveritySource])[] {
  return Object.entries(names).map(([prefix, name]) => [prefix, { name, rank }]);
}

/** The rank of a source that is named beside an opinion; `own` is the one whose record holds it, when a record does. */
export function rankOfSource(name: string, own?: SeveritySource): number {
  if (own && name === own.name) return own.rank;
  if (name === "NVD") return sourceRanks.nvd;
  return databaseNames.has(name) ? sourceRanks.database : sourceRanks.other;
}
