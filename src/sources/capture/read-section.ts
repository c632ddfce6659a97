import type { KernelSnapshot } from "../../model/events/kernel-event.ts";
import { type BlockKind, blockTypes } from "./block-types.ts";
import { CaptureDamage, notCapture } from "./capture-damage.ts";
import type { CaptureInput } from "./capture-input.ts";
import { EntryReader, ShortEntry } from "./entry-reader.ts";
import { SnapshotBuilder } from "./snapshot-builder.ts";

const magic = 0x1a2b3c4d;
const swappedMagic = 0x4d3c2b1a;
/** Bytes of a block around its body. */
const frameSize = 12;
const sectionHeaderSize = 16;
const machineSize = 180;
/** The most bytes of one entry: it has ten texts of up to 64 KiB at the most. */
const largestEntry: number = 1024 * 1024;
/** The most bytes of all lists before the events. */
const largestLists: number = 512 * 1024 * 1024;

/**
 * Reads the header of a section and the lists behind it, up to the first event, the next section or the end; `input` is
 * left there. Blocks of unknown types are passed over and counted. Entries are read one by one, so that a list of any
 * length takes no more memory than what it tells.
 *
 * Errors: {@link CaptureDamage}, the input's.
 */
export async function readSection(input: CaptureInput): Promise<{ snapshot: KernelSnapshot; unknownBlocks: number }> {
  await readHeader(input);
  const builder = new SnapshotBuilder();
  const from = input.offset;
  let unknownBlocks = 0;
  while (await input.ensure(8)) {
    const type = input.view.getUint32(input.start, true);
    const size = input.view.getUint32(input.start + 4, true);
    const known = blockTypes.get(type);
    if (known?.kind === "event" || known?.kind === "section") break;
    if (size < frameSize) throw new CaptureDamage(`a block states a length of ${size} bytes`);
    input.start += 8;
    const body = size - frameSize;
    if (known === undefined) {
      unknownBlocks++;
      await input.skip(body);
    } else {
      if (input.offset - from + body > largestLists) {
        throw new CaptureDamage("its lists of threads and files are larger than 512 MiB", "limit-exceeded");
      }
      await readList(input, { kind: known.kind, version: known.version, body, builder });
    }
    await readTrailer(input, size);
  }
  if (input.start < input.end && input.end - input.start < 8) throw new CaptureDamage("it is cut off inside a block");
  return { snapshot: builder.build(), unknownBlocks };
}

async function readHeader(input: CaptureInput): Promise<void> {
  if (!(await input.ensure(8 + sectionHeaderSize))) throw new CaptureDamage("it is cut off inside its header");
  const { view, start } = input;
  if (blockTypes.get(view.getUint32(start, true))?.kind !== "section") {
    throw new CaptureDamage(notCapture);
  }
  const size = view.getUint32(start + 4, true);
  const found = view.getUint32(start + 8, true);
  if (found === swappedMagic) throw new CaptureDamage("it was written on a big-endian machine");
  if (found !== magic) throw new CaptureDamage("its header does not have the magic number of a capture");
  const major = view.getUint16(start + 12, true);
  if (major > 1) throw new CaptureDamage(`its format version ${major} is not supported (supported: 1)`);
  if (size < frameSize + sectionHeaderSize) throw new CaptureDamage(`its header states a length of ${size} bytes`);
  input.start += 8 + sectionHeaderSize;
  await input.skip(size - frameSize - sectionHeaderSize);
  await readTrailer(input, size);
}

async function readTrailer(input: CaptureInput, size: number): Promise<void> {
  if (!(await input.ensure(4))) throw new CaptureDamage("it is cut off inside a block");
  const trailer = input.view.getUint32(input.start, true);
  if (trailer !== size) {
    throw new CaptureDamage(`a block states a length of ${size} bytes at its start and ${trailer} at its end`);
  }
  input.start += 4;
}

interface List {
  readonly kind: Exclude<BlockKind, "event" | "section">;
  readonly version: number;
  /** Bytes, with the padding. */
  readonly body: number;
  readonly builder: SnapshotBuilder;
}

async function readList(input: CaptureInput, { kind, version, body, builder }: List): Promise<void> {
  let left = body;
  if (kind === "machine") {
    if (left < machineSize) throw new CaptureDamage("its machine information is too short");
    left -= await readEntry(input, left, (reader) => void builder.readMachine(reader));
  } else {
    left -= await readEntry(input, left, (reader) => void builder.beginList(kind, reader, version));
    while (left >= 4) {
      left -= await readEntry(input, left, (reader) => builder.addEntry(kind, reader, version));
    }
  }
  await input.skip(left);
}

/**
 * Reads one entry of a block that has `left` more bytes; returns how long it was. When it goes on behind the available
 * bytes, more are fetched and it is read again from its begin, so `read` must not keep anything before it has read all.
 */
async function readEntry(
  input: CaptureInput,
  left: number,
  read: (reader: EntryReader) => number | undefined,
): Promise<number> {
  for (;;) {
    const reader = new EntryReader(input.bytes, input.start, Math.min(input.end, input.start + left));
    try {
      const stated = read(reader);
      const used = reader.at - input.start;
      if (stated !== undefined && (stated < used || stated > left)) {
        throw new CaptureDamage(`an entry of a list states a length of ${stated} bytes`);
      }
      input.start = reader.at;
      if (stated !== undefined) await input.skip(stated - used);
      return stated ?? used;
    } catch (error) {
      if (!(error instanceof ShortEntry)) throw error;
      const atHand = input.end - input.start;
      if (atHand >= left) throw new CaptureDamage("an entry of a list is longer than its block");
      if (atHand > largestEntry) throw new CaptureDamage("an entry of a list is too long");
      if (!(await input.fill())) throw new CaptureDamage("it is cut off inside a block");
    }
  }
}
