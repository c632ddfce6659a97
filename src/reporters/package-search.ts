import type { PackageMatch, PackageSearchSummary } from "../model/packages/package-search.ts";
import { counted } from "../model/text/counted.ts";
import { harmlessJson, jsonText } from "./json.ts";
import { printable } from "./terminal-text.ts";
import { ageText } from "./workloads-image.ts";

/** A search to print. */
export interface ShownSearch {
  readonly query: string;
  /** The current time, RFC 3339; ages are relative to it. */
  readonly createdAt: string;
  readonly matches: Iterable<PackageMatch>;
  /** Called after the last match. */
  readonly summary: () => PackageSearchSummary;
}

const mostUnknown = 20;

/**
 * Text for a terminal: each image with its packages, then the searched registries with their age, and the unknown
 * images. Control characters are escaped.
 */
export function* packageSearchText(search: ShownSearch): Iterable<string> {
  let last = "";
  for (const { registry, repository, tags, digest, manifestDigest, package: found, ...match } of search.matches) {
    const name = `${registry}/${repository}${tags.length === 0 ? "" : `:${tags.join(",")}`}@${digest}`;
    const own = manifestDigest === digest ? "" : ` (${manifestDigest})`;
    if (name + own !== last) yield `${last === "" ? "" : "\n"}${printable(name + own)}\n`;
    last = name + own;
    const places = found.paths.length === 0 ? "" : `  ${found.paths.join(", ")}`;
    const layer = found.layer === null ? "" : `  layer ${found.layer}${layerText(match.layerDigest)}`;
    const doubt = match.undecided ? "  version cannot be compared" : "";
    yield `  ${printable(`${found.type} ${found.name} ${found.version}${places}${layer}${doubt}`)}\n`;
  }
  if (last !== "") yield "\n";
  yield* summaryText(search, search.summary());
}

function layerText(digest: string | undefined): string {
  return digest === undefined ? "" : ` ${digest.slice(0, 19)}`;
}

function* summaryText({ query, createdAt }: ShownSearch, summary: PackageSearchSummary): Iterable<string> {
  const { answer, scopes, oldest, images, found, unknown, unknownCount, similar } = summary;
  const name = printable(query);
  const all = counted(images, "scanned image");
  if (answer === "found") yield `${name} is in ${found} of ${all}.\n`;
  if (answer === "not-found") yield `${name} is not in any of ${all}.\n`;
  if (answer === "cannot-tell") yield `CANNOT TELL: ${name} was not found in ${all}, but not all images are known.\n`;
  if (similar.length > 0) yield `Similar names: ${printable(similar.join(", "))}. Use * as a wildcard.\n`;
  for (const scope of scopes) {
    yield `${printable(scope.name)}: scanned ${ageText(scope.scannedAt, createdAt)} ago (${scope.scannedAt})\n`;
  }
  if (oldest !== undefined) yield `Oldest image scan: ${ageText(oldest, createdAt)} ago (${oldest})\n`;
  if (unknownCount === 0) return;
  yield `\nNot known (${unknownCount}):\n`;
  for (const { registry, repository = "", tags = [], digest = "", reason } of unknown.slice(0, mostUnknown)) {
    const tag = tags.length > 0 ? `:${tags.join(",")}` : digest === "" ? "" : `@${digest}`;
    yield `  ${printable(`${registry}${repository === "" ? "" : `/${repository}`}${tag}: ${reason}`)}\n`;
  }
  if (unknownCount > mostUnknown) yield `  and ${unknownCount - mostUnknown} more\n`;
}

/** JSON: the matches, written one by one, then the members of the summary. */
export function* packageSearchJson({ query, createdAt, matches, summary }: ShownSearch): Iterable<string> {
  yield `{\n  "schemaVersion": 1,\n  "createdAt": ${JSON.stringify(createdAt)},\n`;
  yield `  "query": ${harmlessJson(JSON.stringify(query))},\n  "matches": [`;
  let opening = "\n";
  for (const match of matches) {
    yield `${opening}    ${[...jsonText(match)].join("").trimEnd().replaceAll("\n", "\n    ")}`;
    opening = ",\n";
  }
  yield opening === "\n" ? "],\n" : "\n  ],\n";
  yield [...jsonText(summary())].join("").slice("{\n".length);
}
