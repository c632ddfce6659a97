import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertsOf, openingCapture, openingRules } from "./watching.ts";

const plimsoll = startPlimsoll();
const here = (name: string): string => join(plimsoll.folder, name);

beforeAll(() => {
  writeFileSync(here("opened.scap"), openingCapture(3000));
  writeFileSync(here("rules.yaml"), openingRules);
  writeFileSync(here("none.yaml"), "");
  mkdirSync(here("folder"));
});

describe("a watch that cannot raise an alert says so and is no success", () => {
  const event = '{"time":"2026-01-01T00:00:00Z","process_exec":{"process":{"binary":"/bin/sh"}}}\n';

  test.each<[string, readonly string[], string]>([
    ["events that no rule is about", ["--input", "tetragon"], "no enabled rule covers events of tetragon or json"],
    ["JSON that no rule is about", ["--input", "auto"], "no enabled rule covers such JSON"],
    [
      "rules that are all switched off",
      ["--capture", "opened.scap", "--disable", "*"],
      "no enabled rule covers events of syscall",
    ],
    [
      "rules about other events",
      ["--k8s-audit-file", "-", "--rules", "rules.yaml"],
      "no enabled rule covers events of k8s_audit",
    ],
    [
      "a file without rules",
      ["--capture", "opened.scap", "--rules", "none.yaml"],
      "no enabled rule covers events of syscall",
    ],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await plimsoll(["watch", ...args], { input: event });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^note: /);
    expect(stderr).toContain(`${message}, so no alerts are possible`);
  });

  test("a folder without rule files", async () => {
    const { code, stderr } = await plimsoll(["watch", "--capture", "opened.scap", "--rules", "folder"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: folder holds no rule files \[target-not-found\]\n/);
  });
});

test("a name to be switched on that no rule has is said", async () => {
  const args = ["watch", "--capture", "opened.scap", "--rules", "rules.yaml", "--disable", "*"];
  const { stderr, stdout } = await plimsoll([
    ...args,
    "--enable",
    "File opened",
    "--enable",
    "tag:no",
    "--enable",
    "X*",
  ]);
  expect(alertsOf(stdout)).toHaveLength(3000);
  expect(stderr).toContain('note: no rule matches "tag:no", which should be enabled or disabled\n');
  expect(stderr).toContain('note: no rule matches "X*", which should be enabled or disabled\n');
});

test.each([
  ["--since", "2026-01-01T00:00:00Z", "--since applies to --k8s-audit-file"],
  ["--from", "events.jsonl", "--from applies to --input"],
  ["--client-ca", "ca.pem", "a certificate applies to --k8s-audit"],
])("an option of another input is not passed over in silence: %s", async (option, value, message) => {
  const result = await plimsoll(["watch", "--capture", "opened.scap", option, value]);
  expect(result).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`error: ${message}`) });
});

test("a reader of standard output that is slow gets all alerts, and the watch ends as usual", async () => {
  const { code, stdout, stderr } = await plimsoll(["watch", "--capture", "opened.scap", "--rules", "rules.yaml"], {
    started: ({ stdout: pipe }) => {
      pipe.pause();
      setTimeout(() => pipe.resume(), 1500).unref();
    },
  });
  expect(code).toBe(0);
  expect(alertsOf(stdout)).toHaveLength(3001);
  expect(stderr).toMatch(/^3,000 events, 3,001 alerts\n/);
});
