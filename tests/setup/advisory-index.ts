import { memoryIndex } from "../../src/advisories/database/memory-index.ts";
import type { FeedItem } from "../../src/advisories/feed-item.ts";
import type { Advisory, AdvisoryIndex } from "../../src/model/findings/advisory.ts";

/** An index over these records, and over other items of feeds when there are some. */
export function advisoryIndex(advisories: readonly Advisory[], more: readonly FeedItem[] = []): AdvisoryIndex {
  return memoryIndex(advisories, { kind: "file", builtAt: "2026-01-01T00:00:00Z", source: "a test" }, more);
}
