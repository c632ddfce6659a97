import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, openingCapture, openingRules, startWatch } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const capture = join(folder, "opened.scap");
const audit = join(folder, "audit.log");
const lines = join(folder, "lines.json");
const rules = join(folder, "rules.yaml");

const moreRules = `
- rule: Anything deleted
  desc: An object was deleted.
  source: k8s_audit
  condition: ka.verb = delete
  output: Deleted (name=%ka.target.name)
  priority: NOTICE
- rule: Word said
  desc: A word was said.
  source: json
  condition: json.value[/word] exists
  output: Said (word=%json.value[/word])
  priority: NOTICE
`;

/** A time after the first event of the capture, whose events are a millisecond apart. */
function after(milliseconds: number): string {
  return new Date(1_700_000_000_000 + milliseconds).toISOString();
}

function deletion(name: string, milliseconds: number): string {
  const time = `${after(milliseconds).slice(0, -1)}500Z`;
  const object = { resource: "pods", namespace: "default", name };
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    auditID: name,
    level: "Metadata",
    stage: "ResponseComplete",
    verb: "delete",
    objectRef: object,
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  });
}

function said(word: string, milliseconds: number): string {
  return JSON.stringify({ time: `${after(milliseconds).slice(0, -1)}700Z`, word });
}

writeFileSync(capture, openingCapture(4));
writeFileSync(audit, `${deletion("a", -1)}\n${deletion("b", 1)}\n${deletion("c", 9)}\n`);
writeFileSync(lines, `${said("x", 1)}\n${said("y", 2)}\n`);
writeFileSync(rules, openingRules + moreRules);

test("a capture, an audit log and JSON are judged in one run, in the order of time, each by the rules of its source", async () => {
  const sources = ["--capture", capture, "--k8s-audit-file", audit, "--input", "json", "--from", lines];
  const { code, stdout, stderr } = await plimsoll(["watch", ...sources, "--rules", rules, "--disable", "First*"]);
  const alerts = alertsOf(stdout);
  expect(alerts.map(({ source, output }) => [source, String(output).replace(/.*=(.*)\)/, "$1")])).toEqual([
    ["k8s_audit", "a"],
    ["syscall", "/tmp/0"],
    ["syscall", "/tmp/1"],
    ["k8s_audit", "b"],
    ["json", "x"],
    ["syscall", "/tmp/2"],
    ["json", "y"],
    ["syscall", "/tmp/3"],
    ["k8s_audit", "c"],
  ]);
  expect(alerts.find(({ source }) => source === "syscall")).toMatchObject({ hostname: "host" });
  expect(stderr).toMatch(/^9 events, 9 alerts\n/);
  expect(code).toBe(0);
});

test("a webhook that receives nothing does not hold up the events of a capture", async () => {
  const args = ["--capture", capture, "--k8s-audit", "127.0.0.1:0", "--rules", rules];
  const { child, printed, ended } = startWatch(plimsoll, args);
  await printed(/\/tmp\/3/);
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
});

test("an input that fails ends the others", async () => {
  const args = ["watch", "--capture", audit, "--k8s-audit-file", audit, "--rules", rules];
  const { code, stderr } = await plimsoll(args);
  expect(code).toBe(3);
  expect(stderr).toMatch(/error: .*audit\.log/);
});

test("a source that no rule is about is named, and the others are judged", async () => {
  const only = join(folder, "only.yaml");
  writeFileSync(only, openingRules);
  const args = ["watch", "--capture", capture, "--k8s-audit-file", audit, "--rules", only];
  const { code, stdout, stderr } = await plimsoll(args);
  expect(alertsOf(stdout)).toHaveLength(5);
  expect(stderr).toContain("no enabled rule covers events of k8s_audit");
  expect(code).toBe(3);
});
