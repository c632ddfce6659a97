import type { RpmDatabase } from "./rpm-database.ts";

// The ndb format of rpm, all numbers little-endian. The file starts with pages of 4,096 bytes that hold slots of 16
// bytes; the first two slots are the file header: magic "RpmP", version, generation, number of slot pages. A slot is
// the magic "Slot", the index of the package (0 when free), and the offset and length of its blob in blocks of 16
// bytes. A blob has a head of 16 bytes, "BlbS", index, generation, length, and a tail of 12: checksum, length, "BlbE".
// Source: rpm lib/backend/ndb/rpmpkg.c.

const slotPageSize = 4096;
const slotSize = 16;
const blockSize = 16;
const blobHead = 16;
const blobTail = 12;
const slotMagic = 0x746f6c53;
const blobMagic = 0x53626c42;

/** Yields the header blobs of an rpm database in the ndb format. */
export function* ndbBlobs({ size, read, broken, allow }: RpmDatabase): Generator<Uint8Array> {
  const header = read(0, 2 * slotSize);
  const version = uint32(header, 4);
  if (header.length < 2 * slotSize || version !== 0) {
    broken.note(
      header.length < 2 * slotSize
        ? "it ends within the file header"
        : `its format version ${version} is not supported`,
    );
    return;
  }
  const slotPages = uint32(header, 12);
  const slotsEnd = Math.min(slotPages * slotPageSize, size);
  if (slotPages * slotPageSize > size) broken.note("it ends within the table of its packages");
  for (let start = 0; start < slotsEnd; start += slotPageSize) {
    const slots = read(start, Math.min(slotPageSize, slotsEnd - start));
    for (let at = start === 0 ? 2 * slotSize : 0; at + slotSize <= slots.length; at += slotSize) {
      if (uint32(slots, at) !== slotMagic) {
        broken.note(`the slot at ${start + at} is damaged`);
        continue;
      }
      const index = uint32(slots, at + 4);
      if (index === 0) continue;
      const offset = uint32(slots, at + 8) * blockSize;
      const room = uint32(slots, at + 12) * blockSize;
      const head = offset + room <= size ? read(offset, blobHead) : new Uint8Array();
      const length = uint32(head, 12);
      if (uint32(head, 0) !== blobMagic || uint32(head, 4) !== index || blobHead + length + blobTail > room) {
        broken.note(`the blob of package ${index} is damaged`);
      } else if (allow(length)) yield read(offset + blobHead, length);
    }
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}
