import { expect, test } from "vitest";
import { main, runProgram, startPlimsoll } from "./run-plimsoll.ts";

const { folder } = startPlimsoll();
const env = { PATH: process.env["PATH"] ?? "", HOME: folder, TMPDIR: folder };

const login = [main, "login", "127.0.0.1:1", "-u", "ada", "--password-stdin"];

/** Makes the program fail outside of its commands, once it handles signals. */
function failing(how: string): string {
  const code = `const wait = setInterval(() => {
    if (process.listenerCount("SIGTERM") === 0) return;
    clearInterval(wait);
    ${how};
  }, 5);`;
  return moduleOf(code);
}

/** Makes the program fail once it has set its exit code; `before` is done once it handles signals. */
function failingLate(before = ""): string {
  return moduleOf(`let isBefore = true;
  const wait = setInterval(() => {
    if (isBefore && process.listenerCount("SIGTERM") > 0) {
      isBefore = false;
      ${before}
    }
    if (process.exitCode === undefined) return;
    clearInterval(wait);
    throw new Error("late");
  }, 1);`);
}

/** Makes a file of the program one that cannot be loaded. */
function without(file: string): string {
  return moduleOf(`import { registerHooks } from "node:module";
    registerHooks({
      resolve(specifier, context, next) {
        if (new RegExp(${JSON.stringify(`/${file}\\.[jt]s$`)}).test(specifier)) throw new Error("not there");
        return next(specifier, context);
      },
    });`);
}

function moduleOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test.each([
  ["an error that nobody caught", "throw new Error('late')"],
  ["a promise that nobody awaited", "Promise.reject(new Error('late'))"],
])("%s ends the program as incomplete, never as denied", async (_, how) => {
  const args = ["--import", failing(how), ...login];
  const { code, signal, stdout, stderr } = await runProgram(args, { env, cwd: folder, holdsInput: true });
  expect({ code, signal, stdout }).toEqual({ code: 3, signal: null, stdout: "" });
  expect(stderr).toMatch(
    /^error: unexpected: Error: late \[program-failed\]\n(?: {4}at .+\n)+ {7}This is a bug in Plimsoll; .+\n$/,
  );
});

test("too many open files outside of the commands are told as that", async () => {
  const how = "throw Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })";
  const args = ["--import", failing(how), ...login];
  const { code, stderr } = await runProgram(args, { env, cwd: folder, holdsInput: true });
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(
      /^error: too many open files in this process \[limit-exceeded\]\n {7}Raise the limit .+\n$/,
    ),
  });
});

// What is built has other files.
test.skipIf(!main.endsWith(".ts")).each([
  ["tool-version", ["--version"]],
  ["compiled-code", ["--help"]],
  ["run", ["--help"]],
  ["explain-unexpected", ["--help"]],
  ["scan-command", ["--help"]],
])("without its file %s the program ends as incomplete", async (file, args) => {
  const { code, stdout, stderr } = await runProgram(["--import", without(file), main, ...args], { env, cwd: folder });
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(
    /^error: unexpected: Error: not there \[program-failed\]\n(?: {4}at .+\n)+ {7}The installation may be .+\n$/,
  );
});

test.each([
  [
    "a verdict",
    1,
    failingLate(),
    [main, "check", "dockerfile", "-", "--fail-on", "low"],
    "FROM scratch:latest\nADD a b\n",
  ],
  ["wrong usage", 2, failingLate(), [main, "no-such-command"], ""],
  ["an interruption", 130, failingLate("process.kill(process.pid, 'SIGTERM');"), login, undefined],
])("%s that is already known outlives a failure", async (_, known, how, args, input) => {
  const given = input === undefined ? { holdsInput: true } : { input };
  const { code, stderr } = await runProgram(["--import", how, ...args], { env, cwd: folder, ...given });
  expect({ code, stderr }).toEqual({
    code: known,
    stderr: expect.stringContaining("error: unexpected: Error: late [program-failed]\n"),
  });
});

test("a success that is already known does not", async () => {
  const { code } = await runProgram(["--import", failingLate(), main, "--help"], { env, cwd: folder });
  expect(code).toBe(3);
});
