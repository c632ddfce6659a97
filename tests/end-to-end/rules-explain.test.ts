import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const here = (name: string): string => join(plimsoll.folder, name);

const rules = `
- rule: Pod deleted
  desc: d
  source: k8s_audit
  condition: ka.verb = delete and ka.target.resource = pods
  output: Deleted (pod=%ka.target.name)
  priority: WARNING
- rule: Shell
  desc: d
  source: tetragon
  condition: evt.type = execve and proc.name in (sh, bash)
  output: Shell (path=%proc.exepath)
  priority: NOTICE
- rule: Bad
  desc: d
  source: json
  condition: jevt.value[/a/b] = 3
  output: Bad (b=%jevt.value[/a/b])
  priority: NOTICE
`;

function auditEvent(verb: string, name: string): string {
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    auditID: "1",
    stage: "ResponseComplete",
    stageTimestamp: "2026-01-02T03:04:05.000000Z",
    verb,
    requestURI: `/api/v1/pods/${name}`,
    user: { username: "ann" },
    objectRef: { resource: "pods", name },
  });
}

const execution = '{"time":"2026-01-02T03:04:05Z","process_exec":{"process":{"binary":"/bin/sh"}}}';

beforeAll(() => {
  writeFileSync(here("rules.yaml"), rules);
  writeFileSync(here("audit.log"), `${auditEvent("get", "web")}\n${auditEvent("delete", "web")}\n`);
  writeFileSync(here("events.jsonl"), `{"a":{"b":3}}\n${execution}\n`);
});

describe("plimsoll rules explain, of events that are JSON", () => {
  const explain = (rule: string, ...args: string[]): ReturnType<typeof plimsoll> =>
    plimsoll(["rules", "explain", rule, "--rules", "rules.yaml", ...args], { input: `${execution}\n` });

  test("tells why a rule about audit events did and did not match", async () => {
    const no = await explain("Pod deleted", "--k8s-audit-file", "audit.log", "--event", "1");
    expect(no).toMatchObject({ code: 0, stderr: "" });
    expect(no.stdout).toMatch(
      /^Pod deleted does not match event 1\n\n1 2026-01-02T03:04:05\S* ann get \/api\/v1\/pods\/web/,
    );
    expect(no.stdout).toMatch(/^ no {2}├ ka.verb = delete +get$/m);
    const yes = await explain("Pod deleted", "--k8s-audit-file", "audit.log", "--event", "2", "--format", "json");
    expect(JSON.parse(yes.stdout)).toMatchObject({
      isMatch: true,
      message: "Deleted (pod=web)",
      event: { number: 2, type: "k8s_audit" },
    });
  });

  test("tells it of events of other programs, from a file or standard input", async () => {
    const fromFile = await explain(
      "Bad",
      "--input",
      "auto",
      "--from",
      "events.jsonl",
      "--event",
      "1",
      "--format",
      "json",
    );
    expect(JSON.parse(fromFile.stdout)).toMatchObject({
      isMatch: true,
      event: { type: "json", line: expect.stringContaining('{"a":{"b":3}}') },
    });
    const fromStdin = await explain("Shell", "--input", "tetragon", "--event", "1");
    expect(fromStdin.stdout).toMatch(/^Shell matches event 1\n/);
    expect(fromStdin.stdout).toContain("Shell (path=/bin/sh)");
  });

  test("says of an event that the rule is not about that it is not", async () => {
    const { stdout } = await explain("Shell", "--input", "auto", "--from", "events.jsonl", "--event", "1");
    expect(stdout).toMatch(
      /^Shell does not match event 1\nit is about events of tetragon, but this is an event of json\n/,
    );
  });

  test.each<[string, number, readonly string[], RegExp]>([
    ["nothing to look at is named", 2, ["Bad", "--event", "1"], /expected exactly one input/],
    ["two things are", 2, ["Bad", "--event", "1", "--input", "json", "--capture", "x"], /expected exactly one input/],
    [
      "there is no such event",
      2,
      ["Bad", "--event", "3", "--input", "auto", "--from", "events.jsonl"],
      /the last one is 2/,
    ],
    ["the rule is about others", 2, ["Bad", "--event", "1", "--k8s-audit-file", "audit.log"], /about events of json/],
    [
      "there is no such log",
      3,
      ["Pod deleted", "--event", "1", "--k8s-audit-file", "no.log"],
      /no audit log found at no.log/,
    ],
    ["there is no such file", 3, ["Bad", "--event", "1", "--input", "json", "--from", "no"], /no does not exist/],
  ])("says in one error what is wrong when %s", async (_, code, [rule = "", ...args], message) => {
    const result = await explain(rule, ...args);
    expect(result.stderr).toMatch(/^error: .+\n( {7}.+\n)?$/);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: "" });
  });
});
