import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { type JsonLinesFormat, readJsonLines } from "./read-json-lines.ts";

const falco =
  '{"output":"a shell","priority":"Notice","rule":"Shell","time":"2024-01-02T03:04:05.000000006Z","source":"syscall","output_fields":{"evt.time":1704164645000000006,"proc.name":"bash"}}';
const tetragon =
  '{"process_exec":{"process":{"binary":"/usr/bin/id","pid":7}},"node_name":"n","time":"2024-01-02T03:04:05.000000006Z"}';
const traceeFlat = '{"timestamp":1704164645000000006,"processName":"id","eventName":"execve","eventId":"59","args":[]}';
const tracee =
  '{"timestamp":"2024-01-02T03:04:05.000000006Z","id":715,"name":"sched_process_exec","workload":{"process":{"pid":7}}}';
const other = '{"@timestamp":"2024-01-02T03:04:05.000000006Z","message":"hello"}';
const time = 1704164645000000006n;

test("each object is recognised by itself, with its own time", async () => {
  const { events, problems } = await eventsOf([falco, tetragon, traceeFlat, tracee, other].join("\n"));
  expect(events.map(({ source }) => source)).toEqual(["falco", "tetragon", "tracee", "tracee", "json"]);
  expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  for (const event of events) expect(event.time).toBe(time);
  expect(problems).toEqual([]);
});

test("an object without a time has the time of its arrival", async () => {
  const { events } = await eventsOf('{"a":1}');
  expect(events[0]).toEqual({ number: 1, time: 42n, source: "json", value: { a: 1 } });
});

test("in a stated format all else is a problem, and as json everything is json", async () => {
  const text = `${falco}\n${tetragon}\n`;
  const asFalco = await eventsOf(text, "falco");
  expect(asFalco.events).toHaveLength(1);
  expect(asFalco.problems).toEqual([{ code: "unreadable", message: "input: line 2 is not in the format falco" }]);
  expect((await eventsOf(text, "json")).events.map(({ source }) => source)).toEqual(["json", "json"]);
});

test("an array holds events; what is not an object is a problem", async () => {
  const { events, problems } = await eventsOf(`[${falco},${falco}]\n12\n"x"\n[1]\nnull\n`);
  expect(events).toHaveLength(2);
  expect(problems).toHaveLength(4);
});

test("what a piece of input completes is handed out at once", async () => {
  const sizes: number[] = [];
  const input = (async function* () {
    yield Buffer.from(`${falco}\n${falco.slice(0, 10)}`);
    expect(sizes).toEqual([1]);
    yield Buffer.from(`${falco.slice(10)}\n${falco}\n`);
    expect(sizes).toEqual([1, 2]);
  })();
  const context = { signal: new AbortController().signal, problem: () => {} };
  for await (const batch of readJsonLines(input, { format: "auto", context })) sizes.push(batch.length);
  expect(sizes).toEqual([1, 2]);
});

test("packed input is unpacked, and what is cut off is a problem after the events before it", async () => {
  const packed = gzipSync(`${falco}\n${tetragon}\n`);
  expect((await eventsOf(packed)).events.map(({ source }) => source)).toEqual(["falco", "tetragon"]);
  expect((await eventsOf(zstdCompressSync(falco))).events).toHaveLength(1);
  const { events, problems } = await eventsOf(packed.subarray(0, -20));
  expect(events.length).toBeLessThan(2);
  expect(problems[0]?.message).toContain("input: it cannot be read completely");
});

test("a file of CloudTrail is a source of its own, an event for each record", async () => {
  const record = (eventName: string) => ({
    eventVersion: "1.08",
    eventTime: "2024-01-02T03:04:05.000000006Z",
    eventSource: "iam.amazonaws.com",
    eventName,
    awsRegion: "us-east-1",
  });
  const text = JSON.stringify({ Records: [record("CreateUser"), 7, record("DeleteUser")] }, undefined, 2);
  for (const format of ["auto", "cloudtrail"] as const) {
    const { events, problems } = await eventsOf(text, format);
    expect(events).toEqual([
      { number: 1, time, source: "aws_cloudtrail", value: record("CreateUser") },
      { number: 2, time, source: "aws_cloudtrail", value: record("DeleteUser") },
    ]);
    expect(problems).toHaveLength(1);
  }
});

test("a webhook event without its type is a problem where GitHub is stated", async () => {
  const text = '{"action":"created","repository":{},"sender":{}}';
  expect(await eventsOf(text, "github")).toEqual({
    events: [],
    problems: [{ code: "unreadable", message: "input: line 1 is not in the format github" }],
  });
});

test("the signal ends the reading", async () => {
  const controller = new AbortController();
  const input = (async function* () {
    for (;;) yield Buffer.from(`${falco}\n`);
  })();
  let count = 0;
  for await (const _ of readJsonLines(input, {
    format: "auto",
    context: { signal: controller.signal, problem: () => {} },
  })) {
    if (++count === 3) controller.abort();
  }
  expect(count).toBe(3);
});

async function eventsOf(
  text: string | Uint8Array,
  format: JsonLinesFormat = "auto",
): Promise<{ events: JsonEvent[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const events: JsonEvent[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const input = (async function* () {
    yield Buffer.from(text);
  })();
  for await (const batch of readJsonLines(input, { format, context, now: () => 42n })) events.push(...batch);
  return { events, problems };
}
