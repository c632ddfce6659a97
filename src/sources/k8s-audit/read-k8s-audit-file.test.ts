import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { type K8sAuditFileOptions, readK8sAuditFile } from "./read-k8s-audit-file.ts";

const folder = temporaryFolder();
const event = (second: number, more: object = {}): object => ({
  kind: "Event",
  auditID: `id-${second}`,
  stage: "ResponseComplete",
  stageTimestamp: `2024-05-01T10:00:${String(second).padStart(2, "0")}Z`,
  ...more,
});
const start = 1714557600n;

test("one event, a list, an array and lines are read, also over several lines", async () => {
  const documents = [
    JSON.stringify(event(1)),
    JSON.stringify({ kind: "EventList", items: [event(2), event(3)] }, undefined, 2),
    JSON.stringify([event(4), { kind: "EventList", items: [event(5)] }]),
    `${JSON.stringify(event(6))}\n${JSON.stringify(event(7))}`,
  ];
  const { events, problems } = await eventsOf(stream(documents.join("\n")));
  expect(events.map(({ value }) => (value as { auditID: string }).auditID)).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((second) => `id-${second}`),
  );
  expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(events[0]?.time).toBe((start + 1n) * 1_000_000_000n);
  expect(problems).toEqual([]);
});

test("what is not an audit event is a problem, and the rest goes on", async () => {
  const lines = [
    event(1),
    { kind: 0 },
    { kind: "Pod" },
    event(2, { stageTimestamp: undefined }),
    { kind: "EventList", items: [event(3), "x", event(4, { stageTimestamp: "yesterday" })] },
    event(5),
  ];
  const { events, problems } = await eventsOf(stream(lines.map((line) => JSON.stringify(line)).join("\n")));
  expect(events).toHaveLength(3);
  expect(problems.map(({ message }) => message)).toEqual([
    "input: the document on line 2 is not a Kubernetes audit event",
    "input: the document on line 3 is not a Kubernetes audit event",
    "input: the document on line 4 is an audit event without a time in `stageTimestamp`",
    "input: the document on line 5 is an audit event without a time in `stageTimestamp`",
    "input: the document on line 5 is an audit event without a time in `stageTimestamp`",
  ]);
});

test("events before a time and of other stages can be left out, and keep their numbers", async () => {
  const lines = [event(1), event(2, { stage: "RequestReceived" }), event(3), event(4)];
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  const { events } = await eventsOf(stream(text), {
    since: (start + 2n) * 1_000_000_000n,
    stages: ["ResponseComplete"],
  });
  expect(events.map(({ number }) => number)).toEqual([3, 4]);
});

test("a folder is read by the age of its files, packed or not", async () => {
  const logs = join(folder, "logs");
  mkdirSync(join(logs, "below"), { recursive: true });
  write(join(logs, "audit.log"), { text: JSON.stringify(event(3)), age: 1 });
  write(join(logs, "audit-old.log.gz"), {
    text: gzipSync(`${JSON.stringify(event(1))}\n${JSON.stringify(event(2))}`),
    age: 9,
  });
  const { events, problems } = await eventsOf(logs);
  expect(events.map(({ value }) => (value as { auditID: string }).auditID)).toEqual(["id-1", "id-2", "id-3"]);
  expect(problems).toEqual([]);
});

test("a packed log that is cut off is a problem, and what could be read is there", async () => {
  const path = join(folder, "cut.log.gz");
  const text = Array.from({ length: 5000 }, (_, index) => JSON.stringify(event(index % 60, { index }))).join("\n");
  const packed = gzipSync(text);
  write(path, { text: packed.subarray(0, packed.length - 100), age: 0 });
  const { events, problems } = await eventsOf(path);
  expect(events.length).toBeGreaterThan(4000);
  expect(problems[0]?.message).toContain("cut.log.gz: it cannot be read completely");
});

test("a document beyond the limit is a problem", async () => {
  const large = JSON.stringify([event(1, { text: "x".repeat(10_000) })]);
  const { events, problems } = await eventsOf(stream(`${large}\n${JSON.stringify(event(2))}\n`), {
    maxDocumentBytes: 5000,
  });
  expect(events).toHaveLength(1);
  expect(problems[0]?.code).toBe("limit-exceeded");
});

test("a path without anything is an error", async () => {
  await expect(eventsOf(join(folder, "nothing"))).rejects.toMatchObject({ code: "target-not-found" });
});

function write(path: string, { text, age }: { text: string | Buffer; age: number }): void {
  writeFileSync(path, text);
  const time = 1_700_000_000 - age * 3600;
  utimesSync(path, time, time);
}

async function* stream(text: string): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += 100) yield Buffer.from(text.slice(at, at + 100));
}

async function eventsOf(
  input: string | AsyncIterable<Uint8Array>,
  options: Partial<K8sAuditFileOptions> = {},
): Promise<{ events: JsonEvent[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const events: JsonEvent[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  for await (const batch of readK8sAuditFile(input, { context, ...options })) events.push(...batch);
  return { events, problems };
}
