import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { program } from "./run.ts";
import { type UsageMessage, usageMessage } from "./usage-message.ts";

/** What is said of a command line that is wrong. */
async function saidOf(line: string): Promise<UsageMessage> {
  const args = line.split(" ");
  const cause: unknown = await program(new AbortController().signal, { exitCode: 0 })
    .parseAsync(args, { from: "user" })
    .catch((error: unknown) => error);
  if (cause instanceof CommanderError) return usageMessage(cause, args);
  throw new Error(`${line} is not wrong`, { cause });
}

test.each([
  ["login registry.test -u alice --password=marker", "unknown option '--password'"],
  ["login registry.test -u alice -pmarker", "unknown option '-p'"],
  ["login registry.test -u alice -p marker", "unknown option '-p'"],
  ["login registry.test --password-stdin=marker", "unknown option '--password-stdin'"],
  ["login registry.test alice marker", "too many arguments for 'login'. Expected 1 argument but got 3."],
  ["--password=marker login registry.test", "unknown option '--password'"],
])("%j shows no password, and says how it is given", async (line, message) => {
  expect(await saidOf(line)).toEqual({ message, hint: expect.stringContaining("--password-stdin") });
});

test.each([
  ["logout registry.test marker", "too many arguments for 'logout'. Expected 1 argument but got 2."],
  ["scan registry.test/a --password=marker", "unknown option '--password'"],
  ["scan registry.test/a --pass=mar'ker'\n(Did_you", "unknown option '--pass'"],
  ["scan registry.test/a -qmarker", "unknown option '-m'"],
  ["scan registry.test/a alice:marker", "too many arguments for 'scan'. Expected 1 argument but got 2."],
  ["scan registry.test/a --alice:marker@registry.test", "unknown option '[secret]'"],
])("%j shows no value that may be a secret", async (line, message) => {
  expect(await saidOf(line)).toEqual({ message, hint: "Run plimsoll --help, or plimsoll COMMAND --help." });
});

test.each([
  ["scan a --format xml", "argument 'xml' is invalid"],
  ["scan a --formatt", "unknown option '--formatt' (Did you mean --format?)"],
  ["sacn a", "unknown command 'sacn'"],
])("%j tells what is wrong", async (line, message) => {
  expect((await saidOf(line)).message).toContain(message);
});
