/** A part of a layer. */
export interface ByteRange {
  /** The first byte. */
  readonly from: number;
  /** The byte after the last. */
  readonly to: number;
}

/** To read over a gap of so many bytes is cheaper than a request more: what a request costs, in bytes. */
const requestCost: number = 64 * 1024;

/** Requests are not joined beyond so many bytes. */
const largestRequest: number = 4 * 1024 * 1024;
/** The most requests for parts that are planned together. */
const mostRequests = 2_000;

/**
 * Joins ranges that follow each other closely, and with more than {@link mostRequests} left those further apart, until
 * there are fewer or it helps no more. The order stays; each range lies within one that is returned, none before the
 * last one's.
 */
export function joinRanges(ranges: Iterable<ByteRange>): readonly ByteRange[] {
  const all = [...ranges];
  for (let gap = requestCost; ; gap *= 2) {
    const joined = joinOver(all, gap);
    if (joined.length <= mostRequests || gap >= largestRequest) return joined;
  }
}

function joinOver(ranges: readonly ByteRange[], gap: number): readonly ByteRange[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = joined.at(-1);
    const isNear = last !== undefined && from >= last.from && from <= last.to + gap;
    if (isNear && (to <= last.to || to - last.from <= largestRequest)) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** What it costs to fetch these ranges, in bytes; infinite for more than {@link mostRequests}. */
export function costOf(ranges: readonly ByteRange[]): number {
  if (ranges.length > mostRequests) return Number.POSITIVE_INFINITY;
  return ranges.reduce((sum, { from, to }) => sum + to - from + requestCost, 0);
}
