import { expect, test } from "vitest";
import { TimeOrder, type Turn } from "./time-order.ts";

async function play(turn: Turn, name: string, { times, into }: { times: readonly bigint[]; into: string[] }) {
  for (let at = 0; at < times.length; ) {
    const until = await turn.wait(times[at] as bigint);
    do into.push(`${name}${times[at++]}`);
    while (at < times.length && (until === undefined || (times[at] as bigint) <= until));
  }
  turn.leave();
}

test("events of several inputs come in the order of their times", async () => {
  const order = new TimeOrder();
  const into: string[] = [];
  const [a, b, c] = [order.join(), order.join(), order.join()];
  await Promise.all([
    play(a, "a", { times: [1n, 4n, 9n], into }),
    play(b, "b", { times: [2n, 3n, 5n], into }),
    play(c, "c", { times: [], into }),
  ]);
  expect(into).toEqual(["a1", "b2", "b3", "a4", "b5", "a9"]);
});

test("an input whose times go back does not stop", async () => {
  const order = new TimeOrder();
  const into: string[] = [];
  const [a, b] = [order.join(), order.join()];
  await Promise.all([play(a, "a", { times: [5n, 1n], into }), play(b, "b", { times: [3n], into })]);
  expect(into).toEqual(["b3", "a5", "a1"]);
});

test("an input that leaves while others wait lets them go on", async () => {
  const order = new TimeOrder();
  const [a, b] = [order.join(), order.join()];
  const waiting = a.wait(1n);
  b.leave();
  b.leave();
  expect(await waiting).toBeUndefined();
});
