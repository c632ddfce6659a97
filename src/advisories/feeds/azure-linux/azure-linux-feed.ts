import { isCveId } from "../../../model/findings/cve-id.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { addressesOf, fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { shortenText } from "../../shorten-text.ts";
import { fixedEvents, isBefore, splitVersion } from "../csaf/fixed-events.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { FixLines } from "../errata/fix-lines.ts";
import { affectedBy, type RpmFix } from "../errata/rpm-fix.ts";
import { isRpmVersion } from "../errata/rpm-version-text.ts";
import type { RpmTest } from "../oval/oval-tests.ts";
import { type AzureDefinition, readAzureDefinitions } from "./azure-definitions.ts";

const ecosystem = "Azure Linux";
const maxBytes: number = 1024 * 1024 * 1024;
/** Release 1.0 ended in 2023, so its file may go. */
const documents: readonly TogetherFile[] = [
  { address: "cbl-mariner-1.0-oval.xml", maxBytes, optional: true },
  { address: "cbl-mariner-2.0-oval.xml", maxBytes },
  { address: "azurelinux-3.0-oval.xml", maxBytes },
];

/**
 * What Microsoft knows of vulnerabilities in Azure Linux, called CBL-Mariner before release 3, from its OVAL
 * definitions: fixed, not fixed, and not applicable. The packages that it names may be source or binary packages.
 */
export const azureLinuxFeed: AdvisoryFeed = {
  id: "azure-linux",
  revision: 4,
  title: "Azure Linux Vulnerability Data",
  ecosystems: [ecosystem],
  address: "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/",
  licence: "MIT",
  redistributable: true,
  fetch,
  parse,
};

async function* fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
  yield await fetchTogether(source, { part: "all", previous: previous("all"), files: () => documents });
}

/** Known facts about one CVE. */
interface Known {
  readonly lines: FixLines;
  readonly severities: Set<string>;
  updated?: string | undefined;
  readonly notApplicable: { readonly ecosystem: string; readonly name: string; readonly words: string | undefined }[];
}

async function* parse(part: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const cves = new Map<string, Known>();
  for (const [index, label] of addressesOf(part).entries()) {
    const path = part.files[index];
    const release = /-(\d+)\.\d+-oval\.xml$/.exec(label)?.[1];
    if (path === undefined || release === undefined) continue;
    for await (const definition of readAzureDefinitions(path, { label, context })) {
      note(definition, { cves, ecosystem: `${ecosystem}:${release}`, context });
    }
  }
  for (const [cve, known] of cves) yield* itemsOf(cve, known);
}

function note(
  definition: AzureDefinition,
  { cves, ecosystem, context }: { cves: Map<string, Known>; ecosystem: string; context: Context },
): void {
  const { id, cve, patchable, severity, date, description, conditions, unread } = definition;
  const [first] = conditions;
  if (!isCveId(cve)) {
    const message = `definition ${JSON.stringify(id.slice(0, 100))} in ${azureLinuxFeed.title} has no CVE`;
    context.problem({ code: "unreadable", message });
    return;
  }
  const known: Known = cves.get(cve) ?? {
    lines: new FixLines(cve, context),
    severities: new Set(),
    notApplicable: [],
  };
  cves.set(cve, known);
  if (!first) {
    known.lines.lose(`has a definition in ${azureLinuxFeed.title} that tests no version`);
    return;
  }
  if (severity) known.severities.add(severity);
  if (date && date > (known.updated ?? "")) known.updated = date;
  if (patchable === "Not Applicable") {
    known.notApplicable.push({ ecosystem, name: first.name, words: lastSentence(description) });
    return;
  }
  if (unread !== undefined) {
    known.lines.lose(
      `has a definition in ${azureLinuxFeed.title} with ${unread.slice(0, 100)}, which is not supported`,
    );
    for (const name of new Set(conditions.map((condition) => condition.name)))
      known.lines.addUnread({ ecosystem, name });
    return;
  }
  const below = conditions.find(({ operation }) => operation.startsWith("less than"));
  const above = conditions.find(({ operation }) => operation.startsWith("greater than"));
  const place = { ecosystem, name: first.name };
  const reason = patchable === "false" && { reason: "No patch is available currently" };
  if (!below) {
    known.lines.add({ ...place, introduced: above?.version, ...reason });
    return;
  }
  const versions = versionsIn(below.version);
  const isFix = below.operation === "less than";
  const lines = isFix ? fixedLines(versions) : versions.map((lastAffected) => ({ lastAffected }));
  if (!lines) {
    const fault = `unsupported fixed versions: ${below.version.slice(0, 100)}`;
    known.lines.lose(`has a definition in ${azureLinuxFeed.title} with ${fault}`);
    known.lines.addUnread(place);
  }
  for (const line of lines ?? []) {
    const part = partAbove(line, above);
    if (part) known.lines.add({ ...place, ...part, ...reason });
  }
}

