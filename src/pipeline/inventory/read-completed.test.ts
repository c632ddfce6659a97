import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { extractors } from "../../extractors/builtin.ts";
import { headerBlob } from "../../extractors/os/rpm/rpm-fixtures.ts";
import { type Inventory, inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;
const database = "usr/lib/sysimage/rpm/rpmdb.sqlite";
const log = `${database}-wal`;
const { ofDatabase, ofLog } = stoppedRpm();

/** What lies there of a rpm that was stopped behind its second package. */
function stoppedRpm(): { readonly ofDatabase: Buffer; readonly ofLog: Buffer } {
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

type Member = readonly [name: string, content: Uint8Array | string];

function take(...layers: readonly (readonly Member[])[]): Promise<Inventory> {
  const trees = layers.map((members) => tarTree(members.map(([name, content]) => ({ name, content }))));
  return inventory(
    trees.map((tree, index) => ({ tree, name: `layer ${index + 1}`, verifies: true })),
    { extractors, cache: new InventoryCache(undefined, extractors), signal },
  );
}

const namesIn = ({ packages }: Inventory): string[] => packages.map(({ name }) => name);

describe("a database of rpm with a write-ahead log beside it", () => {
  test("is read with what the log holds, in whatever order and layers they lie", async () => {
    for (const layers of [
      [
        [
          [database, ofDatabase],
          [log, ofLog],
        ],
      ],
      [
        [
          [log, ofLog],
          [database, ofDatabase],
        ],
      ],
      [[[database, ofDatabase]], [[log, ofLog]]],
    ] satisfies Member[][][]) {
      const found = await take(...layers);
      expect(namesIn(found)).toEqual(["bash", "zlib"]);
      expect(found.problems).toEqual([]);
    }
  });

  test("is read alone where a layer above took the log away", async () => {
    const found = await take(
      [
        [database, ofDatabase],
        [log, ofLog],
      ],
      [[log.replace("rpmdb", ".wh.rpmdb"), ""]],
    );
    expect(namesIn(found)).toEqual(["bash"]);
    expect(found.problems).toEqual([]);
  });

  test("is a problem where the log is damaged, or there is no database", async () => {
    const damaged = Buffer.from(ofLog);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const found = await take([
      [database, ofDatabase],
      [log, damaged],
    ]);
    expect(namesIn(found)).toEqual(["bash"]);
    expect(found.problems).toMatchObject([{ code: "unreadable", path: database }]);
    const message = `${log} holds changes to ${database} that were not read, so packages may be missing`;
    expect((await take([[log, ofLog]])).problems).toEqual([{ code: "unreadable", message, path: log }]);
  });
});
