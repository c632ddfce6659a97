import { expect, test } from "vitest";
import type { ScriptComment } from "../../model/checks/script-comment.ts";
import { runChecks } from "../run-checks.ts";
import { readDockerfile } from "./read-dockerfile.ts";
import { type ScriptComments, scriptsForShellcheck, shellcheckCheck } from "./shellcheck-check.ts";

const from = "FROM alpine:3.22\n";

/** The result when ShellCheck has one comment, on the first place of `at` in the first script that holds it. */
function resultsFor(text: string, code: number, at: string): string[] {
  const dockerfile = readDockerfile({ path: "Dockerfile", text });
  const scriptComments = scriptsForShellcheck(dockerfile).map((script): ScriptComments => {
    const start = script.text.indexOf(at);
    const comment: ScriptComment = { code, start, end: start + at.length, message: "It is wrong." };
    return { value: start === -1 ? [] : [comment] };
  });
  return runChecks([shellcheckCheck], { dockerfile, scriptComments }).map(
    ({ state, location, evidence, reason }) =>
      `${state}:${location?.line} ${evidence.map(({ subject, value }) => `${subject} ${value}`).join()}${reason ?? ""}`,
  );
}

const passed = ["pass:undefined "];

test.each([
  ["in rm", "RUN rm -rf $A", ["fail:2 SC2086 It is wrong"]],
  ["in rm behind sudo", "RUN sudo -u a /bin/rm $A", ["fail:2 SC2086 It is wrong"]],
  ["elsewhere", "RUN rm b && echo $A", passed],
  ["in a substitution within rm", 'RUN rm "$(basename $A)"', passed],
  ["in rm, with a value from ENV", "ENV A=/opt/a\nRUN rm -rf $A", passed],
  ["in rm, with an inherited value", "ENV A=/a\nFROM one\nRUN rm -rf $A", ["fail:4 SC2086 It is wrong"]],
  ["in rm, with a value that ENV changes", "ENV A=a\nENV A=$B\nRUN rm $A", ["fail:4 SC2086 It is wrong"]],
  ["in rm, with a value that the script changes", "ENV A=a\nRUN A=$(b); rm $A", ["fail:3 SC2086 It is wrong"]],
  ["in rm, with a value of ARG, which may be empty", "ARG A=a\nRUN rm $A", ["fail:3 SC2086 It is wrong"]],
])("an unquoted variable %s", (_, text, expected) => {
  expect(resultsFor(from + text, 2086, "$A")).toEqual(expected);
});

test("cd without a guard fails unless it is the last command", () => {
  expect(resultsFor(`${from}RUN cd /a; make`, 2164, "cd /a")).toEqual(["fail:2 SC2164 It is wrong"]);
  expect(resultsFor(`${from}RUN make && cd /a`, 2164, "cd /a")).toEqual(passed);
});

test("a hidden failure fails where failures end the script", () => {
  expect(resultsFor(`${from}RUN export A=$(b)`, 2155, "A=")).toEqual(passed);
  expect(resultsFor(`${from}RUN set -eux; export A=$(b)`, 2155, "A=")).toEqual(["fail:2 SC2155 It is wrong"]);
  const shell = `${from}SHELL ["/bin/bash", "-ec"]\nRUN export A=$(b)`;
  expect(resultsFor(shell, 2155, "A=")).toEqual(["fail:3 SC2155 It is wrong"]);
});

test.each([
  ["a continued RUN with a comment", "RUN a \\\n # why\n && cd b; c", 4],
  ["a heredoc", "RUN <<EOF\na\ncd b\nc\nEOF", 4],
  ["a heredoc with an interpreter", "RUN <<'EOF'\n#!/usr/bin/env -S bash -e\ncd b\nc\nEOF", 4],
  ["a heredoc that bash reads", "RUN bash -e <<'EOF'\ncd b\nc\nEOF", 3],
  ["the second of two heredocs", "RUN cat <<A && cat <<B\n$x\nA\n\ncd b $(y)\nB", 6],
  ["a JSON array", 'RUN ["bash", "-c", "cd b; c"]', 2],
  ["ONBUILD", "ONBUILD RUN cd b; c", 2],
])("%s: a finding stands on its own line", (_, text, line) => {
  expect(resultsFor(from + text, 2164, "cd b")).toEqual([`fail:${line} SC2164 It is wrong`]);
});