/** Versions of a package that are affected. */
type AffectedLine = Pick<RpmFix, "introduced" | "fixed" | "lastAffected">;

/** What of a line lies above a version; undefined when no version does, as below 2 and above 3, or between 2 and 2. */
function partAbove(line: AffectedLine, above: RpmTest | undefined): AffectedLine | undefined {
  if (!above) return line;
  const { version } = above;
  const { fixed, lastAffected, introduced: start } = line;
  const introduced = start !== undefined && isBefore(version, start) ? start : version;
  const isLastLeftOut = introduced === version && above.operation === "greater than";
  const isOver =
    fixed === undefined && !isLastLeftOut
      ? isBefore(lastAffected ?? "", introduced)
      : !isBefore(introduced, fixed ?? lastAffected ?? "");
  const isRead = [introduced, fixed ?? lastAffected ?? ""].every(isRpmVersion);
  return isRead && isOver ? undefined : { ...line, introduced };
}

/**
 * One definition has the fixes of several lines of a package, `0:1.17.13-2,1.18.8-2,1.21.6-1.azl3`, of which only the
 * first has the epoch.
 */
function versionsIn(list: string | undefined): string[] {
  const [first, ...others] = list?.split(",") ?? [];
  if (first === undefined) return [];
  const { epoch } = splitVersion(first);
  return [first, ...others.map((version) => (version.includes(":") ? version : `${epoch}${version}`))];
}

/**
 * A line has the first two numbers of its fix; a version between two lines has the fix of the higher one ahead.
 * Undefined for several fixes that do not all begin with a number.
 */
function fixedLines(versions: readonly string[]): AffectedLine[] | undefined {
  if (!versions.every(isRpmVersion)) return versions.map((fixed) => ({ fixed }));
  if (versions.length > 1 && !versions.every((text) => /^\d/.test(splitVersion(text).version))) return undefined;
  let introduced: string | undefined;
  return fixedEvents(versions, lineStart).flatMap((event) => {
    if (event.fixed !== undefined) return introduced === undefined ? event : { introduced, fixed: event.fixed };
    if (event.introduced !== "0") introduced = event.introduced;
    return [];
  });
}

/** Where the line below ends; undefined when both are of one line. */
function lineStart(lower: string, higher: string): string | undefined {
  const [low, high] = [lineOf(lower), lineOf(higher)];
  if (low.epoch === high.epoch && low.major === high.major && low.minor === high.minor) return undefined;
  return low.minor === undefined ? `${low.epoch}${low.major + 1}-0` : `${low.epoch}${low.major}.${low.minor + 1}-0`;
}

interface ReleaseLine {
  readonly epoch: string;
  readonly major: number;
  readonly minor: number | undefined;
}

function lineOf(text: string): ReleaseLine {
  const { epoch, version } = splitVersion(text);
  const [, major = "0", minor] = /^(\d{1,9})(?:\.(\d{1,9}))?/.exec(version) ?? [];
  return { epoch, major: Number(major), minor: minor === undefined ? undefined : Number(minor) };
}

function lastSentence(text: string | undefined): string | undefined {
  if (!text?.endsWith(".")) return undefined;
  return text.slice(text.lastIndexOf(".", text.length - 2) + 1).trim();
}

function* itemsOf(cve: string, { lines, severities, updated, notApplicable }: Known): Generator<FeedItem> {
  const id = `AZL-${cve}`;
  yield* lines.items(id, (fixes) =>
    erratumAdvisory({
      id,
      cves: [cve],
      updated,
      severities: [...severities].map((score) => ({ source: "Azure Linux", type: "word", score })),
      affected: affectedBy(fixes, []),
    }),
  );
  // Another definition of the same CVE that names versions counts for more.
  const seen = new Set(lines.fixes.map((fix) => `${fix.ecosystem} ${fix.name}`));
  for (const { ecosystem, name, words } of notApplicable) {
    const place = `${ecosystem} ${name}`;
    if (seen.has(place)) continue;
    seen.add(place);
    const statement: VexStatement = {
      vulnerability: { name: cve },
      products: [],
      status: "not_affected",
      ...(words && { impact_statement: shortenText(words) }),
      author: azureLinuxFeed.title,
    };
    yield { kind: "statement", ecosystem, name, statement };
  }
}
