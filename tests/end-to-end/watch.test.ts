import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, openingCapture, openingRules, startWatch } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const path = join(folder, "opened.scap");
const rules = join(folder, "rules.yaml");
const watched = ["watch", "--capture", path, "--rules", rules];

beforeAll(() => {
  writeFileSync(path, openingCapture(5));
  writeFileSync(rules, openingRules);
});

describe("plimsoll watch --capture", () => {
  test("prints alerts as JSON lines, and how many of which rule there were beside them", async () => {
    const { code, stdout, stderr } = await plimsoll(watched);
    const alerts = alertsOf(stdout);
    expect(code).toBe(0);
    expect(alerts.map(({ rule }) => rule)).toEqual([
      "File opened",
      "First file opened",
      ...new Array<string>(4).fill("File opened"),
    ]);
    expect(alerts[0]).toEqual({
      hostname: "host",
      output: "22:13:20.000000000: Warning Opened (file=/tmp/0)",
      output_fields: { "evt.time": 1.7e18, "fd.name": "/tmp/0" },
      priority: "Warning",
      rule: "File opened",
      source: "syscall",
      tags: ["host"],
      time: "2023-11-14T22:13:20.000000000Z",
    });
    expect(stderr).toBe(
      "5 events, 6 alerts\n       5  Warning       File opened\n       1  Critical      First file opened\n",
    );
  });

  test("prints text, with the times that are asked for, and no remarks when it should be quiet", async () => {
    const text = await plimsoll([...watched, "--format", "text", "--iso-time", "--quiet", "--disable", "First*"]);
    expect(text.stderr).toBe("");
    expect(text.stdout.split("\n")[1]).toBe("2023-11-14T22:13:20.001000000+0000: Warning Opened (file=/tmp/1)");
  });

  test.each<[string, readonly string[], number, number]>([
    ["with the least urgent that fails", ["--fail-on", "critical"], 6, 1],
    ["when nothing is that urgent", ["--fail-on", "alert"], 6, 0],
    ["when less urgent rules are left out", ["--priority", "error", "--fail-on", "debug"], 1, 1],
    ["when a rule is switched off", ["--disable", "First file opened", "--fail-on", "critical"], 5, 0],
    ["when all but one are", ["--disable", "*", "--enable", "First file opened"], 1, 0],
    ["when those of a tag are", ["--disable", "tag:host"], 1, 0],
    ["when the first rule that matches is enough", ["--first", "--fail-on", "critical"], 5, 0],
  ])("raises the alerts that are wanted, and exits with what was asked: %s", async (_, args, alerts, code) => {
    const result = await plimsoll([...watched, ...args]);
    expect(alertsOf(result.stdout)).toHaveLength(alerts);
    expect(result.code).toBe(code);
  });

  test("says that a capture is cut off, and ends with 3 and the alerts until there", async () => {
    const input = openingCapture(50).subarray(0, -30);
    const { code, stdout, stderr } = await plimsoll(["watch", "--capture", "-", "--rules", rules], { input });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^note: the capture .*cut off/);
    expect(alertsOf(stdout)).toHaveLength(50);
  });

  test("uses the rules that come with Plimsoll when none are named", async () => {
    const { code, stderr } = await plimsoll(["watch", "--capture", path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "5 events, 0 alerts\n" });
  });

  test.each<[string, number, readonly string[], RegExp]>([
    ["no input given", 2, [], /no input given/],
    ["two things are stdin", 2, ["--capture", "-", "--input", "json"], /only one input can be read from stdin/],
    ["an output is none", 2, ["--capture", path, "--to", "ftp://x"], /alerts cannot go to "ftp:\/\/x"/],
    ["a program is named without its folder", 2, ["--capture", path, "--to", "program:cat"], /alerts cannot go to/],
    [
      "a file cannot be written",
      3,
      ["--capture", path, "--to", "file:/nowhere/x"],
      /cannot be written to \/nowhere\/x/,
    ],
    ["a priority is none", 2, ["--capture", path, "--fail-on", "high"], /Expected one of emergency, alert/],
    ["rules are not there", 3, ["--capture", path, "--rules", "no.yaml"], /no.yaml does not exist/],
    ["the configuration is not there", 3, ["--capture", path, "--config", "no.yaml"], /no.yaml does not exist/],
    ["the capture is not there", 3, ["--capture", "no.scap"], /no.scap cannot be opened/],
    ["an address is none", 2, ["--k8s-audit", "9765"], /"9765" is not a valid listen address/],
    ["an address of metrics is none", 2, ["--capture", path, "--metrics", "x"], /"x" is not a valid listen address/],
    ["an address is not of this machine", 3, ["--k8s-audit", "203.0.113.1:1"], /cannot listen on 203\.0\.113\.1:1/],
    [
      "a certificate has no key",
      2,
      ["--k8s-audit", "127.0.0.1:0", "--tls-cert", path],
      /both --tls-cert and --tls-key/,
    ],
    ["a time is none", 2, ["--k8s-audit-file", path, "--since", "monday"], /"monday" is no time/],
    ["a form is none", 2, ["--input", "xml"], /'xml' is invalid/],
    ["a file of events is not there", 3, ["--input", "json", "--from", "no.json"], /no.json does not exist/],
  ])("says in one error what is wrong when %s", async (_, code, args, message) => {
    const result = await plimsoll(["watch", ...args, ...(args.includes("--rules") ? [] : ["--rules", rules])]);
    expect(result.stderr).toMatch(/^error: .+\n( {7}.+\n)?$/);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: "" });
  });

  test("rules that cannot be used are shown as Falco shows them, and nothing is watched", async () => {
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, openingRules.replace("evt.type = openat and", "nothing_here and"));
    const { code, stdout, stderr } = await plimsoll(["watch", "--capture", path, "--rules", broken]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("Undefined macro 'nothing_here' used in filter.");
    expect(stderr).toContain("plimsoll rules validate");
  });
});

