import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { program } from "../run.ts";
import { type UsageMessage, usageMessage } from "./usage-message.ts";

/** The message about a wrong command line. */
async function usageMessageOf(line: string): Promise<UsageMessage> {
  const args = line.split(" ");
  const root = program(new AbortController().signal, { exitCode: 0 });
  const cause: unknown = await root.parseAsync(args, { from: "user" }).catch((error: unknown) => error);
  if (cause instanceof CommanderError) return usageMessage(cause, { args, root });
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
  expect(await usageMessageOf(line)).toEqual({ message, hint: expect.stringContaining("--password-stdin") });
});

test.each([
  ["logout registry.test marker", "too many arguments for 'logout'. Expected 1 argument but got 2."],
  ["scan registry.test/a --password=marker", "unknown option '--password'"],
  ["scan registry.test/a --pass=mar'ker'\n(Did_you", "unknown option '--pass'"],
  ["scan registry.test/a -qmarker", "unknown option '-m'"],
  ["scan registry.test/a alice:marker", "too many arguments for 'scan'. Expected 1 argument but got 2."],
  ["scan registry.test/a --alice:marker@registry.test", "unknown option '[secret]'"],
])("%j shows no value that may be a secret", async (line, message) => {
  const [command] = line.split(" ");
  expect(await usageMessageOf(line)).toEqual({ message, hint: `Run plimsoll ${command} --help.` });
});

test.each([
  ["nonsense", "unknown command 'nonsense'", "Run plimsoll --help."],
  ["help nonsense", "unknown command 'nonsense'", "Run plimsoll --help."],
  ["db nonsense", "unknown command 'nonsense'", "Run plimsoll db --help."],
  ["db help nonsense", "unknown command 'nonsense'", "Run plimsoll db --help."],
  ["help https://alice:marker@registry.test", "unknown command '[secret]'", "Run plimsoll --help."],
  ["db status --foo", "unknown option '--foo'", "Run plimsoll db status --help."],
  ["db", "a command is missing", "Run plimsoll db --help."],
  ["image nginx", "unknown command 'image'", "Run plimsoll scan NAME."],
  ["fs .", "unknown command 'fs'", "Run plimsoll scan FOLDER."],
  ["rootfs .", "unknown command 'rootfs'", "Run plimsoll scan dir:FOLDER."],
  ["repo .", "unknown command 'repo'", "Run plimsoll scan FOLDER."],
  ["config .", "unknown command 'config'", "Run plimsoll check manifests FOLDER, or plimsoll check dockerfile FOLDER."],
  ["version", "unknown command 'version'", "Run plimsoll --version."],
  ["constructor", "unknown command 'constructor'", "Run plimsoll --help."],
  ["__proto__", "unknown command '__proto__'", "Run plimsoll --help."],
])("%j points to the command that is meant", async (line, message, hint) => {
  expect(await usageMessageOf(line)).toEqual({ message, hint });
});

test.each([
  ["scan a --exit-code 1", "unknown option '--exit-code'", "--fail-on high"],
  ["scan a --exit-code=1 --severity HIGH,CRITICAL", "unknown option '--exit-code'", "--fail-on high"],
  ["scan a --skip-db-update", "unknown option '--skip-db-update'", "--no-update"],
  ["sbom a --scanners vuln,secret", "unknown option '--scanners'", "plimsoll scan"],
  ["scan a --ignorefile .trivyignore", "unknown option '--ignorefile'", "waive --import FILE"],
  ["scan a --only-fixed", "unknown option '--only-fixed'", "--ignore-unfixed"],
  ["scan a -s HIGH", "unknown option '-s'", "--severity LIST"],
  ["scan --input image.tar", "unknown option '--input'", "plimsoll scan image.tar"],
  ["ps --severity HIGH", "unknown option '--severity'", "--fail-on SEVERITY"],
  ["check manifests -q", "unknown option '-q'", "no progress line"],
])("%j names the option that does it here", async (line, message, hint) => {
  const said = await usageMessageOf(line);
  expect(said.message).toContain(message);
  expect(said.hint).toContain(hint);
});

test.each([
  ["scan a --fail-on hihg", "Expected one severity: critical, high, medium, low or negligible."],
  ["scan a --fail-on HIGH,CRITICAL", "Give one severity: it includes all worse ones."],
  ["ps --fail-on unknown", "Expected one severity: critical, high, medium, low or negligible."],
  ["check manifests . --fail-on bad", "Expected one severity: critical, high, medium, low or negligible."],
  ["scan a --severity high,hihg", "Expected severities separated by commas: critical, high, medium, low, negligible"],
])("%j says which severities there are", async (line, message) => {
  expect((await usageMessageOf(line)).message).toContain(message);
});

test.each([
  ["scan a --format xml", "argument 'xml' is invalid"],
  ["scan a --formatt", "unknown option '--formatt' (Did you mean --format?)"],
  ["sacn a", "unknown command 'sacn'"],
])("%j tells what is wrong", async (line, message) => {
  expect((await usageMessageOf(line)).message).toContain(message);
});
