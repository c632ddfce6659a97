import type { Extractor } from "../../extractor.ts";
import { damage } from "../damage.ts";
import { readText } from "../read-text.ts";

// Which files a Debian package owns. `info/<package>[:<architecture>].list` has one absolute path per line, folders
// too, each before what it holds. `status.d/<package>.md5sums` (images without dpkg) has 32 hexadecimal digits, two
// spaces and a path without the leading slash per line, files only.

const listSuffix = ".list";
const sumsSuffix = ".md5sums";

/** Reads which files each installed Debian package owns. Folders that the list shows to hold something are left out. */
export const dpkgFiles: Extractor = {
  id: "os/dpkg-files",
  revision: 1,
  files: [
    { directory: "var/lib/dpkg/info", suffixes: [listSuffix] },
    { directory: "var/lib/dpkg/status.d", suffixes: [sumsSuffix] },
  ],
  *extract(file, context) {
    const isList = file.path.endsWith(listSuffix);
    const text = readText(file, context);
    if (text === undefined) return;
    const name = ownerName(file.path, isList ? listSuffix : sumsSuffix);
    const broken = damage(file, context, "line");
    const paths: string[] = [];
    let previous = "";
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const path = withoutRoot(isList ? line : line.slice(line.indexOf(" ") + 1).trimStart());
      if (!isList && !/^[0-9a-f]{32} /.test(line)) broken.note("it does not start with an MD5 sum");
      else if (path !== "") {
        if (isList && isWithin(path, previous)) paths.pop();
        paths.push(path);
        previous = path;
      }
    }
    if (name === "") broken.note("its file name contains no package name");
    else if (paths.length > 0) yield { kind: "ownership", owner: { type: "deb", name }, paths };
    broken.report();
  },
};

function ownerName(path: string, suffix: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1, -suffix.length);
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(0, colon);
}

function withoutRoot(path: string): string {
  let start = 0;
  while (path.startsWith("/", start) || path.startsWith("./", start)) start++;
  return path.slice(start) === "." ? "" : path.slice(start);
}

function isWithin(path: string, folder: string): boolean {
  return folder !== "" && path.length > folder.length && path.startsWith(folder) && path[folder.length] === "/";
}
