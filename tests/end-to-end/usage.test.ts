import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toolVersion } from "../../src/model/tool-version.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();

describe("help", () => {
  test.each([["--help"], ["scan --help"], ["sbom --help"], ["db --help"], ["db build --help"], ["help scan"]])(
    "plimsoll %s fits a terminal of 80 columns and 30 lines",
    async (args) => {
      const { code, stdout, stderr } = await plimsoll(args.split(" "));
      const lines = stdout.trimEnd().split("\n");
      expect(code).toBe(0);
      expect(stderr).toBe("");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(lines.length).toBeLessThanOrEqual(30);
    },
  );

  test.each([["--help"], ["scan --help"], ["sbom --help"], ["db build --help"]])(
    "plimsoll %s begins with examples",
    async (args) => {
      const { stdout } = await plimsoll(args.split(" "));
      expect(stdout).toMatch(/^Examples:\n {2}plimsoll /);
    },
  );
});

test.each(["--version", "-V"])("%s prints the version alone", async (flag) => {
  expect(await plimsoll([flag])).toEqual({ code: 0, signal: null, stdout: `${toolVersion}\n`, stderr: "" });
});

describe("wrong usage ends with 2 and one error", () => {
  test.each<[string, string, string]>([
    ["an unknown command", "sacn image.tar", "unknown command 'sacn'"],
    ["an unknown option", "scan image.tar --foo", "unknown option '--foo'"],
    ["no command", "", "a command is missing"],
    ["a missing target", "scan", "missing required argument 'target'"],
    ["two targets", "scan a b", "too many arguments"],
    ["an empty target", "scan docker:", "nothing follows docker:"],
    ["an unknown format", "scan a --format xml", "argument 'xml' is invalid"],
    ["an unknown severity", "scan a --fail-on severe", "argument 'severe' is invalid"],
    ["a platform that is none", "scan a --platform arm64", "Expected os/architecture"],
    ["a size that is none", "scan a --max-layer-size lots", "Expected a number of bytes"],
    ["no bucket", "db build", "a build needs either --from or --mirror"],
    ["an unknown shell", "completion tcsh", "'tcsh' is invalid"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await plimsoll(args.split(" ").filter(Boolean));
    expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

test.each(["--db", "--cache", "--output", "--explain"])(
  "an empty %s is wrong usage, not the current folder",
  async (option) => {
    const { code, stderr } = await plimsoll(["scan", ".", option, ""]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: the value of ${option} is empty\n` });
  },
);

describe("a completion script", () => {
  test.each(["bash", "zsh", "fish"])(
    "for %s names the commands and parses where the shell is installed",
    async (shell) => {
      const { code, stdout } = await plimsoll(["completion", shell]);
      expect(code).toBe(0);
      for (const word of ["scan", "sbom", "build", "status", "completion"]) expect(stdout).toContain(word);
      const checked = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
      if (!checked.error) expect(checked.stderr).toBe("");
    },
  );

  test("completes commands, subcommands and options in bash", async () => {
    const { stdout } = await plimsoll(["completion", "bash"]);
    const complete = (words: string): string =>
      spawnSync(
        "bash",
        [
          "-c",
          `eval "$(cat)"; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _plimsoll; echo "\${COMPREPLY[@]}"`,
        ],
        { input: stdout, encoding: "utf8" },
      ).stdout.trim();
    expect(complete("plimsoll sc")).toBe("scan");
    expect(complete("plimsoll db st")).toBe("status");
    expect(complete("plimsoll scan --fail")).toBe("--fail-on");
    expect(complete("plimsoll db build --fr")).toBe("--from");
  });
});

test("nothing is written to the user's home for help, version or wrong usage", () => {
  expect(existsSync(`${plimsoll.folder}/home`)).toBe(false);
});
