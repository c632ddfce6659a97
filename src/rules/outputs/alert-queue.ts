/** What waits to be delivered, oldest first. One reader takes from it. */
export interface AlertQueue {
  /** Lines that are not acknowledged yet. */
  readonly depth: number;
  /** The bytes that they take. */
  readonly bytes: number;
  /** True when what was acknowledged to the writer outlives the process. */
  readonly isDurable: boolean;
  /**
   * Takes a line; false when the queue is full and the line was not taken. The newest is refused, since the older ones
   * were promised, and so that noise during an outage cannot push out how an attack began. The last fifth is for what
   * is urgent. A line is UTF-8 and not longer than {@link longestLine}.
   *
   * Error: {@link PlimsollError} `output-not-written` when it cannot be kept.
   */
  enqueue(line: string, options?: { readonly isUrgent?: boolean }): Promise<boolean>;
  /**
   * The oldest lines, at most `count` and about a megabyte, at least one if there is one. They stay until acknowledged.
   */
  peek(count: number): readonly string[];
  /**
   * Forgets the oldest `count` lines. Error: {@link PlimsollError} `output-not-written` when the next process may see
   * them again.
   */
  acknowledge(count: number): void;
  close(): Promise<void>;
}

/** The most bytes of one line. */
export const longestLine: number = 1 << 20;

/** The share of a queue that is open to every line. */
const openShare = 0.8;

/** Whether a queue of at most `maxBytes` takes `bytes` more. */
export function hasRoom(
  bytes: number,
  { used, maxBytes, isUrgent }: { readonly used: number; readonly maxBytes: number; readonly isUrgent: boolean },
): boolean {
  return used + bytes <= (isUrgent ? maxBytes : maxBytes * openShare);
}

/** As many of the lines as fit into about a megabyte, at least one. */
export function boundedBatch(lines: readonly string[], count: number): readonly string[] {
  let bytes = 0;
  let end = 0;
  while (end < Math.min(count, lines.length)) {
    bytes += lines[end]?.length ?? 0;
    if (end > 0 && bytes > longestLine) break;
    end++;
  }
  return lines.slice(0, end);
}
