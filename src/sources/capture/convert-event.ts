import { mostParameters, type ParameterSource } from "./conversion-plan.ts";
import type { EnterEvent } from "./enter-events.ts";
import { upToNul } from "./entry-reader.ts";

/** Bytes that a converted event may take; {@link convertEvent} is not called with less room. */
export const largestConverted: number = 256 * 1024;

/** The parameters of an event: where the lengths lie, how many bytes each of them has, and how many there are. */
export interface Parameters {
  readonly lengths: number;
  readonly lengthSize: number;
  readonly count: number;
}

const ownOffsets = new Uint32Array(mostParameters + 1);

/**
 * Writes the lengths (2 bytes each) and the parameters that the sources say to `to` in the bytes; returns where they
 * end. `enter`: the kept event of the thread, if it is the right one. The own parameters together must have at most 64
 * KiB.
 */
export function convertEvent(
  bytes: Buffer,
  sources: readonly ParameterSource[],
  { own, enter, to }: { readonly own: Parameters; readonly enter: EnterEvent | undefined; readonly to: number },
): number {
  measure(bytes, own);
  let end = to + sources.length * 2;
  for (let index = 0; index < sources.length; index++) {
    const source = sources[index] as ParameterSource;
    const start = end;
    if (source.from === "own" && source.index < own.count) {
      const from = ownOffsets[source.index] as number;
      const size = Math.min((ownOffsets[source.index + 1] as number) - from, source.most);
      copy(bytes, from, { to: end, size, from: bytes });
      end += size;
    } else if (source.from === "enter" && enter !== undefined && source.index < enter.count) {
      end += copyFromEnter(bytes, end, { source, enter });
    } else {
      bytes.fill(source.zeroByte, end, end + source.zeroSize);
      end += source.zeroSize;
    }
    const length = end - start;
    bytes[to + index * 2] = length & 0xff;
    bytes[to + index * 2 + 1] = length >> 8;
  }
  return end;
}

/**
 * Writes the one parameter of a container event of today, JSON with NUL behind it, from the id, type, name and image of
 * one of the first version; returns where it ends. More than 64 KiB of it become an empty parameter.
 */
export function convertContainer(bytes: Buffer, own: Parameters, { to }: { readonly to: number }): number {
  measure(bytes, own);
  const text = (index: number) => upToNul(bytes.toString("latin1", ownOffsets[index], ownOffsets[index + 1]));
  const [typeAt = 0, typeEnd = 0] = [ownOffsets[1], ownOffsets[2]];
  const type = typeEnd - typeAt >= 4 ? bytes.readUInt32LE(typeAt) : 0;
  const json = JSON.stringify({ id: text(0), type, name: text(2), image: text(3) });
  const size = json.length + 1 <= 0xffff ? bytes.write(`${json}\0`, to + 2, "latin1") : 0;
  bytes.writeUInt16LE(size, to);
  return to + 2 + size;
}

function measure(bytes: Buffer, { lengths, lengthSize, count }: Parameters): void {
  let offset = lengths + count * lengthSize;
  for (let index = 0; index < count; index++) {
    ownOffsets[index] = offset;
    const at = lengths + index * lengthSize;
    offset += lengthSize === 2 ? (bytes[at] as number) | ((bytes[at + 1] as number) << 8) : bytes.readUInt32LE(at);
  }
  ownOffsets[count] = offset;
}

function copyFromEnter(
  bytes: Buffer,
  to: number,
  { source, enter }: { readonly source: ParameterSource; readonly enter: EnterEvent },
): number {
  const kept = enter.bytes;
  let from = enter.count * 2;
  for (let index = 0; index < source.index; index++) from += lengthAt(kept, index);
  const size = Math.min(lengthAt(kept, source.index), source.most);
  copy(bytes, from, { to, size, from: kept });
  return size;
}

function lengthAt(kept: Uint8Array, index: number): number {
  return (kept[index * 2] as number) | ((kept[index * 2 + 1] as number) << 8);
}

function copy(
  bytes: Buffer,
  at: number,
  { to, size, from }: { readonly to: number; readonly size: number; readonly from: Uint8Array },
): void {
  // A loop is faster than a view for the few bytes that most have.
  if (size <= 64) for (let index = 0; index < size; index++) bytes[to + index] = from[at + index] as number;
  else bytes.set(from.subarray(at, at + size), to);
}
