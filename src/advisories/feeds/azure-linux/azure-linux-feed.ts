import { isCveId } from "../../../model/cve-id.ts";
import type { Context } from "../../../model/plugin.ts";
import type { VexStatement } from "../../../model/vex.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { addressesOf, fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { shortenText } from "../../shorten-text.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { affectedBy, isUsable, type RpmFix } from "../errata/rpm-fix.ts";
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
  revision: 1,
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

/** What is said of one CVE. */
interface Known {
  readonly fixes: RpmFix[];
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
  const { id, cve, patchable, severity, date, description, conditions } = definition;
  const [first] = conditions;
  if (!isCveId(cve) || !first) {
    const message = `definition ${JSON.stringify(id.slice(0, 100))} of ${azureLinuxFeed.title} has no CVE or no version that it tests`;
    context.problem({ code: "unreadable", message });
    return;
  }
  const known: Known = cves.get(cve) ?? { fixes: [], severities: new Set(), notApplicable: [] };
  cves.set(cve, known);
  if (severity) known.severities.add(severity);
  if (date && date > (known.updated ?? "")) known.updated = date;
  if (patchable === "Not Applicable") {
    known.notApplicable.push({ ecosystem, name: first.name, words: lastSentence(description) });
    return;
  }
  const below = conditions.find(({ operation }) => operation.startsWith("less than"));
  const above = conditions.find(({ operation }) => operation.startsWith("greater than"));
  const fix: RpmFix = {
    ecosystem,
    name: first.name,
    introduced: above?.version,
    ...(below?.operation === "less than" && { fixed: below.version }),
    ...(below?.operation === "less than or equal" && { lastAffected: below.version }),
    ...(patchable === "false" && { reason: "No patch is available currently" }),
  };
  if (isUsable(fix, cve, context)) known.fixes.push(fix);
}

function lastSentence(text: string | undefined): string | undefined {
  if (!text?.endsWith(".")) return undefined;
  return text.slice(text.lastIndexOf(".", text.length - 2) + 1).trim();
}

function* itemsOf(cve: string, { fixes, severities, updated, notApplicable }: Known): Generator<FeedItem> {
  if (fixes.length > 0) {
    const advisory = erratumAdvisory({
      id: `AZL-${cve}`,
      cves: [cve],
      updated,
      severities: [...severities].map((score) => ({ source: "Azure Linux", type: "word", score })),
      affected: affectedBy(fixes, []),
    });
    yield { kind: "advisory", advisory };
  }
  // Another definition of the same CVE that names versions counts for more.
  const seen = new Set(fixes.map((fix) => `${fix.ecosystem} ${fix.name}`));
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
