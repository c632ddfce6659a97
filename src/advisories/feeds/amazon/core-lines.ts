import { rpm } from "../../../versions/rpm.ts";
import { feedOverLimit } from "../../read-feed-file.ts";
import { readUpdates } from "../updateinfo/updateinfo.ts";

// A package of Amazon Linux 2 does not say from which repository it was installed, and topics have packages of names
// that the core repository has as well, mostly in a later version: emacs 24.3 there and 27.2 in the topic of that name.
// So the version alone shows the fixes of such a topic: it comes after those that the core has, which are known from
// the core's own updates.

/** By package the newest version, with epoch and without release, that updates name: `1:24.3`. */
export type Lines = ReadonlyMap<string, string>;

/** How files of updates are read. */
export interface ReadLinesOptions {
  readonly label: string;
  readonly signal: AbortSignal;
}

const mostNames = 100_000;

/** The lines that files of updates name. Errors: `feed-malformed`, `limit-exceeded`, `cancelled`. */
export async function readLines(files: readonly string[], options: ReadLinesOptions): Promise<Lines> {
  const lines = new Map<string, string>();
  for (const file of files) {
    for await (const { packages } of readUpdates(file, options)) {
      for (const { name, version } of packages) {
        const line = version.slice(0, version.lastIndexOf("-"));
        if (!/^[\w.+~^-]{1,256}$/.test(name) || !/^\d{1,9}:[\w.+~^]{1,256}$/.test(line)) continue;
        const known = lines.get(name);
        if (known === undefined || isHigher(line, known)) lines.set(name, line);
      }
      if (lines.size > mostNames) throw feedOverLimit(`${options.label} have more than ${mostNames} packages`);
    }
  }
  return lines;
}

type CorePosition = Readonly<Record<string, string>>;

/** For each package of a topic the core's line under `core NAME`, empty where the core is not known to have it. */
export function corePosition(topic: Lines, core: Lines): CorePosition {
  return Object.fromEntries([...topic.keys()].sort().map((name) => [`${prefix}${name}`, core.get(name) ?? ""]));
}

const prefix = "core ";

/** True while the core's lines are those of a topic's position. */
export function hasSameLines(position: CorePosition, core: Lines): boolean {
  return Object.entries(position).every(
    ([key, line]) => !key.startsWith(prefix) || (core.get(key.slice(prefix.length)) ?? "") === line,
  );
}

/**
 * The version (EVR) from which on a package that a topic fixes in `fixed` is the topic's; undefined when all are. It is
 * the first after the core's line, or the start of the series that the topic's name holds (`5.10` of `kernel-5.10`)
 * when the package follows it and that is higher. A topic that is behind the core cannot be distinguished from it this
 * way; then the series alone counts.
 */
export function firstVersionOfTopic(
  topic: string,
  { name, fixed, position }: { readonly name: string; readonly fixed: string; readonly position: CorePosition },
): string | undefined {
  const series = seriesStart(topic, fixed);
  const line = position[`${prefix}${name}`];
  const afterCore = line ? `${line}.0` : undefined;
  if (afterCore === undefined || !isHigher(fixed, afterCore)) return series;
  return series !== undefined && isHigher(series, afterCore) ? series : afterCore;
}

/** A topic may hold several things, each with its version: `lamp-mariadb10.2-php7.2`. */
function seriesStart(topic: string, fixed: string): string | undefined {
  const colon = fixed.indexOf(":");
  const numbers = topic.match(/\d+(?:\.\d+)*/g) ?? [];
  const series = numbers.find((number) => fixed.startsWith(`${number}.`, colon + 1));
  return series === undefined ? undefined : `${fixed.slice(0, colon)}:${series}`;
}

function isHigher(version: string, than: string): boolean {
  const [a, b] = [rpm.parse(version), rpm.parse(than)];
  return a !== undefined && b !== undefined && rpm.compare(a, b) > 0;
}
