import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { openingCapture, openingRules } from "./watching.ts";

const plimsoll = startPlimsoll();
const here = (name: string): string => join(plimsoll.folder, name);

beforeAll(() => {
  writeFileSync(here("opened.scap"), openingCapture(5));
  writeFileSync(here("rules.yaml"), openingRules);
  writeFileSync(here("broken.yaml"), openingRules.replace("evt.type = openat and", "nothing_here and"));
  const never = openingRules.replaceAll("evt.type = openat and", "evt.type = openat and evt.type = close and");
  writeFileSync(here("doubtful.yaml"), `${openingRules}\n- macro: unused\n  condition: evt.type = close\n`);
  writeFileSync(here("never.yaml"), never);
});

describe("plimsoll rules validate", () => {
  test("says that files can be used, also with warnings", async () => {
    expect(await plimsoll(["rules", "validate", "rules.yaml"])).toMatchObject({ code: 0, stdout: "rules.yaml: Ok\n" });
    const { code, stdout } = await plimsoll(["rules", "validate", "doubtful.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toContain("doubtful.yaml: Ok, with warnings");
    expect(stdout).toContain("LOAD_UNUSED_MACRO");
  });

  test("shows errors with their place, and ends with 1", async () => {
    const { code, stdout } = await plimsoll(["rules", "validate", "broken.yaml"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken.yaml: Invalid\n1 Errors:\n/);
    expect(stdout).toContain("LOAD_ERR_VALIDATE");
    expect(stdout).toContain("Undefined macro 'nothing_here' used in filter.");
  });

  test("prints the same as JSON, in Falco's form", async () => {
    const { code, stdout } = await plimsoll(["rules", "validate", "rules.yaml", "broken.yaml", "--format", "json"]);
    const { falco_load_results: results } = JSON.parse(stdout) as {
      falco_load_results: { name: string; successful: boolean; errors: { code: string }[] }[];
    };
    expect(code).toBe(1);
    expect(results.map(({ name, successful }) => [name, successful])).toEqual([
      ["rules.yaml", true],
      ["broken.yaml", false],
    ]);
    expect(results[1]?.errors[0]?.code).toBe("LOAD_ERR_VALIDATE");
  });
});

describe("plimsoll rules lint", () => {
  test("finds what is doubtful, and ends with 1 unless it is only advice", async () => {
    const never = await plimsoll(["rules", "lint", "never.yaml"]);
    expect(never.code).toBe(1);
    expect(never.stdout).toMatch(/^never.yaml:2: \w+ [a-z-]+: File opened: .+\n {4}.+\n/);
    const { code, stdout } = await plimsoll(["rules", "lint", "doubtful.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^doubtful.yaml:\d+: advice [a-z-]+: unused: .+\n {4}.+\n/m);
    const json = await plimsoll(["rules", "lint", "doubtful.yaml", "--format", "json"]);
    expect(JSON.parse(json.stdout)).toEqual(expect.arrayContaining([expect.objectContaining({ item: "unused" })]));
  });

  test("has nothing to say about rules that are in order", async () => {
    expect(await plimsoll(["rules", "lint", "rules.yaml"])).toMatchObject({ code: 0, stdout: "" });
  });
});

const passing = `
- test: a shell history that a person reads is told of
  processes: [{name: bash, user: ann, tty: 1}]
  events:
    - {type: openat, args: {name: /tmp/0, flags: O_RDONLY}}
    - {type: openat, args: {name: /etc/hosts, flags: O_RDONLY}}
  expect:
    - {rule: File opened, count: 1, fields: {fd.name: /tmp/0}}
    - First file opened
`;

describe("plimsoll rules test", () => {
  beforeAll(() => {
    mkdirSync(here("tested"));
    writeFileSync(here("tested/opening.yaml"), openingRules);
    writeFileSync(here("tested/opening.test.yaml"), passing);
    mkdirSync(here("failing"));
    writeFileSync(here("failing/opening.yaml"), openingRules);
    writeFileSync(
      here("failing/opening.test.yaml"),
      `${passing}
- test: the capture says otherwise
  capture: ../opened.scap
  expect: [{rule: First file opened, count: 2}]
`,
    );
  });

  test("passes when all expected alerts are raised and no other", async () => {
    const { code, stdout } = await plimsoll(["rules", "test", "tested"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "ok    a shell history that a person reads is told of\n1 passed, 0 failed\n",
    });
    expect((await plimsoll(["rules", "test", "tested/opening.test.yaml", "--quiet"])).stdout).toBe(
      "1 passed, 0 failed\n",
    );
  });

  test("fails for an alert that is missed and for one that is wrong, with the place of the test", async () => {
    const { code, stdout } = await plimsoll(["rules", "test", "failing", "--quiet"]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        "FAIL  the capture says otherwise  (failing/opening.test.yaml:11)",
        "      missed: First file opened (expected 2, seen 1)",
        "      wrong: File opened (expected 0, seen 5)",
        "1 passed, 1 failed",
        "",
      ].join("\n"),
    );
    const json = await plimsoll(["rules", "test", "failing", "--format", "json"]);
    const results = json.stdout.trimEnd().split("\n");
    expect(results.map((line) => (JSON.parse(line) as { isPassed: boolean }).isPassed)).toEqual([true, false]);
  });

  test("takes the rules that are named instead of those beside the tests", async () => {
    writeFileSync(here("other.yaml"), openingRules.replace("fd.name = /tmp/0", "fd.name = /tmp/9"));
    const { code, stdout } = await plimsoll(["rules", "test", "tested", "--rules", "other.yaml"]);
    expect(code).toBe(1);
    expect(stdout).toContain("missed: First file opened");
  });

  test("that has no tests to run is no success", async () => {
    mkdirSync(here("none"), { recursive: true });
    expect(await plimsoll(["rules", "test", "none"])).toMatchObject({ code: 3, stdout: "0 passed, 0 failed\n" });
  });
});

describe("plimsoll rules explain", () => {
  const explain = ["rules", "explain", "File opened", "--rules", "rules.yaml", "--capture", "opened.scap"];

  test("shows each part of the condition with what it saw", async () => {
    const { code, stdout } = await plimsoll([...explain, "--event", "2"]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        "File opened matches event 2",
        "",
        "2 22:13:20.001000000 <NA> (100) < openat fd=3(<f>/tmp/1) dirfd=-100(AT_FDCWD) name=/tmp/1 flags=1(O…",
        "",
        "yes  and",
        "yes  ├ evt.type = openat         openat",
        "yes  └ fd.name startswith /tmp/  /tmp/1",
        "",
        "Warning Opened (file=/tmp/1)",
        "",
      ].join("\n"),
    );
  });

  test("tells why it did not match, as JSON too", async () => {
    const first = ["rules", "explain", "First file opened", ...explain.slice(3), "--event", "2", "--format", "json"];
    const { code, stdout } = await plimsoll(first);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rule: "First file opened",
      isMatch: false,
      condition: { kind: "and", result: false, parts: [{ result: true }, { result: false, left: ["/tmp/1"] }] },
    });
  });
});

describe("plimsoll rules backtest", () => {
  const replay = ["rules", "backtest", "--rules", "rules.yaml", "--capture", "opened.scap"];

  test("tells how often which rule would have alerted, and which exceptions would help", async () => {
    const { code, stdout } = await plimsoll([...replay, "opened.scap"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^10 events, 12 alerts of 2 rules\n/);
    expect(stdout).toMatch(/^ {6}10 {2}Warning {7}File opened/m);
    expect(stdout).toContain("exceptions:\n");
    const json = await plimsoll([...replay, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ events: 5, volume: { alerts: 6 }, silent: [], unjudged: [] });
  });

  test("says of rules about other sources that nothing was there for them, not that they are quiet", async () => {
    const quiet = openingRules.replaceAll("/tmp/", "/nowhere/");
    writeFileSync(here("quiet.yaml"), quiet);
    writeFileSync(
      here("audit.yaml"),
      "- rule: Deleted\n  desc: d\n  source: k8s_audit\n  condition: ka.verb = delete\n  output: o\n  priority: INFO\n",
    );
    const args = ["rules", "backtest", "quiet.yaml", "audit.yaml", "--capture", "opened.scap"];
    const { stdout } = await plimsoll(args);
    expect(stdout).toMatch(/^\d rules matched no event\.$/m);
    expect(stdout).toMatch(/^1 rule for other sources had no events to evaluate\.$/m);
    const json = await plimsoll([...args, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ volume: { alerts: 0 }, unjudged: ["Deleted"] });
  });

  test("counts what a rule alerts after its own deduplication", async () => {
    const seldom = openingRules.replace(
      "  priority: WARNING\n",
      "  priority: WARNING\n  plimsoll: { deduplicate: { within: 1h, by: [proc.name] } }\n",
    );
    expect(seldom).not.toBe(openingRules);
    writeFileSync(here("seldom.yaml"), seldom);
    const json = await plimsoll(["rules", "backtest", "seldom.yaml", "--capture", "opened.scap", "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ events: 5, volume: { alerts: 2 }, heldBack: 4, silent: [] });
  });

  test("reports on alerts that were written before, by this program or by Falco", async () => {
    const { stdout: alerts } = await plimsoll(["watch", "--capture", "opened.scap", "--rules", "rules.yaml"]);
    const falco = {
      output: "16:31:56.746609046: Error File opened below (file=/bin/hack)",
      priority: "Error",
      rule: "Write below binary dir",
      time: "2019-05-17T15:31:56.746609046Z",
      output_fields: { "evt.time": 1, "fd.name": "/bin/hack", "proc.pid": null, other: { a: 1 } },
    };
    writeFileSync(here("alerts.jsonl"), `${alerts}${JSON.stringify(falco)}\nno alert\n`);
    const { code, stdout, stderr } = await plimsoll(["rules", "backtest", "--alerts", "alerts.jsonl"]);
    expect(stderr).toContain("alerts.jsonl: line 8 is not valid JSON");
    expect(code).toBe(3);
    expect(stdout).toMatch(/^7 alerts of 3 rules over /);
    expect(stdout).toMatch(/^ {7}5 {2}Warning {7}File opened/m);
    expect(stdout).toMatch(/^ {7}1 {2}Error {9}Write below binary dir/m);
    expect(stdout).not.toContain("matched no event");
  });

  test("suggests what can be loaded as it is", async () => {
    const { stdout } = await plimsoll(replay);
    const exceptions = stdout.slice(stdout.indexOf("\n- rule:") + 1);
    writeFileSync(here("exceptions.yaml"), exceptions);
    const { stdout: report, code } = await plimsoll(["rules", "validate", "rules.yaml", "exceptions.yaml"]);
    expect(code, report).toBe(0);
    const after = await plimsoll([
      "rules",
      "backtest",
      "--rules",
      "rules.yaml",
      "exceptions.yaml",
      "--capture",
      "opened.scap",
    ]);
    expect(Number(/, (\d+) alerts? of/.exec(after.stdout)?.[1])).toBeLessThan(6);
  });
});

test("a folder or a file without tests of rules ends with 3, and says why", async () => {
  mkdirSync(here("untested"));
  writeFileSync(here("none.test.yaml"), "[]\n");
  const [folder, file] = await Promise.all([
    plimsoll(["rules", "test", "untested"]),
    plimsoll(["rules", "test", "none.test.yaml", "--rules", "rules.yaml"]),
  ]);
  expect(folder).toMatchObject({ code: 3, stdout: "0 passed, 0 failed\n" });
  expect(folder.stderr).toMatch(/untested: no rule tests found\n.*\*\.test\.yaml/);
  expect(file).toMatchObject({ code: 3, stdout: "0 passed, 0 failed\n" });
  expect(file.stderr).toContain("no tests in none.test.yaml");
});

describe("wrong usage of plimsoll rules is one error", () => {
  const capture = ["--capture", "opened.scap"];
  test.each<[string, number, readonly string[], RegExp]>([
    ["no command", 2, [], /a command is missing/],
    ["an unknown command", 2, ["lnit"], /unknown command 'lnit'/],
    ["validate without files", 2, ["validate"], /missing required argument 'path'/],
    ["validate of what is not there", 3, ["validate", "no.yaml"], /no.yaml does not exist/],
    ["list of a rule that does not exist", 2, ["list", "No such rule"], /no rule named "No such rule"/],
    ["fields of an unknown source", 2, ["fields", "--source", "x"], /unknown event source "x"/],
    ["explain without an event", 2, ["explain", "x", ...capture], /required option '--event <number>'/],
    ["explain of no number", 2, ["explain", "x", ...capture, "--event", "first"], /Expected an event number/],
    ["explain of an unknown rule", 2, ["explain", "x", ...capture, "--event", "1"], /the rule "x" does not exist/],
    [
      "explain of an event that is not there",
      2,
      ["explain", "File opened", "--rules", "rules.yaml", ...capture, "--event", "6"],
      /event 6 of opened.scap cannot be explained: the last one is 5/,
    ],
    ["backtest of nothing", 2, ["backtest"], /no input given/],
    ["backtest of alerts that are not there", 3, ["backtest", "--alerts", "no.jsonl"], /no.jsonl does not exist/],
    ["backtest of a capture that is not there", 3, ["backtest", "--capture", "no.scap"], /no.scap cannot be opened/],
    ["a test of what is not there", 3, ["test", "no.test.yaml"], /no.test.yaml does not exist/],
  ])("%s", async (_, code, args, message) => {
    const result = await plimsoll(["rules", ...args]);
    expect(result.stderr).toMatch(/^error: .+\n( {7}.+\n)?$/);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: "" });
  });
});

describe("hostile rules", () => {
  test("a regular expression that backtracking would never finish is decided at once", async () => {
    writeFileSync(
      here("slow.yaml"),
      openingRules.replace("fd.name startswith /tmp/", 'fd.name regex "(/|t|m|p|[0-9])*(/|t|m|p|[0-9]*)*(tmp|/)*$!"'),
    );
    const started = performance.now();
    const args = ["watch", "--capture", "opened.scap", "--rules", "slow.yaml", "--format", "text"];
    expect(await plimsoll(args)).toMatchObject({ code: 0 });
    writeFileSync(here("large.yaml"), openingRules.replace("startswith /tmp/", 'regex "((a{1000}){1000}){1000}"'));
    const large = await plimsoll(["rules", "validate", "large.yaml"]);
    expect(large.code).toBe(1);
    expect(large.stdout).toContain("LOAD_ERR_COMPILE_CONDITION");
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("aliases that unfold without end are refused in little memory", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );
    writeFileSync(here("aliases.yaml"), `- list: x\n  items: &l0 [a, b]\n  ${levels.join("\n  ")}\n`);
    writeFileSync(here("aliases.test.yaml"), `- test: x\n  events: &l0 [a]\n  ${levels.join("\n  ")}\n`);
    const env = { NODE_OPTIONS: "--max-old-space-size=96" };
    const rules = await plimsoll(["rules", "validate", "aliases.yaml"], { env });
    expect(rules).toMatchObject({ code: 1, stderr: "" });
    expect(rules.stdout).toContain("LOAD_ERR_YAML");
    const tests = await plimsoll(["rules", "test", "aliases.test.yaml", "--rules", "rules.yaml"], { env });
    expect(tests).toMatchObject({ code: 3, stderr: expect.stringContaining("aliases") });
    const config = await plimsoll(["watch", "--capture", "opened.scap", "--config", "aliases.yaml"], { env });
    expect(config).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error: aliases.yaml/) });
  });

  test("a condition, a list and macros that are nested too deep are errors, not crashes", async () => {
    const deep = `${"(".repeat(100_000)}evt.type = open${")".repeat(100_000)}`;
    writeFileSync(here("deep.yaml"), openingRules.replace("evt.type = openat and", `${deep} and`));
    const macros = Array.from({ length: 3000 }, (_, index) => {
      const condition = index === 0 ? "evt.type = openat" : `m${index - 1} and m${index - 1}`;
      return `- macro: m${index}\n  condition: ${condition}\n`;
    });
    writeFileSync(here("macros.yaml"), macros.join("") + openingRules.replace("evt.type = openat", "m2999"));
    for (const name of ["deep.yaml", "macros.yaml"]) {
      const { code, stdout, stderr } = await plimsoll(["rules", "validate", name]);
      expect(stderr, name).toBe("");
      expect(code, name).toBe(1);
      expect(stdout, name).toContain("LOAD_ERR_");
    }
  });
});

describeWithCorpus("plimsoll rules, with the files that Falco has", () => {
  test("validates them, and backtests them over a capture", async () => {
    const stable = corpusPath("runtime/rules-upstream/falco_rules.yaml");
    const validated = await plimsoll(["rules", "validate", stable]);
    expect(validated.code).toBe(0);
    const capture = corpusPath("runtime/captures/cat_write/cat_write.scap");
    const { code, stdout } = await plimsoll(["rules", "backtest", "--rules", stable, "--capture", capture]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^25 rules matched no event\.$/m);
  });
});
