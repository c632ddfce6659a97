import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

const { signal } = new AbortController();

test("who waits is let in, in order, when another leaves", async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const leave = await slots.take(signal);
  const waiting = ["a", "b"].map(async (name) => {
    const done = await slots.take(signal);
    order.push(name);
    done();
  });
  await Promise.resolve();
  expect(order).toEqual([]);
  leave();
  leave();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b"]);
});

test("who gives up waiting leaves the room to the others", async () => {
  const slots = new Slots(1);
  const controller = new AbortController();
  const leave = await slots.take(signal);
  const impatient = slots.take(controller.signal);
  const patient = slots.take(signal);
  controller.abort(new Error("enough"));
  await expect(impatient).rejects.toThrow("enough");
  leave();
  (await patient)();
  await expect(slots.take(controller.signal)).rejects.toThrow("enough");
});
