import { afterEach, expect, test } from "vitest";
import type { Alert, Priority } from "../../model/events/alert.ts";
import { formatAlertJson } from "../alerts/format-alert.ts";
import { type DeliveringOptions, DeliveringOutput } from "./delivering-output.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

const outputs: DeliveringOutput[] = [];
afterEach(async () => {
  for (const output of outputs.splice(0)) await output.close().catch(() => undefined);
});

test("alerts arrive in order, and flush waits for them", async () => {
  const { output, arrived } = start({ batchSize: 3 });
  for (let index = 0; index < 10; index++) await output.write(alertOf("Notice"), `${index}`);
  await output.flush();
  expect(arrived).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(output.counts).toMatchObject({ delivered: 10, queued: 0, queuedBytes: 0, failures: 0 });
});

test("a failed attempt is repeated until it is not, and what arrived is not sent again", async () => {
  let failures = 3;
  const { output, arrived } = start({
    parallel: 4,
    fails: ([line]) => (line === "1" && failures-- > 0 ? new DeliveryFailure("it is down") : undefined),
  });
  for (let index = 0; index < 6; index++) await output.write(alertOf("Notice"), `${index}`);
  await until(() => output.counts.delivered === 6);
  expect(arrived.toSorted()).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(output.counts).toMatchObject({ failures: 3, queued: 0 });
});

test("flush does not wait for a server that is down", async () => {
  const { output, reasons } = start({
    fails: () => new DeliveryFailure("it is down"),
    retry: { first: 60_000, longest: 60_000 },
  });
  await output.write(alertOf("Notice"), "a");
  await output.flush();
  await output.flush();
  expect(reasons).toEqual(["it is down"]);
});

test("one alert that will never be taken does not take the others of its batch with it", async () => {
  const { output, arrived } = start({
    batchSize: 10,
    fails: (lines) => (lines.includes("bad") ? new DeliveryFailure("it answers 400", { isFinal: true }) : undefined),
  });
  for (const line of ["a", "bad", "b", "c"]) void output.write(alertOf("Notice"), line);
  await until(() => output.counts.queued === 0);
  expect(arrived.toSorted()).toEqual(["a", "b", "c"]);
  expect(output.counts).toMatchObject({ delivered: 3, rejected: 1 });
});

test("where attempts are limited, a line is given up after so many", async () => {
  let attempts = 0;
  const { output, arrived } = start({
    fails: ([line]) => (line === "bad" && ++attempts ? new DeliveryFailure("exit code 1") : undefined),
    retry: { first: 1, longest: 2, attempts: 3 },
  });
  void output.write(alertOf("Notice"), "bad");
  void output.write(alertOf("Notice"), "good");
  await until(() => output.counts.queued === 0);
  expect({ attempts, arrived }).toEqual({ attempts: 3, arrived: ["good"] });
});

test("the wait that a server asks for is kept", async () => {
  let calls = 0;
  const { output } = start({
    fails: () => (calls++ === 0 ? new DeliveryFailure("it answers 503", { retryAfter: 80 }) : undefined),
  });
  const before = performance.now();
  await output.write(alertOf("Notice"), "a");
  await until(() => output.counts.delivered === 1);
  expect(performance.now() - before).toBeGreaterThan(70);
});

test("what a full queue refuses is an error, and is told by an alert when there is room", async () => {
  let isDown = true;
  const { output, arrived } = start({
    fails: () => (isDown ? new DeliveryFailure("it is down") : undefined),
    queue: new MemoryQueue({ maxBytes: 2000 }),
  });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) =>
      output.write(alertOf(index < 20 ? "Notice" : "Critical"), `line ${index}`),
    ),
  );
  const lost = outcomes.filter(({ status }) => status === "rejected").length;
  expect(lost).toBeGreaterThan(0);
  isDown = false;
  await until(() => output.counts.queued === 0);
  await output.write(alertOf("Notice"), "after");
  await until(() => output.counts.queued === 0);
  const told = arrived.map((line) => (line.startsWith("{") ? JSON.parse(line) : undefined)).filter(Boolean);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    rule: "Plimsoll internal: alerts lost",
    priority: "Critical",
    output_fields: { n_lost: lost, output: "test" },
  });
  expect(output.counts).toMatchObject({ refused: lost, delivered: 30 - lost + 2 });
});

test("what a queue cannot keep is lost like what it refuses, and is told of once it can", async () => {
  let isDiskFull = true;
  const queue = new MemoryQueue();
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (line, options) =>
    isDiskFull ? Promise.reject(new Error("no space left on the device")) : enqueue(line, options);
  const { output, arrived } = start({ queue });
  for (const line of ["a", "b"]) await expect(output.write(alertOf("Notice"), line)).rejects.toThrow("no space");
  expect(output).toMatchObject({ lost: 2, counts: { refused: 2, queued: 0 } });
  isDiskFull = false;
  await output.write(alertOf("Notice"), "c");
  await until(() => output.counts.delivered === 2);
  expect(arrived[0]).toBe("c");
  expect(JSON.parse(arrived[1] ?? "")).toMatchObject({
    rule: "Plimsoll internal: alerts lost",
    output_fields: { n_lost: 2, n_lost_notice: 2 },
  });
});

test("an alert about lost ones that cannot be kept either is made again, with those that were lost meanwhile", async () => {
  let failing = 2;
  const queue = new MemoryQueue();
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (line, options) =>
    line === "lost" || (line.startsWith("{") && failing-- > 0)
      ? Promise.reject(new Error("no space left on the device"))
      : enqueue(line, options);
  const { output, arrived } = start({ queue });
  for (const line of ["lost", "a", "lost", "b", "c"]) {
    await output.write(alertOf("Notice"), line).catch(() => undefined);
    await output.flush();
  }
  await until(() => arrived.length === 4);
  expect(arrived.slice(0, 3)).toEqual(["a", "b", "c"]);
  expect(JSON.parse(arrived[3] ?? "")).toMatchObject({ output_fields: { n_lost: 2 } });
});

