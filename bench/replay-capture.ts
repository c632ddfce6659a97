/**
 * Replays a capture in this process and prints what that took as JSON.
 * Usage: `node bench/replay-capture.ts CAPTURE MODE`, where MODE is `walk` (read events and nothing else), `state` (and keep the state),
 * or `rules:N` (and judge N rules: those of the rule file in `RULES` as often as it takes, each copy with other values).
 */
import { createReadStream, readFileSync } from "node:fs";
import { kernelEventTypes } from "../src/model/events/kernel-event-table.ts";
import { ruleSource } from "../src/pipeline/watch/rule-sources.ts";
import { RuleEngine } from "../src/rules/engine/rule-engine.ts";
import { syscallFields } from "../src/rules/fields/syscall/syscall-fields.ts";
import type { Check, Condition } from "../src/rules/language/condition.ts";
import { loadRules } from "../src/rules/loading/load-rules.ts";
import type { Rule } from "../src/rules/loading/rule-set.ts";
import type { KernelEvent } from "../src/rules/state/kernel-event.ts";
import { KernelState } from "../src/rules/state/kernel-state.ts";
import { readCapture } from "../src/sources/capture/read-capture.ts";

/** What a replay took. */
export interface Replay {
  /** Events that were handed out. */
  readonly events: number;
  /** How often a rule was fulfilled. */
  readonly fulfilled: number;
  readonly rules: number;
  /** Of the thread that judged, and of the whole process with the thread that read the file. */
  readonly seconds: number;
  readonly processSeconds: number;
  /** Megabytes resident after the first tenth of the events and at the end. */
  readonly early: number;
  readonly late: number;
}

const textFields: ReadonlySet<string> = new Set(["proc.name", "proc.pname", "fd.name", "proc.cmdline", "proc.exepath"]);

const [path = "", mode = "state"] = process.argv.slice(2);
const source = await readCapture(createReadStream(path, { highWaterMark: 1 << 20 }), {
  name: path,
  generation: "head",
});
const count = mode.startsWith("rules:") ? Number(mode.slice("rules:".length)) : 0;
const rules = count > 0 ? rulesOf(process.env["RULES"] ?? "", count) : [];
const engine = new RuleEngine<KernelEvent>(rules, {
  source: "syscall",
  catalogue: syscallFields({ generation: "head" }),
  matching: "all",
  codes: { count: kernelEventTypes.length, of: (event) => event.code },
});
const state = new KernelState(source.snapshot, "head");
let events = 0;
let fulfilled = 0;
let early = 0;
const matched = (): void => void fulfilled++;
const start = process.threadCpuUsage();
const processStart = process.cpuUsage();
for await (const batch of source.events(new AbortController().signal)) {
  if (mode === "walk") events += batch.count;
  else {
    for (let index = 0; index < batch.count; index++) {
      if (!state.advance(batch, index)) continue;
      events++;
      if (count > 0) engine.judge(state.event, matched);
    }
  }
  if (early === 0 && events > 1_000_000) early = megabytes();
}
const used = process.threadCpuUsage(start);
const all = process.cpuUsage(processStart);
const replay: Replay = {
  events,
  fulfilled,
  rules: engine.rules.length,
  seconds: (used.user + used.system) / 1e6,
  processSeconds: (all.user + all.system) / 1e6,
  early,
  late: megabytes(),
};
process.stdout.write(`${JSON.stringify(replay)}\n`);

function megabytes(): number {
  return process.memoryUsage.rss() / 1e6;
}

/** So many rules: those of a file in turn, with the values of each further copy changed, so that no two share a comparison. */
function rulesOf(file: string, number: number): readonly Rule[] {
  const { rules: loaded } = loadRules([{ name: file, text: readFileSync(file, "utf8") }], {
    source: (name) => ruleSource(name, "head"),
    plugins: [{ name: "container", version: "0.7.0" }],
  });
  const enabled = loaded.filter(({ isEnabled, source: name }) => isEnabled && name === "syscall").slice(0, number);
  return Array.from({ length: number }, (_, index) => {
    const rule = enabled[index % enabled.length] as Rule;
    const copy = Math.floor(index / enabled.length);
    return copy === 0 ? rule : { ...rule, name: `${rule.name} ${copy}`, resolved: changed(rule.resolved, copy) };
  });
}

/** The condition with other texts in the comparisons of names, which keeps its cost and its event types. */
function changed(condition: Condition, copy: number): Condition {
  switch (condition.kind) {
    case "and":
    case "or":
      return { ...condition, operands: condition.operands.map((operand) => changed(operand, copy)) };
    case "not":
      return { ...condition, operand: changed(condition.operand, copy) };
    case "macro":
      return condition;
    case "check":
      return changedCheck(condition, copy);
  }
}

function changedCheck(check: Check, copy: number): Check {
  const { left, right } = check;
  if (left.kind !== "field" || !textFields.has(left.name)) return check;
  if (right?.kind === "value") return { ...check, right: { ...right, text: `${right.text}${copy}` } };
  if (right?.kind === "list")
    return { ...check, right: { ...right, texts: right.texts.map((text) => `${text}${copy}`) } };
  return check;
}
