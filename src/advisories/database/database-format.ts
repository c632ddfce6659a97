// One SQLite file, written once and never changed:
//
//   application_id   "Plms"        user_version   the version of this format
//
//   meta(key, value)                               builtAt, source, records, digest; behind, where a part is: a list of
//                                                  feed, name and time in JSON
//   part(number, feed, name, revision, position, items, updatedAt, digest, refused)
//                                                  in the order of feed and name; `position` is JSON; `refused` is by
//                                                  `part-refusals.ts`
//   ecosystem(number, name, records, newest)       without the suffix of a release
//   release(number, name, ecosystem)               every ecosystem as advisories and statements write it, with its
//                                                  suffix
//   record(number, part, near, id, modified, state, body)
//                                                  an advisory, in the order of part, near and id; `near` is the first
//                                                  of its packages by name, so that what one look-up finds lies side by
//                                                  side
//   stand_in(record)                               those that count only until the record that they stand for can be
//                                                  read
//   background(record, body)                       what of an advisory is not needed for matching, where it has any
//   package(ecosystem, name, first, last)          the rows of `affected` that are of a package
//   affected(number, record, body)                 the entries of `affected` for one package of one record, in the
//                                                  order of package, part and id, as it is read
//   covered(release, record)                       the releases that the entries of a record name
//   statement(number, part, body)                  a statement as JSON, in the order of part and body
//   stated(ecosystem, name, release, statement)    the packages that a statement is made of
//   entry(kind, key, part, place, body)            facts by CVE, release cycles by product, CPE names by repository, as
//                                                  JSON
//
// A row belongs to one part, so that an update replaces a part and leaves the others. Two parts may hold a record of
// the same id; the one that counts less is marked in `state` and stays, for the other part may go. `affected` and
// `stated` are in the order of packages, so what concerns one lies side by side. Names are as `normaliseName` makes
// them. Numbers follow from the order, and so the bytes of the file follow from its content. `advisory-texts.ts` says
// what the bodies of `record`, `background` and `affected` are.

/** "Plms" in ASCII. */
export const applicationId = 0x506c6d73;

/**
 * Raised when a reader of the old format could not read the new one, and when `normaliseName` or `prepare-ranges.ts`
 * would find something else in the same record, as after a change of an ecosystem's order of versions.
 */
export const formatVersion = 10;

/** Bits of `record.state`. */
export const recordState = {
  /** The publisher has withdrawn it. */
  withdrawn: 1,
  /** Another part holds a record of the same id that counts instead. */
  hidden: 2,
} as const;

/** The kinds of `entry`. */
export type EntryKind = "facts" | "release-cycle" | "repository";

/** The empty tables. */
export const schema: string = `
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${formatVersion};
  CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE part(
    number INTEGER PRIMARY KEY, feed TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, position TEXT NOT NULL,
    items INTEGER NOT NULL, updatedAt TEXT NOT NULL, digest TEXT NOT NULL,
    refused TEXT NOT NULL
  ) STRICT;
  CREATE TABLE ecosystem(number INTEGER PRIMARY KEY, name TEXT NOT NULL, records INTEGER NOT NULL, newest TEXT NOT NULL)
    STRICT;
  CREATE TABLE release(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, ecosystem INTEGER NOT NULL) STRICT;
  CREATE TABLE record(
    number INTEGER PRIMARY KEY, part INTEGER NOT NULL, near TEXT NOT NULL, id TEXT NOT NULL, modified TEXT NOT NULL,
    state INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE stand_in(record INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE background(record INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE package(
    ecosystem INTEGER NOT NULL, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (ecosystem, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE affected(number INTEGER PRIMARY KEY, record INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE covered(release INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (release, record))
    STRICT, WITHOUT ROWID;
  CREATE TABLE statement(number INTEGER PRIMARY KEY, part INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE stated(
    ecosystem INTEGER NOT NULL, name TEXT NOT NULL, release INTEGER NOT NULL, statement INTEGER NOT NULL,
    PRIMARY KEY (ecosystem, name, release, statement)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE entry(
    kind TEXT NOT NULL, key TEXT NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, key, part, place)
  ) STRICT, WITHOUT ROWID;
`;

/** The rows of `affected` in a database attached under a name, with the `ecosystem` and the `name` of their package. */
export function affectedByPackage(attached: string): string {
  return `(SELECT p.ecosystem AS ecosystem, p.name AS name, a.record AS record, a.body AS body
    FROM ${attached}.package p CROSS JOIN ${attached}.affected a ON a.number BETWEEN p.first AND p.last)`;
}
