import { type Document, isSeq, LineCounter, parseAllDocuments } from "yaml";
import { YamlShape } from "../../io/documents/yaml-shape.ts";
import { PlimsollError } from "../../model/error.ts";
import { malformedTest, testHint } from "./malformed-test.ts";
import { readTestProcess } from "./read-test-process.ts";
import type { ExpectedAlert, RuleTest, TestKernelEvent, TestValue } from "./rule-test.ts";

const testKeys = ["test", "source", "processes", "events", "capture", "expect"] as const;
const eventKeys = ["type", "process", "args", "becomes", "after"] as const;
const maxFileLength = 4 * 1024 * 1024;
const maxTests = 10_000;
const maxEvents = 100_000;

/**
 * Reads the tests of a YAML file: one or more documents, each a list of tests. `file` is only for messages.
 * `PlimsollError` `file-malformed`, with file and line, for anything that is not a test; `limit-exceeded` beyond 4 MiB
 * or 10,000 tests.
 */
export function parseRuleTests(text: string, file: string): readonly RuleTest[] {
  if (text.length > maxFileLength) {
    throw new PlimsollError("limit-exceeded", `${file} has more than ${maxFileLength} characters of tests`, {
      hint: "Split the file.",
    });
  }
  const lines = new LineCounter();
  const tests: RuleTest[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, merge: true, logLevel: "silent" })) {
    const [error] = document.errors;
    if (error)
      throw malformedTest({ file, line: lines.linePos(error.pos[0]).line }, error.message.split("\n")[0] ?? "");
    if (document.contents === null) continue;
    if (!isSeq(document.contents)) throw malformedTest({ file, line: 1 }, "the document is not a list of tests");
    const values = valuesOf(document, file);
    for (const [index, value] of values.entries()) {
      const [start] = (document.contents.items[index] as { range?: [number, number, number] } | undefined)?.range ?? [
        0,
      ];
      tests.push(readTest(new YamlShape(value, { file, line: lines.linePos(start).line }, { hint: testHint })));
      if (tests.length > maxTests) throw new PlimsollError("limit-exceeded", `${file} has more than ${maxTests} tests`);
    }
  }
  return tests;
}

/** The plain values of a document. A few anchors are fine; a document that unfolds without end is not. */
function valuesOf(document: Document, file: string): readonly unknown[] {
  try {
    return document.toJS({ maxAliasCount: 10_000 }) as readonly unknown[];
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw malformedTest({ file, line: 1 }, "the aliases of the document expand to too much data");
  }
}

function readTest(shape: YamlShape): RuleTest {
  const member = shape.members(testKeys);
  const test = member("test")?.text() ?? shape.refuse("the entry has no test, a sentence about the tested behaviour");
  const source = member("source")?.text() ?? "syscall";
  const events = member("events")?.list() ?? [];
  const capture = member("capture")?.text();
  if (events.length > maxEvents) shape.refuse(`the entry has more than ${maxEvents} events`);
  if ((events.length === 0) === (capture === undefined)) shape.refuse("the entry must have either events or capture");
  const isSyscall = source === "syscall";
  return {
    test,
    source,
    processes: (member("processes")?.list() ?? []).map(readTestProcess),
    kernelEvents: isSyscall ? events.map(readKernelEvent) : [],
    jsonEvents: isSyscall ? [] : events.map(({ value }) => value),
    ...(capture === undefined ? {} : { capture }),
    expect: (member("expect") ?? shape.refuse("the entry has no expect; an empty list means no alerts"))
      .list()
      .map(readExpected),
    place: shape.place,
  };
}

function readKernelEvent(shape: YamlShape): TestKernelEvent {
  const member = shape.members(eventKeys);
  const args = [...(member("args")?.mapping() ?? [])].map(([key, value]) => [key, readValue(value)]);
  const process = member("process")?.nameOrNumber();
  const becomes = member("becomes");
  return {
    type: member("type")?.text() ?? shape.refuse("has no type"),
    ...(process === undefined ? {} : { process }),
    args: Object.fromEntries(args),
    ...(becomes === undefined ? {} : { becomes: readTestProcess(becomes) }),
    after: member("after")?.seconds() ?? 0.001,
    place: shape.place,
  };
}

function readValue(shape: YamlShape): TestValue {
  const { value } = shape;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "string" ? value : shape.list().map((part) => part.scalarText());
}

function readExpected(shape: YamlShape): ExpectedAlert {
  if (typeof shape.value === "string") return { rule: shape.value, count: 1, fields: {}, place: shape.place };
  const member = shape.members(["rule", "count", "fields"]);
  return {
    rule: member("rule")?.text() ?? shape.refuse("has no rule"),
    count: member("count")?.number() ?? 1,
    fields: member("fields")?.texts() ?? {},
    place: shape.place,
  };
}
