import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "../../model/events/alert.ts";
import { AlertMetrics } from "./alert-metrics.ts";
import { metricsText } from "./metrics-text.ts";

test("all that is counted is there, in the format of Prometheus", () => {
  const metrics = new AlertMetrics();
  metrics.recordEvents("syscall", 1000);
  metrics.recordEvents("syscall", 1);
  metrics.recordAlert(alertOf('a "rule" with \\ and\nmore'));
  metrics.recordAlert(alertOf('a "rule" with \\ and\nmore'));
  metrics.recordAlert(alertOf("other"));
  metrics.recordLoss("file /x");
  metrics.watchState(() => ({ threads: 3, descriptors: 4, purgedThreads: 0 }));
  metrics.watchWebhook(() => ({ requests: 9, refused: { 400: 1, 413: 2 } }));
  metrics.watchLimiter(() => ({ deduplicated: 5, rateLimited: 6, evicted: 7 }));
  const counts = { delivered: 1, refused: 2, rejected: 3, failures: 4, queued: 5, queuedBytes: 6 };
  metrics.watchOutput("http http://localhost", () => counts);
  const found = parse(metrics.render());
  const output = { output: "http http://localhost" };
  expect(found).toEqual([
    ["plimsoll_events_total", "counter", { source: "syscall" }, 1001],
    [
      "plimsoll_alerts_total",
      "counter",
      { rule: 'a "rule" with \\ and\nmore', priority: "Notice", source: "syscall" },
      2,
    ],
    ["plimsoll_alerts_total", "counter", { rule: "other", priority: "Notice", source: "syscall" }, 1],
    ["plimsoll_alerts_lost_total", "counter", { output: "file /x" }, 1],
    ["plimsoll_state_dropped_total", "counter", { of: "threads" }, 3],
    ["plimsoll_state_dropped_total", "counter", { of: "descriptors" }, 4],
    ["plimsoll_state_dropped_total", "counter", { of: "silent_threads" }, 0],
    ["plimsoll_webhook_requests_total", "counter", {}, 9],
    ["plimsoll_webhook_refused_total", "counter", { status: "400" }, 1],
    ["plimsoll_webhook_refused_total", "counter", { status: "413" }, 2],
    ["plimsoll_alerts_held_back_total", "counter", { reason: "deduplication" }, 5],
    ["plimsoll_alerts_held_back_total", "counter", { reason: "rate" }, 6],
    ["plimsoll_limiter_evictions_total", "counter", {}, 7],
    ["plimsoll_output_delivered_total", "counter", output, 1],
    ["plimsoll_output_refused_total", "counter", output, 2],
    ["plimsoll_output_rejected_total", "counter", output, 3],
    ["plimsoll_output_failures_total", "counter", output, 4],
    ["plimsoll_output_queue_alerts", "gauge", output, 5],
    ["plimsoll_output_queue_bytes", "gauge", output, 6],
  ]);
});

test("nothing counted is an empty page", () => {
  expect(new AlertMetrics().render()).toBe("");
});

test("the number of rules counted by name is bounded, and no alert is left out", () => {
  const metrics = new AlertMetrics();
  for (let index = 0; index < 10_100; index++) metrics.recordAlert(alertOf(`rule ${index}`));
  const found = parse(metrics.render());
  expect(found).toHaveLength(10_001);
  expect(found.reduce((sum, [, , , value]) => sum + value, 0)).toBe(10_100);
});

test("any text and number comes back from a strict reader", () => {
  const text = fc.string({ unit: "binary" }).map((one) => one.toWellFormed());
  fc.assert(
    fc.property(text, text, fc.double(), (help, label, value) => {
      const page = metricsText([
        { name: "a_total", help, type: "counter", samples: [{ labels: { x: label }, value }] },
      ]);
      expect(parse(page)).toEqual([["a_total", "counter", { x: label }, value + 0]]);
    }),
  );
});

type Sample = [name: string, type: string, labels: Record<string, string>, value: number];

/** Reads the text format as strictly as its specification is. Throws for anything else. */
function parse(page: string): Sample[] {
  if (page === "") return [];
  if (!page.endsWith("\n")) throw new Error("the last line does not end");
  const samples: Sample[] = [];
  const seen = new Set<string>();
  let family = "";
  let type = "";
  for (const line of page.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\]|\\\\|\\n)*$/su.exec(line);
    const declared = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/.exec(line);
    if (help) {
      family = help[1] ?? "";
      if (seen.has(`# ${family}`)) throw new Error(`${family} comes twice`);
      seen.add(`# ${family}`);
      type = "";
    } else if (declared) {
      if (declared[1] !== family || type !== "") throw new Error(`no help before ${line}`);
      type = declared[2] ?? "";
    } else samples.push(sampleOf(line, { family, type, seen }));
  }
  return samples;
}

function sampleOf(line: string, { family, type, seen }: { family: string; type: string; seen: Set<string> }): Sample {
  const [, name = "", , labelText = "", number = ""] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (-?\d[\d.e+-]*|[+-]Inf|NaN)$/su.exec(line) ?? [];
  if (name !== family || type === "") throw new Error(`no type before ${line}`);
  if (seen.has(line.slice(0, line.lastIndexOf(" ")))) throw new Error(`twice: ${line}`);
  seen.add(line.slice(0, line.lastIndexOf(" ")));
  const labels: Record<string, string> = {};
  let rest = labelText;
  while (rest !== "") {
    const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,(?=.)|$)/su.exec(rest);
    if (!found) throw new Error(`no label: ${rest}`);
    labels[found[1] ?? ""] = (found[2] ?? "").replace(/\\(.)/gs, (_, one: string) => (one === "n" ? "\n" : one));
    rest = rest.slice(found[0].length);
  }
  return [name, type, labels, Number(number.replace("Inf", "Infinity"))];
}

function alertOf(rule: string): Alert {
  const { time, tags, fields } = { time: 0n, tags: [], fields: [] };
  return { rule, priority: "Notice", source: "syscall", time, message: "", tags, fields, eventNumber: 1 };
}