test("close delivers what it can in its time and says what is lost", async () => {
  const { output } = start({ fails: () => new DeliveryFailure("it is down"), closeWithin: 50 });
  await output.write(alertOf("Notice"), "a");
  outputs.pop();
  await expect(output.close()).rejects.toMatchObject({
    code: "output-not-written",
    message: "1 alerts for test were not delivered",
  });
});

test("close sends what waits for its next attempt", async () => {
  let isDown = true;
  const { output, arrived } = start({
    fails: () => (isDown ? new DeliveryFailure("it is down") : undefined),
    retry: { first: 60_000, longest: 60_000 },
  });
  await output.write(alertOf("Notice"), "a");
  await output.flush();
  isDown = false;
  outputs.pop();
  await output.close();
  expect(arrived).toEqual(["a"]);
});

test("what a sender takes back is sent again, and stays in the queue until the sender is closed", async () => {
  const { output, arrived, reasons, takeBack } = start({ batchSize: 2, takesBack: true });
  for (const line of ["a", "b", "c"]) await output.write(alertOf("Notice"), line);
  await output.flush();
  expect({ arrived, ...output.counts }).toMatchObject({ arrived: ["a", "b", "c"], delivered: 0, queued: 3 });
  takeBack("it ended with exit code 1");
  await until(() => arrived.length === 6);
  expect({ arrived: arrived.slice(3), reasons }).toEqual({
    arrived: ["a", "b", "c"],
    reasons: ["it ended with exit code 1"],
  });
  outputs.pop();
  await output.close();
  expect({ lost: output.lost, ...output.counts }).toMatchObject({ lost: 0, delivered: 3, queued: 0 });
});

test("what a sender takes back while more is under way takes that back too", async () => {
  let takesBack: () => void = () => undefined;
  const { output, arrived, takeBack } = start({
    takesBack: true,
    fails: ([line]) => {
      if (line === "b") takesBack();
      return undefined;
    },
  });
  let isFirst = true;
  takesBack = () => {
    if (isFirst) takeBack("it is gone");
    isFirst = false;
  };
  for (const line of ["a", "b", "c"]) await output.write(alertOf("Notice"), line);
  await until(() => arrived.at(-1) === "c");
  expect(arrived).toEqual(["a", "b", "a", "b", "c"]);
});

test("alerts that a sender takes back at its end are lost where no queue keeps them", async () => {
  const { output } = start({ takesBack: true, closes: () => Promise.reject(new DeliveryFailure("it ended badly")) });
  await output.write(alertOf("Notice"), "a");
  await output.flush();
  outputs.pop();
  await expect(output.close()).rejects.toMatchObject({ message: "1 alerts for test were not delivered" });
  expect(output).toMatchObject({ lost: 1, counts: { delivered: 0 } });
});

test("what may be taken back is bounded, and does not fill a small queue", async () => {
  const { output, arrived } = start({ takesBack: true, queue: new MemoryQueue({ maxBytes: 3000 }) });
  for (let index = 0; index < 50; index++) {
    await output.write(alertOf("Notice"), `${index}`.padEnd(500));
    await output.flush();
  }
  expect(arrived).toHaveLength(50);
  const large = start({ takesBack: true, batchSize: 100 }).output;
  for (let index = 0; index < 1000; index++) await large.write(alertOf("Notice"), "x".repeat(1024));
  await large.write(alertOf("Notice"), "x".repeat(900 * 1024));
  await large.flush();
  expect(large.counts.queuedBytes).toBeLessThan(1_000_000);
});

interface Start extends Partial<DeliveringOptions> {
  /** Whether the sender has `onTakenBack`. */
  readonly takesBack?: boolean;
  readonly closes?: () => Promise<void>;
  readonly batchSize?: number;
  readonly parallel?: number;
  readonly fails?: (lines: readonly string[]) => DeliveryFailure | undefined;
}

function start({ batchSize = 1, parallel = 1, fails, takesBack = false, closes, ...options }: Start): {
  output: DeliveringOutput;
  arrived: string[];
  reasons: string[];
  takeBack: (reason: string) => void;
} {
  let takeBack: (failure: DeliveryFailure) => void = () => undefined;
  const arrived: string[] = [];
  const reasons: string[] = [];
  const sender: Sender = {
    id: "test",
    batchSize,
    parallel,
    async send(lines) {
      await new Promise((resolve) => setImmediate(resolve));
      const failure = fails?.(lines);
      if (failure) throw failure;
      arrived.push(...lines);
    },
    ...(takesBack && {
      onTakenBack: (handler) => {
        takeBack = handler;
        return true;
      },
    }),
    close: closes ?? (() => Promise.resolve()),
  };
  const output = new DeliveringOutput(sender, {
    queue: new MemoryQueue(),
    format: (alert) => formatAlertJson(alert, { timeFormat: "iso" }),
    retry: { first: 1, longest: 5 },
    closeWithin: 500,
    onFailure: (reason) => reasons.push(reason),
    ...options,
  });
  outputs.push(output);
  return { output, arrived, reasons, takeBack: (reason) => takeBack(new DeliveryFailure(reason)) };
}

function alertOf(priority: Priority): Alert {
  return { rule: "r", priority, source: "syscall", time: 1n, message: "m", tags: [], fields: [], eventNumber: 1 };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}
