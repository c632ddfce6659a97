import { expect, test } from "vitest";
import type { AlertValue } from "../../model/events/alert.ts";
import type { RuleExtension } from "../loading/rule-set.ts";
import { AlertLimiter, type LimitedRule, type LimiterOptions } from "./alert-limiter.ts";

const start = 1_700_000_000_000;

test("a rule without limits alerts at each match", () => {
  const { admit, limiter } = limited({ r: {} });
  expect([0, 0, 1].map((time) => admit("r", time))).toEqual([true, true, true]);
  expect(limiter.fieldsOf("r")).toEqual([]);
  expect(limiter.finish()).toEqual([]);
});

test("the same values are said once in their time, and a summary tells how often they came", () => {
  const { admit, limiter } = limited({ r: { deduplicate: { within: 60_000, by: ["proc.name", "user.name"] } } });
  expect(limiter.fieldsOf("r")).toEqual(["proc.name", "user.name"]);
  expect(admit("r", 0, { "proc.name": "cat", "user.name": "root" })).toBe(true);
  expect(admit("r", 10_000, { "proc.name": "cat", "user.name": "root" })).toBe(false);
  expect(admit("r", 59_999, { "proc.name": "cat", "user.name": "root" })).toBe(false);
  expect(admit("r", 59_999, { "proc.name": "cat", "user.name": "eve" })).toBe(true);
  expect(limiter.summaries(nanoseconds(59_999))).toEqual([]);
  expect(admit("r", 60_000, { "proc.name": "cat", "user.name": "root" })).toBe(true);
  expect(limiter.summaries(nanoseconds(60_000))).toEqual([
    {
      rule: "r",
      priority: "Notice",
      source: "syscall",
      tags: ["t"],
      time: nanoseconds(59_999),
      message: '2 more of "r" within 60 s (proc.name=cat user.name=root)',
      fields: [
        ["proc.name", "cat"],
        ["user.name", "root"],
        ["plimsoll.held_back", 2],
      ],
      eventNumber: 0,
    },
  ]);
  expect(limiter.counts.deduplicated).toBe(2);
});

test("a summary comes when its time is over, also when nothing more matches", () => {
  const { admit, limiter } = limited({ r: { deduplicate: { within: 5000, by: [] } } });
  for (let time = 0; time < 5; time++) admit("r", time);
  expect(limiter.summaries(nanoseconds(4000))).toEqual([]);
  expect(limiter.summaries(nanoseconds(6000)).map(({ message }) => message)).toEqual(['4 more of "r" within 5 s']);
  expect(limiter.finish()).toEqual([]);
});

test("values that are put together the same way are not the same", () => {
  const { admit } = limited({ r: { deduplicate: { within: 5000, by: ["a", "b"] } } });
  expect(admit("r", 0, { a: "x,y", b: "z" })).toBe(true);
  expect(admit("r", 0, { a: "x", b: "y,z" })).toBe(true);
  expect(admit("r", 0, { a: "1", b: null })).toBe(true);
  expect(admit("r", 0, { a: 1, b: null })).toBe(true);
  expect(admit("r", 0, { a: "x".repeat(5000), b: 1n })).toBe(true);
  expect(admit("r", 0, { a: "x".repeat(5000), b: 1n })).toBe(false);
});

