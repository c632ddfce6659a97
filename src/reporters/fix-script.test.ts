import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { CheckReport, CheckResult } from "../model/checks/check.ts";
import { fixScript } from "./fix-script.ts";

const folder = temporaryFolder();
const marker = join(folder, "ran");
const touch = `touch ${marker}`;

const failed: CheckResult = {
  id: "docker/socket-mode",
  state: "fail",
  severity: "high",
  title: "Docker's socket is closed to others",
  resource: "/run/docker.sock",
  evidence: [],
  remediation: "Take away the surplus permissions.",
  commands: ["chmod 0660 /run/docker.sock"],
  mappings: [],
};

function script(results: readonly Partial<CheckResult>[], name = "Docker"): string {
  const report: CheckReport = {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: "1" },
    createdAt: "2026-11-28T10:00:00Z",
    target: { kind: "docker", name },
    results: results.map((one) => ({ ...failed, ...one })),
    counts: { pass: 0, fail: 0, warn: 0, manual: 0, "not-applicable": 0, waived: 0 },
    problems: [],
    verdict: { decision: "allowed", reasons: [] },
  };
  return [...fixScript(report)].join("");
}

/** What of a script is no comment and no empty line. */
const commandsOf = (text: string): string[] => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const guard = 'echo "read this script first, then remove this line"; exit 1';

test("tells for each check that failed what to do and where, and the commands", () => {
  expect(script([{}, { resource: "/var/run/docker.sock", location: { path: "a.yaml", line: 3 }, commands: [] }])).toBe(
    [
      "#!/bin/sh",
      "# Commands that make the failed checks of Docker pass. Read each command, and remove those that you do not want.",
      "# Run it as root on the machine that was checked. It stops at the first command that fails.",
      "set -eu",
      guard,
      "",
      "# docker/socket-mode: Docker's socket is closed to others",
      "# Take away the surplus permissions.",
      "#   /run/docker.sock",
      "chmod 0660 /run/docker.sock",
      "#   /var/run/docker.sock  a.yaml:3",
      "",
    ].join("\n"),
  );
});

test("without a command, what was seen and what should be there; nothing that is no wish", () => {
  const evidence = [
    { subject: "spec.hostPID", value: "true", expected: "false" },
    { subject: "spec.name", value: "a" },
    { subject: "limit", expected: "a number" },
  ];
  const text = script([{ evidence, commands: [], resource: "Pod a", location: { path: "a.yaml", line: 3 } }]);
  expect(text).toContain(
    "#   Pod a  a.yaml:3\n#     spec.hostPID: true; expected: false\n#     limit: not set; expected: a number\n",
  );
  expect(text).not.toContain("spec.name");
  expect(commandsOf(text)).toEqual(["set -eu", guard]);
});

test("a command that ends several results is written once, behind all", () => {
  const results = [
    { id: "a/b", commands: ["first", "load"] },
    { id: "a/c", commands: ["second", "load"] },
    { id: "a/d", commands: ["third"] },
  ];
  expect(commandsOf(script(results))).toEqual(["set -eu", guard, "first", "second", "third", "load"]);
});

test("a hint is a comment in it", () => {
  expect(commandsOf(script([{ commands: ["# choose a size", "true"] }]))).toEqual(["set -eu", guard, "true"]);
});

test("only failures are in it", () => {
  const states = ["pass", "warn", "manual", "not-applicable", "waived"] as const;
  expect(commandsOf(script(states.map((state) => ({ state }))))).toEqual(["set -eu", guard]);
});

test("it does nothing as long as nobody removed the line that ends it", () => {
  const text = script([{ commands: [touch] }]);
  const { status, stdout } = spawnSync("sh", { input: text, encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "read this script first, then remove this line\n" });
  expect(existsSync(marker)).toBe(false);
});

const hostile = ["\n", "\r", "\r\n", "\u2028", "\u0085", "\0", "\\\n", "$(", "`", "'; ", "\n#\n"].map(
  (end) => `x${end}${touch}${end === "$(" ? ")" : end === "`" ? "`" : ""}\n${touch}\n`,
);

test.each(hostile)("%j in a name, title, path or text begins no command", (text) => {
  const location = { path: text, line: 1 };
  const result = { id: text, title: text, resource: text, remediation: text, location, commands: [] };
  const written = script([result], text);
  expect(commandsOf(written)).toEqual(["set -eu", guard]);
  const { status } = spawnSync("sh", { input: written.replace(guard, ""), encoding: "utf8" });
  expect(status).toBe(0);
  expect(existsSync(marker)).toBe(false);
});

test.each(["chmod 0600 /a\n", `true\n${touch}`, "rm /a\u202e/", "rm /a\u200b", "rm /\u001b[2K"])(
  "the command %j, of which a reader would not see all, is only a comment",
  (command) => {
    const text = script([{ commands: [command] }]);
    expect(commandsOf(text)).toEqual(["set -eu", guard]);
    expect(text).toContain("# written with invisible characters: ");
  },
);
