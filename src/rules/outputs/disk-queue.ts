import { closeSync, fsyncSync, openSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../io/files/make-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { type AlertQueue, boundedBatch, hasRoom, longestLine } from "./alert-queue.ts";
import { lockQueue, type QueueLock } from "./queue-lock.ts";
import { PositionFile, type QueuePosition } from "./queue-position.ts";
import { queueRecord, recordOverhead } from "./queue-record.ts";
import { SegmentReader } from "./queue-segment.ts";
import { SegmentWriter } from "./queue-segment-writer.ts";

/** Options of a queue on disk. */
export interface DiskQueueOptions {
  /** The most bytes of all its files; 256 MiB unless given. */
  readonly maxBytes?: number;
  /**
   * `power`: a line is acknowledged to the writer when the disk has it; lines that come at about the same time share
   * one flush. `process`: when the operating system has it, which outlives a killed process and not a power failure.
   */
  readonly outlives?: "power" | "process";
}

interface OpenSegment<F> {
  readonly segment: number;
  readonly file: F;
}

interface WaitingLine {
  readonly line: string;
  readonly position: QueuePosition;
}

/**
 * A queue in a folder: segment files that only grow, each record with a checksum, and a file that says how far they
 * were delivered. Every line whose `enqueue` was fulfilled with true comes out of `peek` until it is acknowledged, also
 * in the next process, whenever this one is killed. After a crash a few acknowledged lines may come again. Torn or
 * damaged records are skipped. Segments go when all of theirs is acknowledged.
 */
export class DiskQueue implements AlertQueue {
  readonly isDurable = true;
  /** Stretches of bytes that were not records, which a crash leaves at the end of a segment. */
  readonly damaged: number;
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #flushes: boolean;
  readonly #lock: QueueLock;
  readonly #position: PositionFile;
  /** Bytes of each segment that is there, oldest first; the last may be the one that is written to. */
  readonly #sizes = new Map<number, number>();
  #used = 0;
  #bytes = 0;
  #depth = 0;
  #next: number;
  #writer: OpenSegment<SegmentWriter> | undefined;
  #reader: OpenSegment<SegmentReader> | undefined;
  /** Peeked at, oldest first. */
  #waiting: WaitingLine[] = [];
  #waitingBytes = 0;

  /** Makes the folder if there is none. Error: {@link PlimsollError} `output-not-written`. */
  static async open(folder: string, options: DiskQueueOptions = {}): Promise<DiskQueue> {
    try {
      makeFolder(folder, { mode: 0o700 });
      const lock = await lockQueue(folder);
      try {
        return new DiskQueue(folder, { ...options, lock });
      } catch (cause) {
        await lock.release();
        throw cause;
      }
    } catch (cause) {
      throw cause instanceof PlimsollError ? cause : failure(folder, cause);
    }
  }

  private constructor(
    folder: string,
    { maxBytes = 256 << 20, outlives = "power", lock }: DiskQueueOptions & { readonly lock: QueueLock },
  ) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#segmentBytes = Math.min(4 << 20, maxBytes / 8);
    this.#flushes = outlives === "power";
    this.#lock = lock;
    this.#position = new PositionFile(join(folder, "position"));
    const reached = this.#position.position;
    const found = readdirSync(folder)
      .flatMap(segmentOf)
      .sort((a, b) => a - b);
    // A number is not used twice, so that a position never points into a newer segment than it was written for.
    this.#next = Math.max(0, found.at(-1) ?? 0, reached?.segment ?? 0) + 1;
    let damaged = 0;
    for (const segment of found) {
      damaged += reached !== undefined && segment < reached.segment ? 0 : this.#count(segment);
      if (reached !== undefined && this.#isDelivered(segment, reached)) this.#remove(segment);
    }
    this.damaged = damaged;
  }

  get depth(): number {
    return this.#depth;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async enqueue(line: string, { isUrgent = false }: { readonly isUrgent?: boolean } = {}): Promise<boolean> {
    if (line.length > longestLine) return false;
    const record = queueRecord(line);
    if (record.length - recordOverhead > longestLine) return false;
    if (!hasRoom(record.length, { used: this.#used, maxBytes: this.#maxBytes, isUrgent })) return false;
    const writer = this.#writerFor(record.length);
    try {
      writer.file.append(record);
    } catch (cause) {
      throw failure(this.#folder, cause);
    }
    this.#sizes.set(writer.segment, writer.file.size);
    this.#used += record.length;
    this.#bytes += record.length;
    this.#depth++;
    try {
      if (this.#flushes) await writer.file.flush();
    } catch (cause) {
      throw failure(this.#folder, cause);
    }
    return true;
  }

  peek(count: number): readonly string[] {
    while (this.#waiting.length < count && this.#waitingBytes < longestLine) {
      const next = this.#read();
      if (next === undefined) break;
      this.#waiting.push(next);
      this.#waitingBytes += sizeOf(next);
    }
    return boundedBatch(
      this.#waiting.slice(0, count).map(({ line }) => line),
      count,
    );
  }

  acknowledge(count: number): void {
    const gone = this.#waiting.splice(0, count);
    const last = gone.at(-1);
    if (last === undefined) return;
    for (const line of gone) {
      this.#bytes -= sizeOf(line);
      this.#waitingBytes -= sizeOf(line);
    }
    this.#depth -= gone.length;
    let failed: unknown;
    try {
      this.#position.write(last.position);
    } catch (cause) {
      // Some of the lines may come again in the next process, and none is lost; room may come by removing segments.
      failed = cause;
    }
    // To begin a segment costs more than to go on with one, so a small one is kept until there is more in it.
    if (this.#depth === 0 && (this.#writer?.file.size ?? 0) * 2 > this.#segmentBytes) this.#seal();
    this.#removeDelivered(last.position);
    if (failed !== undefined) throw failure(this.#folder, failed);
  }

  async close(): Promise<void> {
    this.#seal();
    if (this.#position.position) this.#removeDelivered(this.#position.position);
    this.#reader?.file.close();
    this.#reader = undefined;
    this.#position.close();
    await this.#lock.release();
  }

  #removeDelivered(position: QueuePosition): void {
    for (const segment of [...this.#sizes.keys()]) if (this.#isDelivered(segment, position)) this.#remove(segment);
  }

  #isDelivered(segment: number, { segment: reached, offset }: QueuePosition): boolean {
    if (segment !== reached) return segment < reached;
    return segment !== this.#writer?.segment && offset >= (this.#sizes.get(segment) ?? 0);
  }

  #read(): WaitingLine | undefined {
    while (true) {
      this.#reader ??= this.#openReader(this.#sizes.keys().next().value);
      if (this.#reader === undefined) return undefined;
      const { segment, file } = this.#reader;
      const isWhole = segment !== this.#writer?.segment;
      const found = file.next({ limit: this.#sizes.get(segment) ?? 0, isWhole });
      if (found) return { line: found.line, position: { segment, offset: found.end } };
      if (!isWhole || this.#segmentAfter(segment) === undefined) return undefined;
      this.#reader = this.#openReader(this.#segmentAfter(segment));
      file.close();
    }
  }

  #openReader(segment: number | undefined): OpenSegment<SegmentReader> | undefined {
    if (segment === undefined) return undefined;
    return { segment, file: new SegmentReader(this.#pathOf(segment), this.#startOf(segment)) };
  }

  #segmentAfter(segment: number): number | undefined {
    for (const other of this.#sizes.keys()) if (other > segment) return other;
    return undefined;
  }

  #writerFor(bytes: number): OpenSegment<SegmentWriter> {
    if (this.#writer && this.#writer.file.size > 0 && this.#writer.file.size + bytes > this.#segmentBytes) this.#seal();
    if (this.#writer) return this.#writer;
    const segment = this.#next++;
    try {
      this.#writer = { segment, file: new SegmentWriter(this.#pathOf(segment)) };
      if (this.#flushes) flushFolder(this.#folder);
    } catch (cause) {
      throw failure(this.#folder, cause);
    }
    this.#sizes.set(segment, 0);
    return this.#writer;
  }

  /** Ends the segment that is written to. */
  #seal(): void {
    this.#writer?.file.close(this.#flushes);
    this.#writer = undefined;
  }

  #count(segment: number): number {
    const size = statSync(this.#pathOf(segment)).size;
    this.#sizes.set(segment, size);
    this.#used += size;
    const reader = new SegmentReader(this.#pathOf(segment), this.#startOf(segment));
    try {
      for (let found = reader.next(); found; found = reader.next()) {
        this.#depth++;
        this.#bytes += sizeOf(found);
      }
      return reader.damaged;
    } finally {
      reader.close();
    }
  }

  #startOf(segment: number): number {
    const reached = this.#position.position;
    return reached?.segment === segment ? reached.offset : 0;
  }

  #remove(segment: number): void {
    if (this.#reader?.segment === segment) {
      this.#reader.file.close();
      this.#reader = undefined;
    }
    this.#used -= this.#sizes.get(segment) ?? 0;
    this.#sizes.delete(segment);
    try {
      unlinkSync(this.#pathOf(segment));
    } catch {
      // The position says that it is delivered, so the next process tries again.
    }
  }

  #pathOf(segment: number): string {
    return join(this.#folder, `${String(segment).padStart(16, "0")}.alerts`);
  }
}

function sizeOf({ line }: { readonly line: string }): number {
  return Buffer.byteLength(line) + recordOverhead;
}

function segmentOf(name: string): number[] {
  const digits = /^(\d{16})\.alerts$/.exec(name)?.[1];
  return digits === undefined ? [] : [Number(digits)];
}

function flushFolder(folder: string): void {
  // Windows has no such thing.
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function failure(folder: string, cause: unknown): PlimsollError {
  return new PlimsollError("output-not-written", `the alert queue in ${folder} failed: ${reasonOf(cause)}`, {
    hint: "Free some disk space, or use a writable folder for the queue.",
    cause,
  });
}
