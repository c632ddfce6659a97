// One SQLite file, written once and never changed:
//
//   application_id   "Plms"        user_version   the version of this format
//
//   meta(key, value)                               builtAt, source
//   ecosystem(number, name, records, newest)       without the suffix of a release
//   release(name)                                  every ecosystem as records write it, with its suffix
//   record(number, body)                           an advisory as JSON, without `affected`
//   affected(ecosystem, name, record, body)        the entries of `affected` for one package of one record, as JSON
//
// `affected` is clustered by its key, so a package's advisories lie side by side. Names are as `normaliseName` makes them.

/** "Plms" in ASCII. */
export const applicationId = 0x506c6d73;

/** Raised when a reader of the old format could not read the new one. */
export const formatVersion = 1;

/** The empty tables. */
export const schema: string = `
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${formatVersion};
  CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ecosystem(number INTEGER PRIMARY KEY, name TEXT NOT NULL, records INTEGER NOT NULL, newest TEXT NOT NULL)
    STRICT;
  CREATE TABLE release(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE record(number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE affected(
    ecosystem INTEGER NOT NULL, name TEXT NOT NULL, record INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (ecosystem, name, record)
  ) STRICT, WITHOUT ROWID;
`;
