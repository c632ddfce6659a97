import { expect, test } from "vitest";
import { EnterEvents } from "./enter-events.ts";

function keep(events: EnterEvents, tid: number, bytes: Uint8Array): void {
  events.keep(tid, 7, { count: 1, bytes, from: 0, to: bytes.length });
}

test("the last event of a thread is kept, of any size", () => {
  const events = new EnterEvents();
  for (const size of [0, 3, 64, 65, 60_000, 5]) {
    keep(events, 1, new Uint8Array(size).fill(size % 251));
    const kept = events.get(1)?.bytes.subarray(0, size) ?? [];
    expect([...kept].every((byte) => byte === size % 251)).toBe(true);
    expect(kept).toHaveLength(size);
  }
  expect(events.get(2)).toBeUndefined();
});

test("the oldest are forgotten when there are too many threads", () => {
  const events = new EnterEvents();
  for (let tid = 0; tid < 131_075; tid++) keep(events, tid, new Uint8Array(8));
  expect([0, 1, 2, 3, 131_074].map((tid) => events.get(tid) !== undefined)).toEqual([false, false, false, true, true]);
});

test("the oldest are forgotten when there are too many bytes", () => {
  const events = new EnterEvents();
  const large = new Uint8Array(60_000);
  for (let tid = 0; tid < 2000; tid++) keep(events, tid, large);
  const kept = Array.from({ length: 2000 }, (_, tid) => events.get(tid)).filter((event) => event !== undefined);
  expect(kept).toHaveLength(1024);
  expect(events.get(1999)).toBeDefined();
});
