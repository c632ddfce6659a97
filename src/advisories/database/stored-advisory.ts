import type { Advisory, Affected } from "../../model/advisory.ts";
import { guardDatabase } from "./database-file.ts";
import { recordState } from "./database-format.ts";

/** What the database holds of an advisory and a package: `body` and `affected` are JSON. */
export type AdvisoryRow = readonly [id: string, modified: string, body: string, affected: string];

/** The file, and the record's `state`. */
interface RowOrigin {
  readonly path: string;
  readonly state: number;
}

/** What stands in the text. */
type Text = Omit<Advisory, "id" | "modified" | "affected">;

/**
 * An {@link Advisory} whose text is read when it is asked for: of the many that name a package, most turn out by their entries not to
 * cover it. `affected` has the entries for the one package.
 *
 * Errors: `database-malformed` at the first look at a field, when the text is damaged.
 */
export class StoredAdvisory {
  readonly id: string;
  readonly modified: string;
  readonly affected: readonly Affected[];
  readonly #path: string;
  readonly #isWithdrawn: boolean;
  readonly #body: string;
  #text: Text | undefined;

  constructor([id, modified, body, affected]: AdvisoryRow, { path, state }: RowOrigin) {
    this.id = id;
    this.modified = modified;
    this.affected = JSON.parse(affected) as Affected[];
    this.#path = path;
    this.#isWithdrawn = (state & recordState.withdrawn) !== 0;
    this.#body = body;
  }

  get withdrawn(): Advisory["withdrawn"] {
    return this.#isWithdrawn ? this.#read().withdrawn : undefined;
  }

  get schema_version(): Advisory["schema_version"] {
    return this.#read().schema_version;
  }

  get published(): Advisory["published"] {
    return this.#read().published;
  }

  get aliases(): Advisory["aliases"] {
    return this.#read().aliases;
  }

  get related(): Advisory["related"] {
    return this.#read().related;
  }

  get upstream(): Advisory["upstream"] {
    return this.#read().upstream;
  }

  get summary(): Advisory["summary"] {
    return this.#read().summary;
  }

  get details(): Advisory["details"] {
    return this.#read().details;
  }

  get severity(): Advisory["severity"] {
    return this.#read().severity;
  }

  get references(): Advisory["references"] {
    return this.#read().references;
  }

  get database_specific(): Advisory["database_specific"] {
    return this.#read().database_specific;
  }

  /** The advisory as a whole. */
  toJSON(): Advisory {
    const { id, modified, affected } = this;
    return { id, modified, ...this.#read(), affected };
  }

  #read(): Text {
    this.#text ??= guardDatabase(this.#path, () => JSON.parse(this.#body) as Text);
    return this.#text;
  }
}
