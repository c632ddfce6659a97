import type { FixStatus } from "./finding.ts";
import type { ReleaseCycle } from "./release-cycle.ts";
import type { VexStatement } from "./vex.ts";
import type { VulnerabilityFacts } from "./vulnerability-facts.ts";

/** `SEMVER`, `ECOSYSTEM` or `GIT`: how the events of a range are ordered. OSV schema, "affected[].ranges[].type". */
export type RangeType = "SEMVER" | "ECOSYSTEM" | "GIT";

/** A single event per object. OSV schema, "affected[].ranges[].events". */
export interface RangeEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
  readonly limit?: string;
}

/** OSV schema, "affected[].ranges". */
export interface AffectedRange {
  readonly type: RangeType;
  readonly repo?: string;
  readonly events: readonly RangeEvent[];
}

/** OSV schema, "severity": a CVSS vector, or a word for type `Ubuntu`. */
export interface SeverityScore {
  readonly type: string;
  readonly score: string;
}

/**
 * What OSV has no field for, kept under {@link extensionKey} in `affected[].database_specific`, where its schema allows
 * anything.
 */
export interface AffectedExtension {
  /** What the publisher says where there is no fix, in Plimsoll's words; absent means affected. */
  readonly status?: Exclude<FixStatus, "fixed" | "affected">;
  /** The publisher's own words for it: `no-dsa: Minor issue`, `Will not fix`. */
  readonly reason?: string;
  /**
   * Only packages of these architectures, in the distribution's words. Packages of none (`noarch`, `all`) are meant
   * too.
   */
  readonly architectures?: readonly string[];
  /** The module stream of a modular rpm: `nodejs:18`. An empty text says: only packages outside any module. */
  readonly module?: string;
  /** Only where one of these products is installed: CPE 2.2 or 2.3 names, as the publisher writes them. */
  readonly cpes?: readonly string[];
  /** The channel that brings the fix; absent is the one that everybody has. */
  readonly channel?: Channel;
  /** Whether `package.name` is a source or a binary package; absent when the feed does not tell the two apart. */
  readonly names?: "source" | "binary";
}

/** A channel that not every installation has enabled. */
export type Channel = "esm" | "eus" | "fips" | "ksplice" | "livepatch" | "ltss";

/** What one source says of a vulnerability's severity: a CVSS vector, or a word. */
export interface SeverityStatement {
  /** The publisher's name as reports print it: `NVD`, `Red Hat`, `GitHub`. */
  readonly source: string;
  /** As OSV's `severity.type`, or `word` for a publisher's own scale. */
  readonly type: "CVSS_V2" | "CVSS_V3" | "CVSS_V4" | "word";
  /** The vector, or the word as the publisher writes it: `Important`. */
  readonly score: string;
}

/** What OSV has no field for on a record as a whole, kept under {@link extensionKey} in its `database_specific`. */
export interface AdvisoryExtension {
  /** Further opinions with their sources; OSV's own `severity` names none. */
  readonly severities?: readonly SeverityStatement[];
}

/** The name under which {@link AffectedExtension} and {@link AdvisoryExtension} stand. */
export const extensionKey = "plimsoll";

/** OSV schema, "affected". */
export interface Affected {
  readonly package?: { readonly ecosystem: string; readonly name: string; readonly purl?: string };
  readonly severity?: readonly SeverityScore[];
  readonly ranges?: readonly AffectedRange[];
  readonly versions?: readonly string[];
  /**
   * No field of OSV's: those of `versions` that do not lie in one of `ranges`, where a database has told them apart.
   * Whoever asks whether a version outside the ranges is listed need look at no others.
   */
  readonly unranged?: readonly string[];
  /**
   * No field of OSV's: `ranges` once more, as `ascendingBounds` gives each, where a database found that it gives all of
   * them.
   */
  readonly bounds?: readonly (readonly string[])[];
  readonly ecosystem_specific?: Readonly<Record<string, unknown>>;
  readonly database_specific?: Readonly<Record<string, unknown>>;
}

/** A vulnerability record: the parts of the OSV schema (1.7) that Plimsoll uses, under their names there. */
export interface Advisory {
  readonly schema_version?: string;
  readonly id: string;
  /** RFC 3339. */
  readonly modified: string;
  readonly published?: string;
  /** RFC 3339; a withdrawn record matches nothing. */
  readonly withdrawn?: string;
  readonly aliases?: readonly string[];
  readonly related?: readonly string[];
  readonly upstream?: readonly string[];
  readonly summary?: string;
  readonly details?: string;
  readonly severity?: readonly SeverityScore[];
  readonly affected?: readonly Affected[];
  readonly references?: readonly { readonly type: string; readonly url: string }[];
  readonly database_specific?: Readonly<Record<string, unknown>>;
}

