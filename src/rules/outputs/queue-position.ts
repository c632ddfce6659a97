import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

/** How far a queue was delivered: all before `offset` in a segment, and all segments before it. */
export interface QueuePosition {
  readonly segment: number;
  readonly offset: number;
}

// Two slots are written in turn, so that a write that is cut off leaves the position before it: a counter, the segment,
// the offset, and the CRC-32 of these, little-endian.
const slotSize = 24;
const slotDistance = 512;

/** The file that keeps the position of a queue. */
export class PositionFile {
  readonly #descriptor: number;
  readonly #slot: Buffer = Buffer.alloc(slotSize);
  #counter = 0;
  #position: QueuePosition | undefined;

  constructor(path: string) {
    this.#descriptor = openPosition(path);
    for (const slot of [0, 1]) this.#read(slot);
    this.#takeRoom();
  }

  /** Undefined when nothing was delivered, or when both slots are damaged. */
  get position(): QueuePosition | undefined {
    return this.#position;
  }

  write(position: QueuePosition): void {
    this.#counter = (this.#counter + 1) >>> 0;
    this.#position = position;
    const slot = this.#slot;
    slot.writeUInt32LE(this.#counter, 0);
    slot.writeDoubleLE(position.segment, 4);
    slot.writeDoubleLE(position.offset, 12);
    slot.writeUInt32LE(crc32(slot.subarray(0, 20)), 20);
    writeSync(this.#descriptor, slot, 0, slotSize, (this.#counter & 1) * slotDistance);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Makes the file as long as it will be, so that a disk that is full later does not matter. */
  #takeRoom(): void {
    const missing = slotDistance + slotSize - fstatSync(this.#descriptor).size;
    if (missing > 0) writeSync(this.#descriptor, Buffer.alloc(missing), 0, missing, slotDistance + slotSize - missing);
  }

  #read(index: number): void {
    const slot = Buffer.alloc(slotSize);
    if (readSync(this.#descriptor, slot, 0, slotSize, index * slotDistance) !== slotSize) return;
    if (crc32(slot.subarray(0, 20)) !== slot.readUInt32LE(20)) return;
    const counter = slot.readUInt32LE(0);
    const [segment, offset] = [slot.readDoubleLE(4), slot.readDoubleLE(12)];
    if (!Number.isSafeInteger(segment) || !Number.isSafeInteger(offset) || offset < 0) return;
    if (this.#position !== undefined && ((counter - this.#counter) | 0) <= 0) return;
    this.#counter = counter;
    this.#position = { segment, offset };
  }
}

function openPosition(path: string): number {
  try {
    return openSync(path, "r+");
  } catch {
    return openSync(path, "w+", 0o600);
  }
}