const jsonRules = `
- rule: Bad thing
  desc: Somebody did something bad.
  source: json
  condition: jevt.value[/bad] = yes
  output: Bad (who=%jevt.value[/who])
  priority: ERROR
`;

describe("plimsoll watch --input", () => {
  const ownRules = join(folder, "json.yaml");
  beforeAll(() => writeFileSync(ownRules, jsonRules));

  test("judges JSON of standard input as it comes, and says what was none", async () => {
    const { child, printed, ended } = startWatch(plimsoll, ["--input", "json", "--rules", ownRules], {
      holdsInput: true,
    });
    child.stdin.write('{"bad": "yes", "who": "ann", "time": "2026-01-02T03:04:05Z"}\n{"bad": "no"}\n');
    await printed(/"output":"03:04:05\.000000000: Error Bad \(who=ann\)"/);
    child.stdin.write("this is none\n");
    child.stdin.end('{"bad": "yes", "who": "bob"}');
    const { code, stdout, stderr } = await ended;
    expect(alertsOf(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^note: .*stdin.*\n3 events, 2 alerts\n/);
    expect(code).toBe(3);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with 130 though nothing comes", async (signal) => {
    const { child, printed, ended } = startWatch(plimsoll, ["--input", "json", "--rules", ownRules], {
      holdsInput: true,
    });
    child.stdin.write('{"bad": "yes"}\n');
    await printed(/Bad thing/);
    child.kill(signal);
    expect(await ended).toMatchObject({
      code: 130,
      signal: null,
      stderr: expect.stringContaining("1 event, 1 alert\n"),
    });
  });

  test("ends with 3 when nobody reads its only output any more", async () => {
    const { child, printed, ended } = startWatch(plimsoll, ["--input", "json", "--rules", ownRules], {
      holdsInput: true,
    });
    child.stdin.on("error", () => undefined);
    child.stdin.write('{"bad": "yes"}\n');
    await printed(/Bad thing/);
    child.stdout.destroy();
    const feed = setInterval(() => child.stdin.write('{"bad": "yes"}\n'), 20);
    const { code, stderr } = await ended;
    clearInterval(feed);
    expect(code).toBe(3);
    expect(stderr).toMatch(/lost \(alerts cannot be written to stdout: /);
  });

  test("a silent audit log on standard input is interrupted as well", async () => {
    const args = ["--k8s-audit-file", "-", "--rules", ownRules, "--metrics", "127.0.0.1:0"];
    const { child, said, ended } = startWatch(plimsoll, args, { holdsInput: true });
    await said(/listening on/);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining("0 events, 0 alerts\n") });
  });

  test("metrics can be fetched while it runs, and nothing else", async () => {
    const args = ["--input", "json", "--rules", ownRules, "--metrics", "127.0.0.1:0"];
    const { child, said, printed, ended } = startWatch(plimsoll, args, { holdsInput: true });
    const url = (await said(/listening on (http:\S+)/))[1] ?? "";
    child.stdin.write('{"bad": "yes"}\n{"bad": "no"}\n');
    await printed(/Bad thing/);
    const answer = await fetch(url);
    const text = await answer.text();
    expect(answer.headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('plimsoll_alerts_total{rule="Bad thing",priority="Error",source="json"} 1\n');
    expect(text).toContain('plimsoll_events_total{source="json"} 2\n');
    expect((await fetch(url.replace("metrics", "secrets"))).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    child.stdin.end();
    expect(await ended).toMatchObject({ code: 0 });
  });

  test("an address for metrics that is taken is an error, also when alerts wait in a queue", async () => {
    const holder = startWatch(plimsoll, ["--input", "json", "--rules", ownRules, "--metrics", "127.0.0.1:0"], {
      holdsInput: true,
    });
    const address = (await holder.said(/listening on http:\/\/(127.0.0.1:\d+)/))[1] ?? "";
    const config = join(folder, "waiting.yaml");
    writeFileSync(config, "outputs:\n  - {to: 'http://127.0.0.1:9/', queue: waiting}\n");
    const first = await plimsoll([...watched, "--config", config]);
    expect(first).toMatchObject({ code: 0, stdout: "" });
    expect(first.stderr).toMatch(
      /^note: the output http http:\/\/127.0.0.1:9 does not accept alerts: .*ECONNREFUSED.*\nnote: 6 alerts for .*, kept in the queue .*\n.*\n5 events/,
    );
    const { code, stderr } = await plimsoll([...watched, "--config", config, "--metrics", address]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("metrics cannot be served on") });
  });
});

describeWithCorpus("plimsoll watch, over events of other programs", () => {
  test("judges what Tetragon wrote", async () => {
    const { cases } = corpusJson<{ cases: { file: string; type: string; binary?: string }[] }>(
      "runtime/ingest/tetragon-index.json",
    );
    const execs = cases.filter(({ type }) => type === "process_exec");
    expect(execs.length).toBeGreaterThan(0);
    const file = join(folder, "tetragon.yaml");
    writeFileSync(
      file,
      `
- rule: Program started
  desc: A program was started.
  source: tetragon
  condition: evt.type = execve
  output: Started (path=%proc.exepath)
  priority: INFO
`,
    );
    const input = cases.map((one) => readFileSync(corpusPath("runtime/ingest", one.file), "utf8")).join("\n");
    const { code, stdout } = await plimsoll(["watch", "--input", "tetragon", "--rules", file], { input });
    const paths = alertsOf(stdout).map(
      ({ output_fields }) => (output_fields as Record<string, unknown>)["proc.exepath"],
    );
    expect(code).toBe(0);
    expect(paths).toEqual(execs.map(({ binary }) => binary));
  });
});
