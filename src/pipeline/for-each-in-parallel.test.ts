import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { forEachInParallel } from "./for-each-in-parallel.ts";

test("works on every item, never on more than the limit at a time", async () => {
  let now = 0;
  let most = 0;
  const done: number[] = [];
  await forEachInParallel(
    Array.from({ length: 20 }, (_, index) => index),
    3,
    async (item) => {
      most = Math.max(most, ++now);
      await delay(item % 4);
      done.push(item);
      now--;
    },
  );
  expect(most).toBe(3);
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test("after a failure starts no more, waits for those under way, and throws the first", async () => {
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    await delay(item === 1 ? 1 : 10);
    if (item === 1) throw new Error("one");
    ended.push(item);
  };
  await expect(forEachInParallel([0, 1, 2, 3, 4, 5, 6], 3, work)).rejects.toThrow("one");
  expect(ended).toEqual([0, 2]);
});

test("throws what the items' source throws, after those under way have ended", async () => {
  const ended: number[] = [];
  async function* source(): AsyncGenerator<number> {
    yield 1;
    await delay(1);
    throw new Error("no more");
  }
  const work = async (item: number): Promise<void> => {
    await delay(10);
    ended.push(item);
  };
  await expect(forEachInParallel(source(), 3, work)).rejects.toThrow("no more");
  expect(ended).toEqual([1]);
});
