import { debPackage, statusRecords } from "../../../io/documents/dpkg-status.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

// The database of opkg has the form of dpkg's: `status`, and in `info` a list of absolute paths for each package. Where
// it lies is a setting; these are those of OpenWrt, Yocto and Entware.

const folders = ["usr/lib/opkg", "var/lib/opkg", "opt/lib/opkg"];

/** Reads the installed packages of OpenWrt and of images made by Yocto, and the files that they own. */
export const opkg: Extractor = {
  id: "os/opkg",
  revision: 1,
  files: folders.flatMap((folder) => [
    { path: `${folder}/status` },
    { directory: `${folder}/info`, suffixes: [".list"] },
  ]),
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  if (name.endsWith(".list")) {
    const paths = text.split("\n").flatMap((line) => (/^\/\S/.test(line) ? [line.trimEnd().replace(/^\/+/, "")] : []));
    const owner = { type: "opkg", name: name.slice(0, -".list".length) } as const;
    if (paths.length > 0 && owner.name !== "") yield { kind: "ownership", owner, paths };
    return;
  }
  const broken = damage(file, context, "record");
  const note = (reason: string): void => broken.note(reason);
  for (const record of statusRecords(text, note)) {
    const found = debPackage(record, { single: false, note });
    if (!found) continue;
    const { source: _source, ...rest } = found;
    yield { kind: "package", package: { ...rest, type: "opkg" } };
  }
  broken.report();
}
