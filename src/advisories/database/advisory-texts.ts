import type { Advisory, Affected } from "../../model/findings/advisory.ts";
import { prepareRanges } from "./prepare-ranges.ts";
import { StoredEntry, type WrittenEntry } from "./stored-entry.ts";

// Matching reads thousands of records to print a few, so what it needs is kept short, and apart from what it does not
// need:
//
//   record.body      JSON of the advisory without `id`, `modified`, `affected` and what `background` holds
//   background.body  JSON of `schema_version`, `published`, `references`, and of `details` beside a summary
//   affected.body    JSON of entries of `affected`, where `package` is the text of its `ecosystem` when its name is
//                    that of the row, and `versions` is one text when none of them has a space in it, which then stands
//                    between them; `ranges`, what stands for them, and `unranged` are by `prepare-ranges.ts`

/** An advisory without its entries, as the tables hold it. */
export interface AdvisoryTexts {
  readonly body: string;
  /** Absent when there is nothing in it. */
  readonly background?: string;
}

/** What `background.body` holds. */
export type Background = Pick<Advisory, "schema_version" | "published" | "references" | "details">;

/** What `record.body` holds. */
export type RecordText = Omit<Advisory, "id" | "modified" | "affected">;

/** The texts of an advisory; {@link Background} has a reader's fields, the body all others. */
export function writeAdvisory(advisory: Advisory): AdvisoryTexts {
  const { id: _id, modified: _modified, affected: _affected, ...record } = advisory;
  const { schema_version, published, references, details, ...text } = record;
  // Without a summary the details are what a finding prints.
  const body = JSON.stringify(text.summary ? text : { ...text, details });
  const background = JSON.stringify({ schema_version, published, references, ...(text.summary && { details }) });
  return background === "{}" ? { body } : { body, background };
}

/** The text of entries for the package of this name, as `normaliseName` makes it. */
export function writeAffected(entries: readonly Affected[], name: string): string {
  return JSON.stringify(
    entries.map((entry): WrittenEntry => {
      const { package: named, ranges: _ranges, bounds: _bounds, unranged: _unranged, versions, ...rest } = entry;
      return {
        package:
          named?.name === name ? named.ecosystem : { ecosystem: named?.ecosystem ?? "", name: named?.name ?? "" },
        ...rest,
        ...prepareRanges(entry),
        versions:
          versions?.length && !versions.some((version) => version.includes(" ")) ? versions.join(" ") : versions,
      };
    }),
  );
}

/** The entries of a text by {@link writeAffected}. Throws when it is not one. */
export function readAffected(text: string, name: string): Affected[] {
  const entries = JSON.parse(text) as readonly WrittenEntry[];
  return entries.map((entry) => new StoredEntry(entry, name) as Affected);
}
