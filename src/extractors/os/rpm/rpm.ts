import type { FilePattern, OpenFile } from "../../../model/images/file.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { type Damage, damage } from "../damage.ts";
import { ownedPaths } from "../owned-paths.ts";
import { isPackage, rpmPackage } from "../rpm-package.ts";
import { berkeleyBlobs } from "./berkeley-blobs.ts";
import { ndbBlobs } from "./ndb-blobs.ts";
import { type BlobReader, rpmDatabase } from "./rpm-database.ts";
import { type RpmHeader, readRpmHeader } from "./rpm-header.ts";
import { sqliteBlobs } from "./sqlite-blobs.ts";
import { holdsTransaction, withTransactions } from "./write-ahead-log.ts";

const folders: readonly string[] = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];
const names: readonly string[] = ["rpmdb.sqlite", "Packages.db", "Packages"];
const logEnd = "-wal";
const logName = `rpmdb.sqlite${logEnd}`;
const largestDatabase = 512 * 1024 * 1024;

/** By the bytes that a database starts with, after `at` others. */
const formats: readonly { readonly at: number; readonly magic: readonly number[]; readonly blobs: BlobReader }[] = [
  { at: 0, magic: [..."SQLite format 3\0"].map((letter) => letter.charCodeAt(0)), blobs: sqliteBlobs },
  { at: 0, magic: [0x52, 0x70, 0x6d, 0x50], blobs: ndbBlobs },
  { at: 12, magic: [0x61, 0x15, 0x06, 0x00], blobs: berkeleyBlobs },
  { at: 12, magic: [0x00, 0x06, 0x15, 0x61], blobs: berkeleyBlobs },
];

/**
 * Reads the installed packages of Red Hat's, SUSE's and other distributions from the database of rpm, and the files
 * that they own. The three formats are recognised by their first bytes, whatever the file is called.
 *
 * rpm empties SQLite's write-ahead log when it closes the database. A log that holds a transaction is left by an rpm
 * that was stopped: the database is read with its content. A log that is damaged is a problem.
 */
export const rpm: Extractor = {
  id: "os/rpm",
  revision: 3,
  files: folders.flatMap((folder) => [...names, logName].map((name): FilePattern => ({ path: `${folder}/${name}` }))),
  *extract(written, context) {
    const broken = damage(written, context, "part");
    const file = written.completedBy ? withTransactions(written, { log: written.completedBy, broken }) : written;
    if (file.path.endsWith(`/${logName}`)) {
      if (holdsTransaction(file)) yield { kind: "completes", path: file.path.slice(0, -logEnd.length) };
      return;
    }
    if (file.size > largestDatabase) {
      const message = `${file.path} was not read: it is ${file.size} bytes; the limit is ${largestDatabase} bytes`;
      context.problem({ code: "limit-exceeded", message, path: file.path });
      return;
    }
    const blobs = format(file);
    if (blobs === undefined) {
      broken.note(file.size === 0 ? "it is empty" : "it is not an rpm database in SQLite, ndb or Berkeley DB form");
    } else {
      const path = ownedPaths(broken);
      for (const blob of blobs(rpmDatabase(file, broken))) {
        const header = readRpmHeader(blob);
        if (typeof header === "string") broken.note(header);
        else yield* facts(header, { broken, path });
      }
    }
    broken.report();
  },
};

function format(file: OpenFile): BlobReader | undefined {
  const start = file.read(0, 16);
  return formats.find(({ at, magic }) => magic.every((byte, index) => start[at + index] === byte))?.blobs;
}

function* facts(
  header: RpmHeader,
  { broken, path }: { broken: Damage; path: (folder: string, name: string) => string | undefined },
): Generator<Extraction> {
  const { name, version, release, fault } = header;
  if (fault !== undefined) broken.note(fault);
  if (!name || !version || !release) {
    if (fault === undefined)
      broken.note(`a header of the package ${name ?? "without a name"} lacks a name, a version or a release`);
    return;
  }
  if (!isPackage(name)) return;
  const found: FoundPackage = rpmPackage({ ...header, name, version: `${version}-${release}` });
  yield { kind: "package", package: found };
  const paths: string[] = [];
  for (const file of header.files) {
    const folder = header.folders[file.folder];
    const owned = folder === undefined ? undefined : path(folder, file.name);
    if (folder === undefined) broken.note(`the package ${name} has a file in a folder that is not listed`);
    if (owned) paths.push(owned);
  }
  if (paths.length > 0) yield { kind: "ownership", owner: { type: "rpm", name }, paths };
}
