import type { Advisory, Affected } from "../../model/findings/advisory.ts";
import { type Background, type RecordText, readAffected } from "./advisory-texts.ts";
import { guardDatabase } from "./database-file.ts";
import { recordState } from "./database-format.ts";

/** What the database holds of an advisory and a package: `body` and `affected` are texts by `advisory-texts.ts`. */
export type AdvisoryRow = readonly [number: number, id: string, body: string, affected: string];

/** Where rows are from. */
export interface RowOrigin {
  readonly path: string;
  /** The records' `state`. */
  readonly state: number;
  /** The package that was asked for, as the table has it. */
  readonly name: string;
  /**
   * The time when a record was modified, and the text of its background; no text when it does not have a background.
   */
  readonly background: (record: number) => { readonly modified?: unknown; readonly body?: unknown } | undefined;
}

/**
 * An {@link Advisory} whose text is read when it is asked for: of the many that name a package, most turn out by their
 * entries not to cover it. What matching does not need is even fetched only then, so the database must be open at the
 * first look at `modified`, `schema_version`, `published`, `references`, or the `details` of an advisory with a
 * summary. `affected` has the entries for the one package.
 *
 * Errors: `database-malformed` at the first look at a field, when the text is damaged.
 */
export class StoredAdvisory {
  readonly id: string;
  readonly affected: readonly Affected[];
  readonly #row: AdvisoryRow;
  readonly #origin: RowOrigin;
  #text: RecordText | undefined;
  #background: (Background & Pick<Advisory, "modified">) | undefined;

  constructor(row: AdvisoryRow, origin: RowOrigin) {
    this.id = row[1];
    this.affected = readAffected(row[3], origin.name);
    this.#row = row;
    this.#origin = origin;
  }

  get withdrawn(): Advisory["withdrawn"] {
    return (this.#origin.state & recordState.withdrawn) === 0 ? undefined : (this.#text ?? this.#read()).withdrawn;
  }

  get modified(): Advisory["modified"] {
    return this.#readBackground().modified;
  }

  get schema_version(): Advisory["schema_version"] {
    return this.#readBackground().schema_version;
  }

  get published(): Advisory["published"] {
    return this.#readBackground().published;
  }

  get aliases(): Advisory["aliases"] {
    return (this.#text ?? this.#read()).aliases;
  }

  get related(): Advisory["related"] {
    return (this.#text ?? this.#read()).related;
  }

  get upstream(): Advisory["upstream"] {
    return (this.#text ?? this.#read()).upstream;
  }

  get summary(): Advisory["summary"] {
    return (this.#text ?? this.#read()).summary;
  }

  get details(): Advisory["details"] {
    const text = this.#text ?? this.#read();
    return text.summary ? this.#readBackground().details : text.details;
  }

  get severity(): Advisory["severity"] {
    return (this.#text ?? this.#read()).severity;
  }

  get references(): Advisory["references"] {
    return this.#readBackground().references;
  }

  get database_specific(): Advisory["database_specific"] {
    return (this.#text ?? this.#read()).database_specific;
  }

  /** The advisory as a whole. */
  toJSON(): Advisory {
    const { id, affected } = this;
    return { id, ...this.#readBackground(), ...(this.#text ?? this.#read()), affected };
  }

  #read(): RecordText {
    const text = guardDatabase(this.#origin.path, () => JSON.parse(this.#row[2]) as RecordText);
    this.#text = text;
    return text;
  }

  #readBackground(): Background & Pick<Advisory, "modified"> {
    const { path, background } = this.#origin;
    this.#background ??= guardDatabase(path, () => {
      const { modified, body } = background(this.#row[0]) ?? {};
      return { modified: String(modified), ...(typeof body === "string" && (JSON.parse(body) as Background)) };
    });
    return this.#background;
  }
}
