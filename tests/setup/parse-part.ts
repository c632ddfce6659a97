import type { AdvisoryFeed, FeedPart } from "../../src/advisories/advisory-feed.ts";
import type { FeedItem } from "../../src/advisories/feed-item.ts";
import { type Advisory, advisoryExtension, affectedExtension } from "../../src/model/findings/advisory.ts";
import type { Problem } from "../../src/model/reports/problem.ts";

/** What a feed makes of files, by kind. */
export interface ParsedPart {
  readonly items: readonly FeedItem[];
  readonly advisories: readonly Advisory[];
  readonly statements: readonly Extract<FeedItem, { kind: "statement" }>[];
  readonly problems: readonly Problem[];
}

/** Parses files as a part of a feed. */
export async function parsePart(
  feed: AdvisoryFeed,
  part: Pick<FeedPart, "name" | "files"> & Partial<FeedPart>,
): Promise<ParsedPart> {
  const problems: Problem[] = [];
  const items: FeedItem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  for await (const item of feed.parse({ state: "whole", position: {}, ...part }, context)) items.push(item);
  return {
    items,
    problems,
    advisories: items.flatMap((item) => (item.kind === "advisory" ? [item.advisory] : [])),
    statements: items.flatMap((item) => (item.kind === "statement" ? [item] : [])),
  };
}

/** One line for each entry: `ECOSYSTEM NAME [INTRODUCED, FIXED)` with what restricts it behind, sorted. */
export function entryLines(advisory: Advisory | undefined): string[] {
  const lines = (advisory?.affected ?? []).flatMap((entry) => {
    const { architectures, module, channel } = affectedExtension(entry);
    const restrictions = [architectures?.join(","), module, channel].filter((text) => text !== undefined);
    return (entry.ranges ?? []).map(({ events }) => {
      const introduced = events.find((event) => event.introduced !== undefined)?.introduced ?? "?";
      const fixed = events.find((event) => event.fixed !== undefined)?.fixed;
      const last = events.find((event) => event.last_affected !== undefined)?.last_affected;
      const range = `[${introduced}, ${fixed !== undefined ? `${fixed})` : last !== undefined ? `${last}]` : ")"}`;
      return [entry.package?.ecosystem, entry.package?.name, range, ...restrictions].join(" ");
    });
  });
  return lines.sort();
}

/** The words in which publishers rate an advisory. */
export function severityWords(advisory: Advisory | undefined): string[] {
  const severities = advisory ? (advisoryExtension(advisory).severities ?? []) : [];
  return severities.flatMap(({ type, score }) => (type === "word" ? [score] : []));
}
