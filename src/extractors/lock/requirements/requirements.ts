import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isProjectName, isProjectVersion } from "../../language/python/metadata.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Python packages that a requirements file of pip pins (`name==version`). What it does not pin, takes from an
 * address or a folder, or reads from other files (`-r`, `-c`) is a problem, because the file does not say which version
 * that is.
 *
 * Source: pip, "Requirements File Format"; PyPA, "Dependency specifiers".
 */
export const requirements: Extractor = {
  id: "lock/requirements",
  revision: 1,
  files: [{ basename: "requirements.txt" }, { suffix: ".txt", containing: "requirements" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = isUtf16(file) ? readUtf16(file) : readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "requirement");
  for (const line of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const requirement = withoutComment(line).trim();
    if (requirement === "" || isSetting(requirement)) continue;
    const pinned = pinnedBy(requirement);
    if (pinned) yield { kind: "package", package: { type: "pypi", ...pinned } };
    else broken.note(`${JSON.stringify(requirement.slice(0, 100))} does not pin a version`);
  }
  broken.report();
}

/** A comment begins the line or follows a space. */
function withoutComment(line: string): string {
  for (let place = line.indexOf("#"); place >= 0; place = line.indexOf("#", place + 1)) {
    if (place === 0 || /\s/.test(line.charAt(place - 1))) return line.slice(0, place);
  }
  return line;
}

/** `name[extras]==version`, before markers and options. */
function pinnedBy(requirement: string): { readonly name: string; readonly version: string } | undefined {
  const equals = requirement.indexOf("==");
  if (equals < 0) return undefined;
  const before = requirement.slice(0, equals).trim();
  const bracket = before.endsWith("]") ? before.indexOf("[") : -1;
  const name = (bracket < 0 ? before : before.slice(0, bracket)).trim();
  const after = requirement.slice(requirement.startsWith("===", equals) ? equals + 3 : equals + 2).trim();
  const end = after.search(/[\s;,]/);
  const version = end < 0 ? after : after.slice(0, end);
  const rest = end < 0 ? "" : after.slice(end).trim();
  const isExact = /^[^-]/.test(version) && !version.includes("*") && (rest === "" || /^[;-]/.test(rest));
  return isExact && isProjectName(name) && isProjectVersion(version) ? { name, version } : undefined;
}

/** The longest file in UTF-16 that is read, in bytes; the rest is cut off. */
const longestUtf16 = 16 * 1024 * 1024;

/** Whether a file begins as PowerShell writes one: pip reads it by its byte order mark. */
function isUtf16(file: OpenFile): boolean {
  const [first, second] = file.read(0, 2);
  return first === 0xff && second === 0xfe;
}

function readUtf16(file: OpenFile): string {
  return new TextDecoder("utf-16le").decode(file.read(0, Math.min(file.size, longestUtf16)));
}

/** Options that name no package, as `--index-url`. */
function isSetting(requirement: string): boolean {
  return requirement.startsWith("-") && !/^(?:-[rce]|--(?:requirement|constraint|editable))\b/.test(requirement);
}
