import { expect, test } from "vitest";
import { MemoryQueue } from "./memory-queue.ts";

test("lines come out in order and stay until they are acknowledged", async () => {
  const queue = new MemoryQueue();
  for (let index = 0; index < 5000; index++) expect(await queue.enqueue(`${index}`)).toBe(true);
  for (let index = 0; index < 5000; index += 2) {
    expect(queue.peek(2)).toEqual([`${index}`, `${index + 1}`]);
    expect(queue.depth).toBe(5000 - index);
    queue.acknowledge(2);
  }
  expect(queue).toMatchObject({ depth: 0, bytes: 0, isDurable: false });
  expect(queue.peek(1)).toEqual([]);
});

test("a full queue refuses the newest line, and keeps its last fifth for what is urgent", async () => {
  const queue = new MemoryQueue({ maxBytes: 10_000 });
  const line = "x".repeat(36);
  let taken = 0;
  while (await queue.enqueue(line)) taken++;
  let urgent = 0;
  while (await queue.enqueue(line, { isUrgent: true })) urgent++;
  expect({ taken, urgent }).toEqual({ taken: 80, urgent: 20 });
});

test("a batch of long lines is about a megabyte, and at least one line", async () => {
  const queue = new MemoryQueue();
  for (let index = 0; index < 4; index++) await queue.enqueue("x".repeat(900_000));
  expect(queue.peek(10)).toHaveLength(1);
});
