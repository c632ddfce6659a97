import type { XmlElement } from "../../../io/documents/xml.ts";
import type { SeverityStatement } from "../../../model/findings/advisory.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { childOf, childrenOf, readFeedXml, textOf } from "../../read-feed-xml.ts";
import { erratumAdvisory } from "../errata/erratum.ts";
import { FixLines } from "../errata/fix-lines.ts";
import { affectedBy } from "../errata/rpm-fix.ts";
import { ovalDefinition } from "../oval/oval-definition.ts";
import { elsaFixes } from "./elsa-fixes.ts";

const file = "com.oracle.elsa-all.xml.bz2";
const largestFile: number = 1024 * 1024 * 1024;
/** The architectures of Oracle Linux today; a fix for both is for all. */
const architectures: readonly string[] = ["aarch64", "x86_64"];

/**
 * The security advisories of Oracle Linux (ELSA), from its OVAL definitions. There is no word on what is not fixed.
 * Fixes for builds of another flavour carry their channel: `ksplice` for user-space packages that Ksplice can patch,
 * `fips` for validated ones.
 */
export const oracleFeed: AdvisoryFeed = {
  id: "oracle",
  revision: 3,
  title: "Oracle Linux Security",
  ecosystems: ["Oracle Linux"],
  address: "https://linux.oracle.com/security/oval/",
  licence: "not stated",
  redistributable: true,
  fetch: (source, options) => fetchSingleFile(source, options, { name: "all", address: file, maxBytes: largestFile }),
  parse,
};

async function* parse({ files }: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const options = {
    label: "Oracle's OVAL file",
    root: "oval_definitions",
    elements: new Set(["definition"]),
    signal: context.signal,
  };
  const seen = new Set<string>();
  for (const path of files) {
    for await (const element of readFeedXml(path, options)) yield* itemsOf(element, { seen, context });
  }
}

function* itemsOf(
  element: XmlElement,
  { seen, context }: { readonly seen: Set<string>; readonly context: Context },
): Generator<FeedItem> {
  const { id: definition, title, description, references, metadata, criteria } = ovalDefinition(element);
  const own = references.find(({ source }) => source.toLowerCase() === "elsa");
  const id = own?.id ?? /^\s*(EL[A-Z]A-\d{4}-[\w-]+):/.exec(title ?? "")?.[1] ?? "";
  if (!/^EL[A-Z]A-\d{4}-\d{1,6}(-\d{1,3})?$/.test(id)) {
    const message = `a definition in Oracle's OVAL file has no advisory id: ${JSON.stringify(definition.slice(0, 100))}`;
    context.problem({ code: "unreadable", message });
    return;
  }
  if (seen.has(id)) {
    const message = `${id} has several definitions in Oracle's OVAL file; only the first is used`;
    context.problem({ code: "unreadable", message });
    return;
  }
  seen.add(id);
  const advisory = childOf(metadata, "advisory");
  const named = childrenOf(advisory, "cve");
  const cves = [
    ...references.filter(({ source }) => source === "CVE").map((each) => each.id),
    ...named.map(({ text }) => text),
  ];
  if (!id.startsWith("ELSA-") && cves.length === 0) return;
  const lines = new FixLines(id, context);
  const { fixes, unread, unknown } = criteria ? elsaFixes(criteria) : { fixes: [], unread: [] };
  for (const what of unread) lines.lose(what);
  // Beside fixes it hardly is another one.
  if (unknown !== undefined && fixes.length > 0) context.problem({ code: "unreadable", message: `${id} ${unknown}` });
  else if (unknown !== undefined) lines.lose(unknown);
  for (const fix of fixes) lines.add(fix);
  if (fixes.length === 0 && unread.length === 0 && unknown === undefined) lines.lose("names no package");
  yield* lines.items(id, (usable) =>
    erratumAdvisory({
      id,
      cves,
      title: titleOf(title, id),
      description,
      issued: childOf(advisory, "issued")?.attributes["date"],
      severities: severitiesOf(textOf(advisory, "severity"), named),
      address: own?.address,
      affected: affectedBy(usable, architectures),
    }),
  );
}

/** Without the id before it and the severity behind it. */
function titleOf(title: string | undefined, id: string): string | undefined {
  const plain = title?.startsWith(`${id}:`) ? title.slice(id.length + 1) : title;
  return plain
    ?.trimEnd()
    .replace(/\((?:[A-Z]+|N\/A)\)$/, "")
    .trim();
}

/** The word for the advisory and, where it is about one CVE, that CVE's vector: `cvss3="8.1/CVSS:3.0/AV:N/…"`. */
function severitiesOf(word: string | undefined, cves: readonly XmlElement[]): SeverityStatement[] {
  const severities: SeverityStatement[] = [];
  if (word && word !== "N/A") severities.push({ source: "Oracle", type: "word", score: word });
  const vector =
    cves.length === 1
      ? /^[\d.]*\/?(CVSS:3\.[01]\/\S{1,200})$/.exec(cves[0]?.attributes["cvss3"] ?? "")?.[1]
      : undefined;
  if (vector) severities.push({ source: "Oracle", type: "CVSS_V3", score: vector });
  return severities;
}