/**
 * The extension of an entry of `affected`, empty when it is missing. Records are checked when they are read in, not
 * here.
 */
export function affectedExtension({ database_specific: specific }: Affected): AffectedExtension {
  return (specific?.[extensionKey] as AffectedExtension | undefined) ?? {};
}

/** The extension of a record, empty when it is missing. */
export function advisoryExtension({ database_specific: specific }: Advisory): AdvisoryExtension {
  return (specific?.[extensionKey] as AdvisoryExtension | undefined) ?? {};
}

/** How many records of an ecosystem a database holds, and how new they are. */
export interface EcosystemCount {
  /** Without the suffix of a release: `Debian`, not `Debian:12`. */
  readonly ecosystem: string;
  readonly records: number;
  /** The latest `modified`, RFC 3339; absent when no publisher of theirs gives a time. */
  readonly newest?: string;
}

/** What a report says about the advisories behind it. */
export interface DatabaseStatus {
  /** `built-in` ships with the program; `file` was built by `plimsoll db build`. */
  readonly kind: "built-in" | "file";
  /** Absent for the built-in one. */
  readonly path?: string;
  /** When it was built, RFC 3339. */
  readonly builtAt: string;
  /** From where. */
  readonly source: string;
  readonly records: number;
  readonly ecosystems: readonly EcosystemCount[];
  /** What was fetched from where and when; empty for the built-in one. */
  readonly parts: readonly DatabasePart[];
  /** The parts whose publishers were not asked at `builtAt`, or did not answer; absent when there are none. */
  readonly behind?: readonly PartBehind[];
}

/** A part that is older than the database that holds it. */
export interface PartBehind {
  readonly feed: string;
  readonly name: string;
  /** When it was last brought up to date, RFC 3339. */
  readonly since: string;
}

/** What one part of a feed brought. */
export interface DatabasePart {
  /** The id of the feed: `osv`, `debian`. */
  readonly feed: string;
  /** The feed's revision when its items were parsed. */
  readonly revision: number;
  /** Unique in the feed: `npm`, `v3.19/main`. */
  readonly name: string;
  /** Advisories, statements and entries of side tables. */
  readonly items: number;
  /** When its content last changed here, RFC 3339. */
  readonly updatedAt: string;
  /** How many of its records could not be read, or not in full; absent when none. */
  readonly refused?: number;
}

/** What a publisher says of one package. */
export interface PackageStatement extends VexStatement {
  /** As the publisher's feed writes it, with the suffix of the release that is meant: `Debian:12`. */
  readonly ecosystem: string;
}

/** Advisories, looked up by package. */
export interface AdvisoryIndex {
  readonly status: DatabaseStatus;
  /**
   * True when the index holds at least one record of this ecosystem; with the suffix of a release, one that names this
   * release or no release at all.
   */
  covers(ecosystem: string): boolean;
  /**
   * Every record, withdrawn ones left out, with an `affected` entry for this package. `ecosystem` is without the suffix
   * of a release; `name` is in OSV's form. The records' `affected` hold at least the entries for this package.
   */
  find(ecosystem: string, name: string): readonly Advisory[];
  /** The withdrawn records that {@link find} leaves out, for explanations. */
  withdrawn(ecosystem: string, name: string): readonly Advisory[];
  /**
   * What publishers say of this package that is not an advisory, above all "not affected". Arguments as for
   * {@link find}.
   */
  statements(ecosystem: string, name: string): readonly PackageStatement[];
  /** What else is known about a CVE; undefined when nothing is. */
  facts(cve: string): VulnerabilityFacts | undefined;
  /**
   * The built-in records that name a vulnerability, whatever packages they affect: a rating where no other source gives
   * one. A database file alone does not have such records.
   */
  builtInRecords(name: string): readonly Advisory[];
  /** The release cycles of a product, by the names of endoflife.date; empty when not known. */
  releaseCycles(product: string): readonly ReleaseCycle[];
  /** The CPE names that a Red Hat repository stands for (`rhel-9-for-x86_64-baseos-rpms`); empty when not known. */
  repositoryCpes(repository: string): readonly string[];
  /**
   * True when a record, also one that was withdrawn, a statement or what else is known has this name, in any case.
   * Looks at all there is, which may take seconds.
   */
  isNamed(name: string): boolean;
  close(): void;
}
