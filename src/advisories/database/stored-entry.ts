import type { Affected, AffectedRange, RangeType } from "../../model/findings/advisory.ts";

/** An entry as the table `affected` holds it, by `advisory-texts.ts`. */
export interface WrittenEntry
  extends Pick<Affected, "severity" | "ranges" | "ecosystem_specific" | "database_specific"> {
  /** The ecosystem alone, when the name is that of the row. */
  readonly package: string | NonNullable<Affected["package"]>;
  /** In place of `ranges`, where these follow from it: the type of all of them, and the bounds of each. */
  readonly type?: RangeType | undefined;
  readonly bounds?: Affected["bounds"] | undefined;
  readonly unranged?: Affected["unranged"] | undefined;
  readonly versions?: string | readonly string[] | undefined;
}

/**
 * The fields of an {@link Affected}, those that it lacks being undefined. The ranges and the list of versions, which
 * matching seldom needs, are made when they are asked for.
 */
export class StoredEntry {
  readonly package: NonNullable<Affected["package"]>;
  readonly severity: Affected["severity"];
  readonly bounds: Affected["bounds"];
  readonly unranged: Affected["unranged"];
  readonly ecosystem_specific: Affected["ecosystem_specific"];
  readonly database_specific: Affected["database_specific"];
  readonly #written: WrittenEntry;
  #ranges: Affected["ranges"];
  #versions: Affected["versions"];

  /** `name` is that of the row. */
  constructor(written: WrittenEntry, name: string) {
    const { package: named } = written;
    this.package = typeof named === "string" ? { ecosystem: named, name } : named;
    this.severity = written.severity;
    this.bounds = written.bounds;
    this.unranged = written.unranged;
    this.ecosystem_specific = written.ecosystem_specific;
    this.database_specific = written.database_specific;
    this.#written = written;
  }

  get ranges(): Affected["ranges"] {
    const { ranges, type, bounds } = this.#written;
    if (bounds === undefined || type === undefined) return ranges;
    this.#ranges ??= bounds.map((texts) => rangeOf(type, texts));
    return this.#ranges;
  }

  get versions(): Affected["versions"] {
    const { versions } = this.#written;
    if (typeof versions !== "string") return versions;
    this.#versions ??= versions.split(" ");
    return this.#versions;
  }

  /** The entry as its publisher wrote it. */
  toJSON(): Pick<StoredEntry, Exclude<keyof Affected, "bounds" | "unranged">> {
    const { package: named, severity, ranges, ecosystem_specific, database_specific, versions } = this;
    return { package: named, severity, ranges, ecosystem_specific, database_specific, versions };
  }
}

function rangeOf(type: RangeType, bounds: readonly string[]): AffectedRange {
  return { type, events: bounds.map((text, index) => (index % 2 === 0 ? { introduced: text } : { fixed: text })) };
}
