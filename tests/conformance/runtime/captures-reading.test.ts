import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { ByteString, KernelDescriptor, KernelThread } from "../../../src/model/events/kernel-event.ts";
import {
  type KernelEventType,
  kernelEventCode,
  kernelEventTypes,
  syscallNames,
} from "../../../src/model/events/kernel-event-table.ts";
import { openCapture } from "../../../src/sources/capture/open-capture.ts";
import { readCapture } from "../../../src/sources/capture/read-capture.ts";
import { eventAt, type ReadEvent } from "../../setup/capture-reading.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { repeatedCapture } from "../../setup/repeat-capture.ts";

// Every event of every capture, as both generations of the library hand it out: its number, time, thread, type and direction, and
// the integers among its parameters. And what the captures tell of the machine before the first event.

const folder = ["runtime", "captures"];

interface Row {
  readonly "evt.num": number;
  readonly "evt.rawtime": string;
  readonly "evt.type": string;
  readonly "evt.dir": string;
  readonly "evt.args": string;
  readonly "thread.tid": number | null;
}

interface TimedEvent extends ReadEvent {
  readonly time: string;
  readonly type: KernelEventType;
}

function captureNames(): string[] {
  const entries = readdirSync(corpusPath(...folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function linesOf<T>(...path: string[]): T[] {
  const lines = corpusBytes(...folder, ...path)
    .toString("utf8")
    .split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

async function visibleEvents(name: string, generation: "head" | "0.40"): Promise<TimedEvent[]> {
  const source = await openCapture(corpusPath(...folder, name, `${name}.scap`), { generation });
  const events: TimedEvent[] = [];
  for await (const batch of source.events(new AbortController().signal)) {
    for (let index = 0; index < batch.count; index++) {
      if (batch.hidden?.[index] === 1) continue;
      const time = (BigInt(batch.timesHigh[index] ?? 0) << 32n) | BigInt(batch.timesLow[index] ?? 0);
      const event = eventAt(batch, index);
      events.push({
        ...event,
        time: String(time),
        type: kernelEventTypes[kernelEventCode(event.id)] as KernelEventType,
      });
    }
  }
  return events;
}

/** The name that a row prints: of generic events that of the system call, `undefined` when only its native number tells it. */
function printedName({ type, parameters }: TimedEvent): string | undefined {
  if (type.syscalls !== "generic") return type.name;
  return syscallNames[String(Buffer.from(parameters[0] ?? "", "hex").readUInt16LE())];
}

const integers = /^(?:U?INT(?:8|16|32|64)|FD|PID|ERRNO)$/;

/** The integers that the event says under names, as `name=number`; of generic events nothing is printed. */
function integersOf({ type, parameters, visible }: TimedEvent): string[] {
  if (type.syscalls === "generic") return [];
  return type.parameters.slice(0, visible).flatMap((parameter, index) => {
    const bytes = Buffer.from(parameters[index] ?? "", "hex");
    if (parameter.format !== "DEC" || !integers.test(parameter.type) || bytes.length === 0) return [];
    const wide =
      bytes.readUIntLE(0, Math.min(bytes.length, 6)) + (bytes.length === 8 ? bytes.readInt16LE(6) * 2 ** 48 : 0);
    const isSigned = !parameter.type.startsWith("UINT");
    const value = isSigned && bytes.length === 4 ? bytes.readInt32LE() : wide;
    return [`${parameter.name}=${value}`];
  });
}

/** The pairs of a printed line that are names with integers. */
function printedPairs(line: string): Set<string> {
  return new Set([...line.matchAll(/(?:^| )(\w+=-?\d+)/g)].map(([, pair = ""]) => pair));
}

interface ThreadRow {
  readonly when: string;
  readonly tid: number;
  readonly pid: number;
  readonly args: readonly string[];
  readonly cgroups: readonly (readonly [string, string])[];
  readonly fds: readonly { readonly fd: number; readonly name: string; readonly type: string }[];
  readonly [field: string]: unknown;
}

/** A thread as the library knows it at first: the environment is its process's, and a deleted program has its path alone. */
function threadFacts(thread: KernelThread): object {
  const { tid, pid, ptid, comm, exe, args, root } = thread;
  return {
    ...{ tid, pid, ptid, comm, exe, args, root },
    exepath: thread.exepath.replace(/ \(deleted\)$/, ""),
    cwd: thread.cwd.endsWith("/") ? thread.cwd : `${thread.cwd}/`,
    ...{ sid: thread.sid ?? -1, vpgid: thread.vpgid ?? -1, vtid: thread.vtid ?? -1, vpid: thread.vpid ?? -1 },
    ...{ tty: thread.tty ?? 0, nenv: tid === pid ? thread.env.length : 0 },
    cgroups: thread.cgroups.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  };
}

/** The letter of a descriptor's type, by its number. */
const letters: Readonly<Record<number, string>> = {
  ...{ 1: "f", 2: "d", 3: "4", 4: "6", 5: "4", 6: "6", 7: "p", 8: "u", 9: "e", 10: "X", 11: "s", 12: "l", 13: "i" },
  ...{ 14: "t", 15: "n", 16: "f", 17: "b", 18: "u", 19: "r", 20: "m", 21: "P" },
};

/** A descriptor as the library prints it. Which end is the client's is the state's to find; IPv6 is left to what prints it. */
function descriptorFacts({ fd, type, name = "", source, destination }: KernelDescriptor): string {
  const end = (side: typeof source) => `${[...Buffer.from(side?.address ?? "", "latin1")].join(".")}:${side?.port}`;
  const sides = destination ? [end(source), end(destination)].sort().join("->") : end(source);
  const printed = source ? (source.address.length === 4 ? sides : "an IPv6 socket") : utf8(name);
  return `${fd} ${letters[type]} ${printed}`;
}

function utf8(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

describeWithCorpus("captures", () => {
  test.each([
    ["head", "decode-head", 13_585],
    ["0.40", "decode", 16_376],
  ] as const)("hand out every event as generation %s does", async (generation, rowsName, expected) => {
    let count = 0;
    let compared = 0;
    for (const name of captureNames()) {
      const rows = linesOf<Row>(name, `${rowsName}.jsonl.gz`);
      const events = await visibleEvents(name, generation);
      const facts = events.map((event, index) => ({
        number: event.number,
        time: event.time,
        type: printedName(event) ?? rows[index]?.["evt.type"],
        direction: event.type.isExit ? "<" : ">",
        tid: rows[index]?.["thread.tid"] === null ? null : event.tid,
      }));
      const wanted = rows.map((row) => ({
        number: row["evt.num"],
        time: row["evt.rawtime"],
        type: row["evt.type"],
        direction: row["evt.dir"],
        tid: row["thread.tid"],
      }));
      expect(facts, name).toEqual(wanted);
      for (const [index, event] of events.entries()) {
        const printed = printedPairs(rows[index]?.["evt.args"] ?? "");
        const missing = integersOf(event).filter((pair) => !printed.has(pair));
        expect(missing, `${name} ${event.number} ${event.id}: ${rows[index]?.["evt.args"]}`).toEqual([]);
        compared += integersOf(event).length;
      }
      count += events.length;
    }
    expect({ count, compared: compared > 30_000 }).toEqual({ count: expected, compared: true });
  });

  test("repeated many times give their events as often, with time going on", async () => {
    const pieces = async function* () {
      yield* repeatedCapture(corpusBytes(...folder, "curl_google", "curl_google.scap"), 200);
    };
    const source = await readCapture(pieces(), { name: "repeated", generation: "head" });
    let count = 0;
    let last = 0;
    for await (const batch of source.events(new AbortController().signal)) {
      for (let index = 0; index < batch.count; index++) {
        if (batch.hidden?.[index] === 1) continue;
        const time = (batch.timesHigh[index] ?? 0) * 2 ** 32 + (batch.timesLow[index] ?? 0);
        // The capture itself goes back in time by some microseconds here and there.
        expect(time).toBeGreaterThan(last - 1e6);
        last = time;
        count++;
      }
    }
    expect(count).toBe(939 * 200);
  });

  test("tell the threads that the library begins with", async () => {
    let count = 0;
    for (const name of captureNames()) {
      const { snapshot } = await openCapture(corpusPath(...folder, name, `${name}.scap`), { generation: "head" });
      const rows = linesOf<ThreadRow>(name, "threads.jsonl.gz").filter(({ when }) => when === "start");
      const threads = new Map(snapshot.threads.map((thread) => [thread.tid, thread]));
      expect(threads.size, name).toBe(rows.length);
      for (const { when: _, fds, container_id: __, flags: ___, ...row } of rows) {
        const thread = threads.get(row.tid);
        expect(thread && threadFacts(thread), `${name} ${row.tid}`).toEqual(row);
        const printed = fds.map(({ fd, type, name }) => {
          const sides = type === "4" ? name.split("->").sort().join("->") : name;
          return `${fd} ${type} ${type === "6" ? "an IPv6 socket" : sides}`;
        });
        expect(thread?.descriptors.map(descriptorFacts).sort(), `${name} ${row.tid}`).toEqual(printed.sort());
        count++;
      }
    }
    expect(count).toBe(1959);
  });
});
