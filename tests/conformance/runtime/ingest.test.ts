import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { JsonEvent } from "../../../src/model/events/json-event.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { JsonRuleEvent } from "../../../src/rules/fields/json/json-rule-event.ts";
import { type ProducerName, producerFields } from "../../../src/rules/fields/json/producers/producer-fields.ts";
import { parseEventTime } from "../../../src/sources/json-lines/parse-event-time.ts";
import { readJsonLines } from "../../../src/sources/json-lines/read-json-lines.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

/** The main values of a Tetragon event, as the corpus lists them. */
type TetragonCase = Readonly<Record<string, string | number>> & { readonly file: string; readonly type: string };

/** Which field must have which of the listed values. */
const tetragonFields: Readonly<Record<string, string>> = {
  binary: "proc.exepath",
  arguments: "proc.args",
  cwd: "proc.cwd",
  pid: "proc.pid",
  uid: "user.uid",
  parent_binary: "proc.pexepath",
  namespace: "k8s.ns.name",
  pod: "k8s.pod.name",
  container: "container.name",
  source_port: "fd.lport",
  destination_port: "fd.rport",
  node: "jevt.value[/node_name]",
  exec_id: "jevt.value[/TYPE/process/exec_id]",
  parent_exec_id: "jevt.value[/TYPE/process/parent_exec_id]",
  function_name: "jevt.value[/TYPE/function_name]",
  source_ip: "jevt.value[/TYPE/source_ip]",
  destination_ip: "jevt.value[/TYPE/destination_ip]",
};

const tetragonTypes: Readonly<Record<string, readonly string[]>> = {
  process_exec: ["execve"],
  process_exit: ["procexit"],
  process_connect: ["connect"],
  process_close: ["close"],
  process_listen: ["listen"],
  process_kprobe: ["read", "write"],
};

describeWithCorpus("events that other programs send", () => {
  test("every Tetragon event is recognised, and its main values are found", async () => {
    const { cases } = corpusJson<{ cases: readonly TetragonCase[] }>("runtime/ingest/tetragon-index.json");
    let values = 0;
    for (const expected of cases) {
      const { file, type, time, protocol } = expected;
      const [event, ...others] = await eventsOf(corpusBytes("runtime/ingest", file));
      if (!event) throw new Error(`${file} gives no event`);
      expect(others, file).toEqual([]);
      expect({ source: event.source, time: event.time }, file).toEqual({
        source: "tetragon",
        time: parseEventTime(time),
      });
      const read = reader("tetragon", event);
      expect(tetragonTypes[type], file).toContain(read("evt.type"));
      if (protocol !== undefined) expect(read("fd.l4proto"), file).toBe(String(protocol).toLowerCase());
      for (const [key, field] of Object.entries(tetragonFields)) {
        if (expected[key] === undefined) continue;
        expect(read(field.replace("TYPE", type)), `${file} ${field}`).toBe(expected[key]);
        values++;
      }
    }
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(values).toBeGreaterThanOrEqual(350);
  });

  test("all Tetragon files in one stream give one event each", async () => {
    const { cases } = corpusJson<{ cases: readonly TetragonCase[] }>("runtime/ingest/tetragon-index.json");
    const all = Buffer.concat(cases.flatMap(({ file }) => [corpusBytes("runtime/ingest", file), Buffer.from("\n")]));
    expect(await eventsOf(all)).toHaveLength(cases.length);
  });

  test("every alert that Falco posts is recognised with its rule, priority, time and output fields", async () => {
    const { cases } = corpusJson<{ cases: readonly { payload: FalcoAlert }[] }>("runtime/ingest/falco-payloads.json");
    for (const { payload } of cases) await expectAlert(payload, JSON.stringify(payload));
    expect(cases.length).toBeGreaterThanOrEqual(6);
  });

  test("the alerts that Falco writes as JSON lines are read, with every digit of their times", async () => {
    const text = corpusBytes("runtime/falco-legacy/goldens/single_rule_with_cat_write.json").toString();
    const events = await eventsOf(Buffer.from(text));
    expect(events).toHaveLength(8);
    for (const event of events) {
      expect(event.source).toBe("falco");
      const read = reader("falco", event);
      expect(read("falco.rule")).toBe("open_from_cat");
      expect(read("proc.cmdline")).toBe("cat /dev/null");
      expect(read("jevt.value[/output_fields/evt.time.iso8601]")).toBe(String(event.time));
    }
  });
});

interface FalcoAlert {
  readonly rule: string;
  readonly priority: string;
  readonly output: string;
  readonly time: string;
  readonly output_fields: Readonly<Record<string, string | number>>;
}

async function expectAlert(alert: FalcoAlert, text: string): Promise<void> {
  const [event] = await eventsOf(Buffer.from(text));
  if (!event) throw new Error(`no event in ${text}`);
  expect({ source: event.source, time: event.time }).toEqual({ source: "falco", time: parseEventTime(alert.time) });
  const read = reader("falco", event);
  expect([read("falco.rule"), read("falco.priority"), read("falco.output")]).toEqual([
    alert.rule,
    alert.priority,
    alert.output,
  ]);
  for (const [name, value] of Object.entries(alert.output_fields)) {
    const pointer = name.replaceAll("~", "~0").replaceAll("/", "~1");
    // JavaScript's own numbers stop at 2^53; the reader has all digits.
    if (name !== "evt.time") expect(read(`jevt.value[/output_fields/${pointer}]`), name).toBe(String(value));
  }
}

function reader(producer: ProducerName, event: JsonEvent): (field: string) => unknown {
  const catalogue = producerFields(producer);
  const rule = new JsonRuleEvent(0, event);
  return (field) => {
    const open = field.indexOf("[");
    const name = open < 0 ? field : field.slice(0, open);
    const resolved = catalogue.resolve(name, open < 0 ? undefined : field.slice(open + 1, -1));
    if (!resolved) throw new Error(`there is no field ${field}`);
    return resolved.extract(rule);
  };
}

async function eventsOf(bytes: Buffer): Promise<JsonEvent[]> {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const events: JsonEvent[] = [];
  for await (const batch of readJsonLines(Readable.from([bytes]), { format: "auto", context })) events.push(...batch);
  expect(problems).toEqual([]);
  return events;
}
