/** `SEMVER`, `ECOSYSTEM` or `GIT`: how the events of a range are ordered. OSV schema, "affected[].ranges[].type". */
export type RangeType = "SEMVER" | "ECOSYSTEM" | "GIT";

/** One of these per object. OSV schema, "affected[].ranges[].events". */
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

/** OSV schema, "affected". */
export interface Affected {
  readonly package?: { readonly ecosystem: string; readonly name: string; readonly purl?: string };
  readonly severity?: readonly SeverityScore[];
  readonly ranges?: readonly AffectedRange[];
  readonly versions?: readonly string[];
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

/** How many records of an ecosystem a database holds, and how new they are. */
export interface EcosystemCount {
  /** Without the suffix of a release: `Debian`, not `Debian:12`. */
  readonly ecosystem: string;
  readonly records: number;
  /** The latest `modified`, RFC 3339. */
  readonly newest: string;
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
}

/** Advisories, looked up by package. */
export interface AdvisoryIndex {
  readonly status: DatabaseStatus;
  /**
   * True when the index holds at least one record of this ecosystem; with the suffix of a release, one that names this release
   * or no release at all.
   */
  covers(ecosystem: string): boolean;
  /**
   * Every record, withdrawn ones left out, with an `affected` entry for this package. `ecosystem` is without the suffix of
   * a release; `name` is in OSV's form. The records' `affected` hold at least the entries for this package.
   */
  find(ecosystem: string, name: string): readonly Advisory[];
  close(): void;
}
