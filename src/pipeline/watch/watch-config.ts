import { dirname, resolve } from "node:path";
import { readYamlShape, type YamlShape } from "../../io/documents/yaml-shape.ts";
import { type Priority, parsePriority, priorities } from "../../model/events/alert.ts";
import { defined } from "../../model/objects/defined.ts";
import type { RateLimit } from "../../rules/alerts/token-bucket.ts";
import type { Matching } from "../../rules/engine/rule-engine.ts";
import type { AppendOutput } from "../../rules/loading/load-rules.ts";
import { parseDuration } from "../../rules/loading/parse-duration.ts";
import { readText } from "./rule-files.ts";

/** Where alerts go, and how. Paths are absolute or relative to the working folder. */
export interface OutputSpec {
  /** `stdout`, `file:PATH`, `http://…`, `https://…`, `syslog:TARGET`, `program:PATH`. */
  readonly to: string;
  /** Format of lines; JSON unless given, except for syslog, which gets text. */
  readonly format?: "text" | "json";
  /** The least urgent that goes there. */
  readonly priority?: Priority;
  /** For a file: its most bytes before it is rotated, and how many old ones are kept. */
  readonly maxBytes?: number;
  readonly keep?: number;
  /** For HTTP. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly batch?: "array" | "lines";
  readonly compress?: boolean;
  /** For HTTP and syslog with TLS: PEM files. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** Milliseconds for one attempt. */
  readonly timeout?: number;
  /** Arguments of a program. */
  readonly args?: readonly string[];
  readonly perAlert?: boolean;
  /** A folder in which alerts wait that could not be delivered yet; without it they wait in memory. */
  readonly queue?: string;
  readonly queueBytes?: number;
}

/** What a configuration file of a watch says; all of it may be left out. */
export interface WatchConfig {
  readonly rules?: readonly string[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly priority?: Priority;
  readonly matching?: Matching;
  readonly appendOutput?: readonly AppendOutput[];
  readonly perRule?: RateLimit;
  readonly overall?: RateLimit;
  readonly outputs?: readonly OutputSpec[];
  readonly metrics?: string;
}

const keys = [
  "rules",
  "enable",
  "disable",
  "priority",
  "matching",
  "append_output",
  "limits",
  "outputs",
  "metrics",
] as const;
const outputKeys = [
  "to",
  "format",
  "priority",
  "max_bytes",
  "keep",
  "headers",
  "batch",
  "compress",
  "ca",
  "certificate",
  "key",
  "timeout",
  "args",
  "per_alert",
  "queue",
  "queue_bytes",
] as const;

/**
 * Reads the configuration of a watch, YAML as `docs/watch.md` has it. Relative paths are those of the folder of the
 * file. `${NAME}` in a header is replaced by the variable of the environment. Errors: `file-malformed` with the place,
 * those of reading a file.
 */
export function readWatchConfig(path: string, environment: Readonly<Record<string, string | undefined>>): WatchConfig {
  const shape = readYamlShape(readText(path), { file: path, hint: "docs/watch.md shows a configuration." });
  if (shape.value === null) return {};
  const member = shape.members(keys);
  const here = (name: string): string => resolve(dirname(path), name);
  const limits = member("limits")?.members(["per_rule", "overall"]);
  const perRule = limits?.("per_rule");
  const overall = limits?.("overall");
  return defined({
    rules: member("rules")
      ?.list()
      .map((rule) => here(rule.text())),
    enable: textsOf(member("enable")),
    disable: textsOf(member("disable")),
    priority: priorityOf(member("priority")),
    matching: oneOf(member("matching"), ["all", "first"]),
    appendOutput: member("append_output")?.list().map(appendOutputOf),
    perRule: perRule && rateOf(perRule),
    overall: overall && rateOf(overall),
    outputs: member("outputs")
      ?.list()
      .map((shape) => outputOf(shape, here, environment)),
    metrics: member("metrics")?.text(),
  });
}

function outputOf(
  shape: YamlShape,
  here: (name: string) => string,
  environment: Readonly<Record<string, string | undefined>>,
): OutputSpec {
  const member = shape.members(outputKeys);
  const path = (key: (typeof outputKeys)[number]): string | undefined => {
    const name = member(key)?.text();
    return name === undefined ? undefined : here(name);
  };
  const to =
    member("to")?.text() ?? shape.refuse("has no to: stdout, file:PATH, https://…, syslog:TARGET or program:PATH");
  return {
    to: to.startsWith("file:") ? `file:${here(to.slice("file:".length))}` : to,
    ...defined({
      format: oneOf(member("format"), ["text", "json"]),
      priority: priorityOf(member("priority")),
      maxBytes: member("max_bytes")?.number(1),
      keep: member("keep")?.number(),
      headers: headersOf(member("headers"), environment),
      batch: oneOf(member("batch"), ["array", "lines"]),
      compress: member("compress")?.truth(),
      ca: path("ca"),
      certificate: path("certificate"),
      key: path("key"),
      timeout: durationOf(member("timeout")),
      args: textsOf(member("args")),
      perAlert: member("per_alert")?.truth(),
      queue: path("queue"),
      queueBytes: member("queue_bytes")?.number(1),
    }),
  };
}

function headersOf(
  shape: YamlShape | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> | undefined {
  if (!shape) return undefined;
  const withVariables = Object.entries(shape.texts()).map(([name, value]) => [
    name,
    value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => {
      return environment[variable] ?? shape.refuse(`needs the variable ${variable}, which is not set`);
    }),
  ]);
  return Object.fromEntries(withVariables);
}

function appendOutputOf(shape: YamlShape): AppendOutput {
  const member = shape.members(["match", "extra_output", "extra_fields", "suggested_output"]);
  const match = member("match")?.members(["rule", "source", "tags"]);
  return defined({
    match:
      match && defined({ rule: match("rule")?.text(), source: match("source")?.text(), tags: textsOf(match("tags")) }),
    extraOutput: member("extra_output")?.text(),
    extraFields: member("extra_fields")
      ?.list()
      .map((field) => (typeof field.value === "string" ? field.value : field.texts())),
    suggestedOutput: member("suggested_output")?.truth(),
  });
}

function rateOf(shape: YamlShape): RateLimit {
  const member = shape.members(["count", "within", "burst"]);
  const count = member("count")?.number(1) ?? shape.refuse("has no count");
  const within = durationOf(member("within")) ?? shape.refuse("has no within, such as 1m");
  const burst = member("burst")?.number(1);
  return { count, within, ...(burst !== undefined && { burst }) };
}

/** Milliseconds of `500ms`, `10s`, `5m`, `1h`, `1d`. */
function durationOf(shape: YamlShape | undefined): number | undefined {
  if (!shape) return undefined;
  return parseDuration(shape.scalarText()) ?? shape.refuse("is not a duration such as 10s or 5m");
}

function priorityOf(shape: YamlShape | undefined): Priority | undefined {
  if (!shape) return undefined;
  return parsePriority(shape.text()) ?? shape.refuse(`is none of ${priorities.join(", ")}`);
}

function oneOf<const T extends string>(shape: YamlShape | undefined, allowed: readonly T[]): T | undefined {
  if (!shape) return undefined;
  return allowed.find((value) => value === shape.value) ?? shape.refuse(`is none of ${allowed.join(", ")}`);
}

function textsOf(shape: YamlShape | undefined): readonly string[] | undefined {
  return shape?.list().map((text) => text.scalarText());
}
