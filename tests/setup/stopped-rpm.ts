import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { headerBlob } from "../../src/extractors/os/rpm/rpm-fixtures.ts";

/** Where rpm keeps its database. */
export const rpmDatabase = "usr/lib/sysimage/rpm/rpmdb.sqlite";

/** What lies there of a rpm that was stopped behind its second package: `bash` in the database, `zlib` in the log. */
export function stoppedRpm(folder: string): { readonly ofDatabase: Buffer; readonly ofLog: Buffer } {
  const path = join(folder, "rpmdb.sqlite");
  using sqlite = new DatabaseSync(path);
  sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  sqlite.exec("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");
  const insert = sqlite.prepare("INSERT INTO Packages (blob) VALUES (?)");
  const blob = (name: string): Uint8Array =>
    headerBlob([
      [1000, name],
      [1001, "1"],
      [1002, "2"],
    ]);
  insert.run(blob("bash"));
  sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  insert.run(blob("zlib"));
  return { ofDatabase: readFileSync(path), ofLog: readFileSync(`${path}-wal`) };
}