test.each([
  ["a shell that ShellCheck does not know", 'SHELL ["pwsh", "-c"]\nRUN cd b; c'],
  ["an interpreter that is not a shell", "RUN <<EOF\n#!/usr/bin/python3\ncd b; c\nEOF"],
  ["a program that reads a heredoc", "RUN ['cd'] <<EOF\ncd b; c\nEOF".replace("['cd']", "python3")],
])("%s: its script is not a shell script", (_, text) => {
  const dockerfile = readDockerfile({ path: "Dockerfile", text: from + text });
  const dialects = scriptsForShellcheck(dockerfile).filter(
    ({ text }) => text.startsWith("cd") || text.startsWith("#!"),
  );
  expect(dialects).toEqual([]);
});

test("dialect and options come from SHELL, the interpreter, or the arguments", () => {
  const text = [
    'SHELL ["/bin/busybox", "ash", "-eo", "pipefail", "-c"]\nRUN cd a',
    "RUN <<EOF\n#!/bin/bash\ncd a\nEOF",
    'RUN ["ksh", "-c", "cd a"]',
    "FROM a\nRUN cd a",
  ].join("\n");
  const scripts = scriptsForShellcheck(readDockerfile({ path: "Dockerfile", text: from + text }));
  expect(scripts.map(({ dialect, stopsOnError }) => `${dialect} ${stopsOnError}`)).toEqual([
    "dash true",
    "bash false",
    "ksh false",
    "sh false",
  ]);
});

test("a script that ShellCheck cannot parse could not be checked", () => {
  expect(resultsFor(`${from}RUN cd a; (`, 1072, "(")).toEqual([
    "warn:2 ShellCheck cannot parse the script: It is wrong",
  ]);
});

test("a script that was not checked is a warning, and without ShellCheck the check is manual", () => {
  const dockerfile = readDockerfile({ path: "Dockerfile", text: `${from}RUN cd a; b\nRUN rm $A` });
  const missing: ScriptComments = { unavailable: "shellcheck could not check the scripts" };
  expect(runChecks([shellcheckCheck], { dockerfile, scriptComments: [missing, missing] })).toMatchObject([
    { state: "warn", evidence: [], reason: "shellcheck could not check the scripts" },
  ]);
  expect(runChecks([shellcheckCheck], { dockerfile })).toMatchObject([{ state: "manual" }]);
});

test.each(["apt-get update && rm -rf /var/lib/apt/lists/*", "npm ci", "make > log"])(
  "%s needs no ShellCheck",
  (script) => {
    const dockerfile = readDockerfile({ path: "Dockerfile", text: `${from}RUN ${script}` });
    expect(runChecks([shellcheckCheck], { dockerfile })).toMatchObject([{ state: "pass" }]);
  },
);

test("a command that writes what it reads is for ShellCheck", () => {
  const dockerfile = readDockerfile({ path: "Dockerfile", text: `${from}RUN sed s/a/b/ f >f` });
  expect(runChecks([shellcheckCheck], { dockerfile })).toMatchObject([{ state: "manual" }]);
});

test("many comments on a long script take little time", () => {
  const dockerfile = readDockerfile({ path: "Dockerfile", text: `${from}RUN <<EOF\n${"echo $A\n".repeat(15_000)}EOF` });
  const value = Array.from({ length: 15_000 }, (_, index): ScriptComment => {
    return { code: 2086, start: index * 8 + 5, end: index * 8 + 7, message: "a" };
  });
  const started = performance.now();
  const results = runChecks([shellcheckCheck], { dockerfile, scriptComments: [{ value }] });
  expect(results).toMatchObject([{ state: "pass" }]);
  expect(performance.now() - started).toBeLessThan(4000);
});
