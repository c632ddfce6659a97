import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpenFile } from "../../model/images/file.ts";
import { BodyCollector } from "./body-collector.ts";

const MiB: number = 1024 * 1024;

function collect(size: number, pieces: readonly Buffer[]): { collector: BodyCollector; file: OpenFile } {
  const collector = new BodyCollector({ path: "a/b", type: "file", size, mode: 0o600, link: "" });
  for (const piece of pieces) collector.add(piece);
  return { collector, file: collector.file() };
}

function numbered(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251));
}

describe("a collected body", () => {
  test("reads the same at any place, however it came in pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 10 }),
        fc.array(fc.tuple(fc.integer({ min: -3, max: 450 }), fc.nat(450)), { maxLength: 10 }),
        (sizes, reads) => {
          const whole = numbered(sizes.reduce((sum, size) => sum + size, 0));
          const pieces: Buffer[] = [];
          for (let at = 0, turn = 0; turn < sizes.length; at += sizes[turn++] ?? 0) {
            pieces.push(whole.subarray(at, at + (sizes[turn] ?? 0)));
          }
          const { collector, file } = collect(whole.length, pieces);
          expect([file.path, file.size, file.mode]).toEqual(["a/b", whole.length, 0o600]);
          for (const [offset, length] of reads) {
            const expected = offset < 0 ? Buffer.alloc(0) : whole.subarray(offset, offset + length);
            expect(Buffer.from(file.read(offset, length)).equals(expected)).toBe(true);
          }
          collector.release();
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  test("that is larger than all bodies in memory may be goes to a file and reads the same", () => {
    const piece = numbered(MiB);
    const { collector, file } = collect(
      40 * MiB,
      Array.from({ length: 40 }, () => piece),
    );
    expect(collector.heldPieces).toBe(0);
    expect(file.size).toBe(40 * MiB);
    expect(Buffer.from(file.read(7 * MiB + 5, 100)).equals(piece.subarray(5, 105))).toBe(true);
    expect(file.read(40 * MiB - 1, 10)).toHaveLength(1);
    expect(file.read(40 * MiB, 10)).toHaveLength(0);
    collector.release();
  });

  test("goes to a file when others fill the memory, and frees its share when it is released", () => {
    const piece = Buffer.alloc(1);
    const first = collect(20 * MiB, [piece]);
    const second = collect(20 * MiB, [piece]);
    expect([first.collector.heldPieces, second.collector.heldPieces]).toEqual([1, 0]);
    for (const { collector } of [first, second, first]) collector.release();
    const third = collect(32 * MiB, [piece]);
    expect(third.collector.heldPieces).toBe(1);
    third.collector.release();
  });

  test("that needs a file where none can be made is an error that says so", () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = "/nowhere/at/all";
    try {
      expect(() => collect(40 * MiB, [])).toThrow(expect.objectContaining({ code: "target-unreadable" }));
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });
});
