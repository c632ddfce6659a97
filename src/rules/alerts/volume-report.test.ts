import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Alert, AlertValue } from "../../model/events/alert.ts";
import type { ExceptionSuggestion, VolumeReport } from "../../model/events/alert-volume.ts";
import { exceptionYaml } from "./exception-suggestion.ts";
import { FrequentValues } from "./frequent-values.ts";
import { AlertVolume } from "./volume-report.ts";

const second = 1_000_000_000n;

test("no alerts give an empty report", () => {
  expect(volumeReport([])).toEqual({ alerts: 0, seconds: 0, rules: [], furtherAlerts: 0 });
});

test("a report counts the alerts of each rule, how many a minute, and their values", () => {
  const alerts = [
    ...repeat(30, (index) => alertOf("busy", { "proc.name": `p${index % 3}`, "evt.buffer": `${index}` }, index * 2)),
    alertOf("quiet", { "proc.name": null }, 120),
  ];
  const report = volumeReport(alerts);
  expect(report).toMatchObject({ alerts: 31, first: 0n, last: 120n * second, furtherAlerts: 0 });
  expect(report.rules.map(({ rule, alerts: count, perMinute }) => [rule, count, perMinute])).toEqual([
    ["busy", 30, 15],
    ["quiet", 1, 0.5],
  ]);
  expect(report.rules[0]?.distinct).toEqual([{ field: "proc.name", count: 3, isMore: false }]);
  expect(report.rules[0]?.top[0]).toEqual({ values: [["proc.name", "p0"]], count: 10 });
  expect(report.rules[1]?.suggestion).toBeUndefined();
});

test("how often a rule alerts is a matter of how long was looked at, when that is known", () => {
  const volume = new AlertVolume();
  for (const alert of repeat(6, (index) => alertOf("r", { "proc.name": "a" }, index))) volume.add(alert);
  expect(volume.report({ seconds: 3600 })).toMatchObject({ seconds: 3600, rules: [{ alerts: 6, perMinute: 0.1 }] });
  expect(volume.report({ seconds: 0.5 }).rules[0]?.perMinute).toBeUndefined();
});

test("the suggestion needs few values and is as specific as it can be", () => {
  const alerts = [
    ...repeat(70, () => alertOf("r", { "proc.name": "node", "proc.pname": "npm", "proc.cmdline": "node a.js" })),
    ...repeat(20, (index) =>
      alertOf("r", { "proc.name": "curl", "proc.pname": "sh", "proc.cmdline": `curl ${index}` }),
    ),
    ...repeat(10, (index) => alertOf("r", { "proc.name": `x${index}`, "proc.pname": "sh", "proc.cmdline": "x" })),
  ];
  const report = volumeReport(alerts);
  expect(report.rules[0]?.suggestion).toEqual({
    fields: ["proc.name", "proc.pname"],
    comps: ["=", "="],
    values: [
      { values: ["node", "npm"], count: 70 },
      { values: ["curl", "sh"], count: 20 },
    ],
    coverage: 0.9,
  });
});

test("files are excepted by their folder", () => {
  const alerts = repeat(50, (index) => alertOf("r", { "proc.name": "app", "fd.name": `/var/lib/app/${index}` }));
  const report = volumeReport(alerts);
  expect(report.rules[0]?.suggestion).toMatchObject({
    fields: ["proc.name", "fd.name"],
    comps: ["=", "pmatch"],
    values: [{ values: ["app", "/var/lib/app"], count: 50 }],
    coverage: 1,
  });
});

test("where alerts have little in common, nothing is suggested", () => {
  const report = volumeReport(repeat(500, (index) => alertOf("r", { "proc.name": `p${index}` })));
  expect(report.rules[0]?.suggestion).toBeUndefined();
});

test("memory is bounded for any number of values and rules", () => {
  const report = volumeReport(repeat(5000, (index) => alertOf(`rule ${index % 1500}`, { "proc.name": `p${index}` })));
  expect(report.rules).toHaveLength(1000);
  expect(report.furtherAlerts + report.rules.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(5000);
  const one = volumeReport(repeat(5000, (index) => alertOf("r", { "proc.name": `p${index}` })));
  expect(one.rules[0]?.distinct).toEqual([{ field: "proc.name", count: 1000, isMore: true }]);
});

test("a suggestion prints as an item of a rule file, with values that conditions understand", () => {
  const suggestion: ExceptionSuggestion = {
    fields: ["proc.cmdline", "proc.pname"],
    comps: ["=", "="],
    values: [
      { values: ['sh -c "a" \\ (b)', "sh"], count: 9 },
      { values: ["a=b", "yes"], count: 1 },
    ],
    coverage: 0.956,
  };
  const text = exceptionYaml("A rule: one", suggestion);
  expect(text).toMatch(/^# 95 % of the alerts\n/);
  expect(parse(text)).toEqual([
    {
      rule: "A rule: one",
      exceptions: [
        {
          name: "suggested_proc_cmdline_proc_pname",
          fields: ["proc.cmdline", "proc.pname"],
          comps: ["=", "="],
          values: [
            ['"sh -c \\"a\\" \\\\ (b)"', "sh"],
            ['"a=b"', "yes"],
          ],
        },
      ],
      override: { exceptions: "append" },
    },
  ]);
  const single = { fields: ["proc.name"], comps: ["="], values: [{ values: ["cat"], count: 1 }], coverage: 1 };
  expect(parse(exceptionYaml("r", single))).toMatchObject([
    { exceptions: [{ fields: "proc.name", comps: "in", values: ["cat"] }] },
  ]);
});

test("frequent values are found among many rare ones, and their counts are certain", () => {
  const counts = new FrequentValues<string>(20);
  for (let index = 0; index < 10_000; index++) {
    const value = index % 4 === 0 ? "often" : `rare ${index}`;
    counts.add(value, value);
  }
  const [first] = counts.top();
  expect(first?.value).toBe("often");
  expect((first?.count ?? 0) - (first?.excess ?? 0)).toBeLessThanOrEqual(2500);
  expect(first?.count).toBeGreaterThanOrEqual(2500);
  expect(counts.size).toBe(20);
});

function volumeReport(alerts: readonly Alert[]): VolumeReport {
  const volume = new AlertVolume();
  for (const alert of alerts) volume.add(alert);
  return volume.report();
}

function repeat(count: number, make: (index: number) => Alert): Alert[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function alertOf(rule: string, fields: Readonly<Record<string, AlertValue>>, at = 0): Alert {
  const { source, message, tags } = { source: "syscall", message: "", tags: [] };
  const time = BigInt(at) * second;
  return { rule, priority: "Notice", source, time, message, tags, fields: Object.entries(fields), eventNumber: 1 };
}