test("a threshold alerts at every so many matches within its time, for each combination of values", () => {
  const { admit } = limited({ r: { threshold: { count: 3, within: 10_000, by: ["user.name"] } } });
  const eve = { "user.name": "eve" };
  expect([0, 1000, 2000, 3000, 4000, 5000].map((time) => admit("r", time, eve))).toEqual([
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
  expect(admit("r", 5000, { "user.name": "root" })).toBe(false);
});

test("matches of a threshold leave its window one by one", () => {
  const { admit } = limited({ r: { threshold: { count: 3, within: 10_000, by: [] } } });
  expect([0, 6000, 12_000, 15_000].map((time) => admit("r", time))).toEqual([false, false, false, true]);
});

test("a sequence alerts when its rules matched in order with the same values", () => {
  const { admit, limiter } = limited({
    a: {},
    b: {},
    last: { sequence: { after: ["a", "b"], within: 10_000, by: ["pid"] } },
  });
  expect(limiter.fieldsOf("a")).toEqual(["pid"]);
  expect(admit("last", 0, { pid: 1 })).toBe(false);
  admit("b", 1, { pid: 1 });
  admit("a", 2, { pid: 1 });
  expect(admit("last", 3, { pid: 1 })).toBe(false);
  admit("b", 4, { pid: 2 });
  expect(admit("last", 5, { pid: 1 })).toBe(false);
  admit("b", 6, { pid: 1 });
  expect(admit("last", 7, { pid: 1 })).toBe(true);
  expect(admit("last", 7, { pid: 2 })).toBe(false);
  expect(admit("last", 10_001, { pid: 1 })).toBe(true);
  expect(admit("last", 10_002, { pid: 1 })).toBe(false);
});

test("the latest beginning of a sequence counts, and one match is one step", () => {
  const { admit } = limited({ a: {}, last: { sequence: { after: ["a", "a"], within: 1000, by: [] } } });
  admit("a", 0);
  expect(admit("last", 1)).toBe(false);
  admit("a", 900);
  expect(admit("last", 950)).toBe(true);
  admit("a", 1200);
  expect(admit("last", 1500)).toBe(true);
});

test("a rule may follow itself", () => {
  const { admit } = limited({ a: { sequence: { after: ["a"], within: 1000, by: [] } } });
  expect([0, 500, 3000].map((time) => admit("a", time))).toEqual([false, true, false]);
});

test("a rate lets so many through, after a quiet time a burst, and tells what it held back", () => {
  const { admit, limiter } = limited({ r: {}, other: {} }, { perRule: { count: 2, within: 60_000 } });
  expect([0, 0, 0, 0].map((time) => admit("r", time))).toEqual([true, true, false, false]);
  expect(admit("other", 0)).toBe(true);
  expect(admit("r", 30_000)).toBe(true);
  expect(limiter.summaries(nanoseconds(59_000))).toEqual([]);
  expect(limiter.summaries(nanoseconds(61_000)).map(({ message }) => message)).toEqual([
    '2 more of "r" suppressed: at most 2 in 60 s',
  ]);
  expect([200_000, 200_000, 200_000].map((time) => admit("r", time))).toEqual([true, true, false]);
  expect(limiter.finish()).toHaveLength(1);
  expect(limiter.counts.rateLimited).toBe(3);
});

test("the overall rate does not hold back what is critical", () => {
  const { admit, limiter } = limited({ r: {}, urgent: {} }, { overall: { count: 1, within: 1000, burst: 1 } });
  expect([admit("r", 0), admit("r", 0), admit("urgent", 0), admit("urgent", 0)]).toEqual([true, false, true, true]);
  expect(limiter.finish()).toMatchObject([
    { rule: "Plimsoll internal: alerts held back", source: "internal", fields: [["plimsoll.held_back", 1]] },
  ]);
});

test("what a rate held back was not said, so that it is not a repetition", () => {
  const limits = { deduplicate: { within: 600_000, by: ["x"] } };
  const { admit } = limited({ r: limits }, { perRule: { count: 1, within: 1000 } });
  expect(admit("r", 0, { x: 1 })).toBe(true);
  expect(admit("r", 0, { x: 2 })).toBe(false);
  expect(admit("r", 2000, { x: 2 })).toBe(true);
});

test("memory is bounded: the oldest values are forgotten, and told of before", () => {
  const { admit, limiter } = limited({ r: { deduplicate: { within: 1e9, by: ["x"] } } }, { maxKeys: 100 });
  admit("r", 0, { x: "first" });
  admit("r", 0, { x: "first" });
  for (let index = 0; index < 1000; index++) expect(admit("r", 1, { x: index })).toBe(true);
  expect(limiter.counts.evicted).toBe(901);
  expect(limiter.summaries(nanoseconds(2)).map(({ message }) => message)).toEqual([
    '1 more of "r" within 1000000 s (x=first)',
  ]);
  expect(admit("r", 3, { x: 999 })).toBe(false);
});

test("a high threshold is counted in parts of its time", () => {
  const { admit } = limited({ r: { threshold: { count: 100_000, within: 10_000, by: [] } } });
  let alerts = 0;
  for (let index = 0; index < 250_000; index++) if (admit("r", Math.floor(index / 20))) alerts++;
  expect(alerts).toBe(2);
  const slow = limited({ r: { threshold: { count: 1000, within: 10_000, by: [] } } });
  for (let index = 0; index < 5000; index++) expect(slow.admit("r", index * 11)).toBe(false);
});

function limited(
  rules: Readonly<Record<string, RuleExtension>>,
  options?: LimiterOptions,
): {
  limiter: AlertLimiter;
  admit: (rule: string, time: number, values?: Readonly<Record<string, AlertValue>>) => boolean;
} {
  const limiter = new AlertLimiter(
    Object.entries(rules).map(
      ([name, extension]): LimitedRule => ({
        name,
        priority: name === "urgent" ? "Critical" : "Notice",
        source: "syscall",
        tags: ["t"],
        extension,
      }),
    ),
    options,
  );
  return {
    limiter,
    admit: (rule, time, values = {}) =>
      limiter.admit(rule, { time: nanoseconds(time), value: (field) => values[field] ?? null }),
  };
}

function nanoseconds(milliseconds: number): bigint {
  return BigInt(start + milliseconds) * 1_000_000n;
}
