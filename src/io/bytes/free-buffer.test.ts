import { expect, test } from "vitest";
import { freeBuffer } from "./free-buffer.ts";

const large = 256 * 1024;

test("frees the memory of a large buffer at once", () => {
  const bytes = Buffer.allocUnsafeSlow(large);
  freeBuffer(bytes);
  expect(bytes.length).toBe(0);
});

test("keeps memory until its last part is freed", () => {
  const memory = Buffer.allocUnsafeSlow(large).fill(7);
  const first = memory.subarray(0, 1000);
  const last = memory.subarray(1000);
  freeBuffer(first);
  expect(first[0]).toBe(7);
  freeBuffer(last);
  expect(first.length).toBe(0);
});

test("leaves small buffers alone, which may share their memory with others", () => {
  const bytes = Buffer.from("small");
  freeBuffer(bytes);
  expect(bytes.toString()).toBe("small");
});

test("may be called twice", () => {
  const bytes = Buffer.allocUnsafeSlow(large);
  freeBuffer(bytes);
  expect(() => freeBuffer(bytes)).not.toThrow();
});

test("frees a smaller buffer that is all of its memory, and leaves a part of shared memory alone", () => {
  const bytes = Buffer.allocUnsafeSlow(64 * 1024).fill(7);
  const end = bytes.subarray(1000);
  freeBuffer(end);
  expect(end[0]).toBe(7);
  freeBuffer(bytes);
  expect(bytes.length).toBe(0);
});
