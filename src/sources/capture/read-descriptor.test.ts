import fc from "fast-check";
import { expect, test } from "vitest";
import { EntryReader, ShortEntry } from "./entry-reader.ts";
import { readDescriptor, skipDescriptor } from "./read-descriptor.ts";

test("what is passed over of an entry is what would be read of it, whatever its bytes", () => {
  const bytes = fc
    .tuple(fc.integer({ min: 0, max: 25 }), fc.uint8Array({ minLength: 0, maxLength: 120 }), fc.constantFrom(1, 2))
    .map(([type, rest, version]) => {
      // Texts of a few bytes, so that many entries are whole.
      const body = Uint8Array.from(rest, (byte, index) => (index % 2 === 1 ? 0 : byte % 8));
      const head = Buffer.alloc(version === 2 ? 21 : 17);
      if (version === 2) head.writeUInt32LE(head.length + body.length);
      head[head.length - 1] = type;
      return { version, bytes: Buffer.concat([head, body]) };
    });
  let whole = 0;
  fc.assert(
    fc.property(bytes, ({ bytes: entry, version }) => {
      const ends = [readDescriptor, skipDescriptor].map((read) => {
        const reader = new EntryReader(entry, 0, entry.length);
        try {
          read(reader, version);
          return reader.at;
        } catch (error) {
          if (!(error instanceof ShortEntry)) throw error;
          return "short";
        }
      });
      expect(ends[1]).toBe(ends[0]);
      if (ends[0] !== "short") whole++;
    }),
    { numRuns: 1000 },
  );
  expect(whole).toBeGreaterThan(300);
});
