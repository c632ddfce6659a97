import { expect, test } from "vitest";
import { PiecePool } from "./piece-pool.ts";

const size = 64 * 1024;

test("memory is handed out again once it was given back, and never twice", () => {
  const pool = new PiecePool(size);
  const first = pool.take();
  const second = pool.take();
  expect(first.length).toBe(size);
  expect(first.buffer).not.toBe(second.buffer);
  pool.give(first.subarray(0, 10));
  pool.give(first);
  expect(pool.take().buffer).toBe(first.buffer);
  expect(pool.take().buffer).not.toBe(first.buffer);
});

test("what is of no use to it is freed", () => {
  const pool = new PiecePool(size);
  const stranger = Buffer.allocUnsafeSlow(size);
  pool.give(stranger);
  expect(stranger.length).toBe(0);
  const many = Array.from({ length: 20 }, () => pool.take());
  for (const piece of many) pool.give(piece);
  const kept = many.filter(({ length }) => length > 0);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(20);
});
