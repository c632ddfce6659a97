import { expect, test } from "vitest";
import type { Alert, AlertValue, Priority } from "../../../src/model/events/alert.ts";
import { formatAlertJson, formatAlertText } from "../../../src/rules/alerts/format-alert.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Case {
  readonly name: string;
  readonly options?: { readonly json_include_output_property?: boolean };
  readonly head?: { readonly detections?: readonly { readonly output: string; readonly rule: string }[] };
}

describeWithCorpus("alerts print byte for byte as Falco prints them", () => {
  test("all alerts of the regression suite, by the current engine", () => {
    const { cases } = corpusJson<{ cases: readonly Case[] }>("runtime/falco-legacy/cases.json");
    const detections = cases.flatMap(({ name, options, head }) =>
      (head?.detections ?? []).map((detection) => ({ name, options, ...detection })),
    );
    const wrong = detections.filter(({ output, rule, options }) => {
      if (!output.startsWith("{")) return formatAlertText(alertOfText(output, rule), { timeFormat: "iso" }) !== output;
      const includeOutput = options?.json_include_output_property ?? true;
      return formatAlertJson(alertOfJson(output), { timeFormat: "iso", includeOutput }) !== output;
    });
    expect(wrong).toEqual([]);
    expect(detections.length).toBe(142);
  });

  test("the golden alerts of 2022, whose fields come last", () => {
    const lines = linesOf("single_rule_with_cat_write.json");
    const printed = lines.map((line) => formatAlertJson(alertOfJson(line), { timeFormat: "iso", fieldsLast: true }));
    expect(printed).toEqual(lines);
    expect(lines.length).toBe(8);
    const texts = linesOf("single_rule_with_cat_write.txt");
    expect(lines.map((line) => formatAlertText(alertOfJson(line), { timeFormat: "iso" }))).toEqual(texts);
  });
});

function linesOf(golden: string): string[] {
  return corpusBytes("runtime/falco-legacy/goldens", golden).toString("utf8").trimEnd().split("\n");
}

function alertOfText(line: string, rule: string): Alert {
  const [, time = "", priority = "", text = ""] = /^(\S+)\+0000: (\w+) (.*)$/su.exec(line) ?? [];
  const message = JSON.parse(`"${text}"`) as string;
  const { source, tags, fields } = { source: "syscall", tags: [], fields: [] };
  return { rule, priority: priority as Priority, source, time: timeOf(time), message, tags, fields, eventNumber: 0 };
}

function alertOfJson(line: string): Alert {
  const exact = (_name: string, value: unknown, context?: { readonly source: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) ? BigInt(context?.source ?? 0) : value;
  const value = JSON.parse(line, exact) as {
    readonly rule: string;
    readonly priority: Priority;
    readonly source: string;
    readonly hostname: string;
    readonly output?: string;
    readonly time: string;
    readonly tags: readonly string[];
    readonly output_fields: Readonly<Record<string, AlertValue>>;
  };
  const { rule, priority, source, hostname, tags, output_fields: fields, output = "" } = value;
  return {
    rule,
    priority,
    source,
    hostname,
    // Falco keeps them sorted; what gives them in another order is the same alert.
    tags: tags.toReversed(),
    time: timeOf(value.time.slice(0, -1)),
    message: output.replace(/^\S+ \w+ /, ""),
    fields: Object.entries(fields)
      .filter(([name]) => name !== "evt.time.iso8601")
      .reverse(),
    eventNumber: 0,
  };
}

/** Nanoseconds of `2016-08-04T16:17:57.881785348`. */
function timeOf(text: string): bigint {
  const [seconds = "", fraction = ""] = text.split(".");
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction);
}
