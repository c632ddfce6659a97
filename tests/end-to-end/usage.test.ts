import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { describe, expect, test } from "vitest";
import { program } from "../../src/apps/cli/run.ts";
import { toolVersion } from "../../src/model/tool-version.ts";
import { readValidRules } from "../../src/pipeline/watch/rule-files.ts";
import { formatsFor } from "../../src/reporters/formats/builtin.ts";
import { main, startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();

/** Every command with its path, as `db build`; the program itself is empty. */
function commandsBelow(command: Command, path: readonly string[] = []): [string, Command][] {
  return [
    [path.join(" "), command],
    ...command.commands.flatMap((child) => commandsBelow(child, [...path, child.name()])),
  ];
}

const commands = commandsBelow(program(new AbortController().signal, { exitCode: 0 }));

describe("help", () => {
  test.each(commands)("of plimsoll %s fits a terminal of 80 columns and 30 lines", (_, command) => {
    let help = "";
    const writeOut = (text: string): void => {
      help += text;
    };
    command.configureOutput({ writeOut, getOutHelpWidth: () => 80 }).outputHelp();
    const lines = help.trimEnd().split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(help.includes("--help-all")).toBe(command.options.some(({ hidden }) => hidden));
  });

  test.each(commands.filter(([path, { commands: children }]) => path !== "" && children.length > 0))(
    "of plimsoll %s lists its commands by a clause each, and offers no options that it has not",
    (_, command) => {
      const help = command.helpInformation();
      expect(help).toMatch(/^ {2}help \[command\] +print the help of a command$/m);
      expect(command.commands.map((child) => child.summary()).filter((text) => !/^[a-z].*[^.]$/.test(text))).toEqual(
        [],
      );
      expect(help.includes("[options] [command]")).toBe(command.options.length > 0);
    },
  );

  test.each(["scan --help", "help scan"])("plimsoll %s ends with 0", async (args) => {
    const { code, stdout, stderr } = await plimsoll(args.split(" "));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: plimsoll scan");
    expect(stdout).not.toContain("--insecure");
  });

  test.each([
    ["scan", "--insecure"],
    ["watch", "--since"],
    ["check kubernetes", "--namespace"],
    ["rules explain", "--from"],
    ["login", "--registry-ca"],
  ])("plimsoll %s --help-all has all options, such as %s", async (name, option) => {
    const { code, stdout, stderr } = await plimsoll([...name.split(" "), "--help-all"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const command = commands.find(([path]) => path === name)?.[1];
    const missing = command?.options.filter(
      ({ long }) => long && long !== "--help-all" && !stdout.includes(`  ${long}`),
    );
    expect(stdout).toContain(option);
    expect(missing?.map(({ long, short }) => !short && long).filter(Boolean)).toEqual([]);
  });

  test("names only rules that there are", async () => {
    const names = new Set(readValidRules({}).rules.map(({ name }) => name));
    const named = ["list", "explain"].map(async (name) => {
      const { stdout } = await plimsoll(["rules", name, "--help"]);
      return /plimsoll rules \w+ "([^"]+)"/.exec(stdout)?.[1] ?? "";
    });
    for (const name of await Promise.all(named)) expect(names).toContain(name);
  });

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
    ["no command", "", "Run plimsoll --help."],
    ["no command of a group", "db", "Run plimsoll db --help."],
    ["a missing target", "scan", "missing required argument 'target'"],
    ["two targets", "scan a b", "too many arguments"],
    ["an empty target", "scan docker:", "no name follows docker:"],
    ["an unknown format", "scan a --format xml", "argument 'xml' is invalid"],
    ["an unknown severity", "scan a --fail-on severe", "argument 'severe' is invalid"],
    ["an unknown severity in a filter", "scan a --severity high,severe", "argument 'high,severe' is invalid"],
    ["an option of Trivy", "scan a --exit-code 1", "To exit with 1 when something is found: --fail-on SEVERITY"],
    ["a filter for a command without one", "ps --ignore-unfixed", "Only plimsoll scan filters findings"],
    ["a platform that is none", "scan a --platform arm64", "Expected os/architecture"],
    ["a size that is none", "scan a --max-layer-size lots", "Expected a number of bytes"],
    ["no bucket", "db build", "a build needs either --from or --mirror"],
    ["a cache and none", "scan a --cache b --no-cache", "--cache and --no-cache cannot be used together"],
    ["none and a cache", "ps --no-cache --cache b", "--no-cache and --cache cannot be used together"],
    ["a standard without its version", "check manifests . --pss restricted@", '"restricted@" has no version'],
    [
      "a user in the name of a database",
      "db pull ada:marker@registry.test/x/y",
      "a database reference must not contain a user name or password",
    ],
    ["an unknown shell", "completion tcsh", "'tcsh' is invalid"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await plimsoll(args.split(" ").filter(Boolean));
    expect(stderr).toMatch(/^error: .+\n {7}.+\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\bada\b|marker/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

describe("what is given twice", () => {
  const check = async (line: string): Promise<Awaited<ReturnType<typeof plimsoll>>> => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "b" }] } };
    writeFileSync(join(plimsoll.folder, "pod.json"), JSON.stringify(pod));
    return plimsoll(["check", "manifests", "pod.json", ...line.split(" ")]);
  };

  test("is the last one where an option takes one value", async () => {
    expect((await check("--fail-on low")).code).toBe(1);
    expect((await check("--fail-on low --fail-on critical")).code).toBe(0);
    expect((await check("--fail-on critical --fail-on low")).code).toBe(1);
    expect((await check("-f json --format table")).stdout).toContain("pod.json");
    expect((await check("-f json --format table")).stdout).not.toMatch(/^\{/);
  });

  test("adds up where it narrows", async () => {
    const { stdout } = await check("-f json --only pss/privileged --only pss/hostPorts,pss/seLinuxOptions");
    const ids = new Set([...stdout.matchAll(/"id": "(pss.*)"/g)].map(([, id]) => id));
    expect([...ids].sort()).toEqual(["pss/hostPorts", "pss/privileged", "pss/seLinuxOptions"]);
  });
});

test("options that add up, beside those that take several values at once, do so on every command", () => {
  const texts = ["a", "a.test=b.test", "a.test", "docker", "linux/arm64", "1", "1d", "high", "notice", "2025-11-25"];
  const addsUp = ({ parseArg, argChoices }: Option): boolean => {
    if (argChoices !== undefined || parseArg === undefined) return false;
    const values: unknown[] = texts.flatMap((text) => {
      try {
        return [parseArg(text, ["before"])];
      } catch {
        return [];
      }
    });
    return values.some((value) => Array.isArray(value) && value.length === 2 && value[0] === "before");
  };
  const byName = Map.groupBy(
    // The output format of events, named as in other readers of captures, is not a file.
    commands.flatMap(([, { options }]) => options.filter(({ flags }) => flags !== "-p, --output <format>")),
    ({ long }) => long,
  );
  const adding = [...byName].filter(([, options]) => options.some(addsUp));
  expect(adding.map(([name]) => name).sort()).toEqual([
    "--annotation",
    "--cap-add",
    "--cap-drop",
    "--disable",
    "--enable",
    "--engine",
    "--identity",
    "--image",
    "--insecure",
    "--key",
    "--malware-hashes",
    "--malware-rules",
    "--namespace",
    "--only",
    "--output",
    "--package",
    "--path",
    "--registry-mirror",
    "--registry-trust",
    "--resource",
    "--severity",
    "--skip",
    "--tags",
    "--to",
    "--trace",
    "--vex",
  ]);
  expect(adding.filter(([, options]) => !options.every(addsUp))).toEqual([]);
  const lists = [...byName].filter(([, options]) => options.some(({ description }) => /commas/.test(description)));
  expect(lists.map(([name]) => name).sort()).toEqual(["--engine", "--namespace", "--only", "--severity", "--tags"]);
});

test.each(["--db", "--cache", "--output", "--explain"])(
  "an empty %s is wrong usage, not the current folder",
  async (option) => {
    const { code, stderr } = await plimsoll(["scan", ".", option, ""]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: the value of ${option} is empty [usage]\n` });
  },
);

test("two options that would write one file are wrong usage", async () => {
  const { code, stderr } = await plimsoll(["check", "manifests", ".", "-o", "same", "--fix-script", "./same"]);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/(--output|--fix-script) and (--output|--fix-script) would write to the same file/),
  });
});

test.each(["watch --k8s-audit-file -", "watch --input falco", "check manifests -", "events -r -"])(
  "plimsoll %s with a folder as standard input ends with 3",
  (line) => {
    const { status, stderr } = spawnSync("sh", ["-c", `exec "$NODE" "$MAIN" ${line} < .`], {
      cwd: plimsoll.folder,
      encoding: "utf8",
      env: { HOME: plimsoll.folder, NODE: process.execPath, MAIN: main, PLIMSOLL_OFFLINE: "1" },
    });
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: "error: standard input is a folder [target-unreadable]\n",
    });
  },
);

describe("a completion script", () => {
  const script = (shell: string, text: string): string => {
    const path = join(plimsoll.folder, `completion.${shell}`);
    writeFileSync(path, text);
    return path;
  };

  test.each(["bash", "zsh", "fish"])(
    "for %s names the commands and parses where the shell is installed",
    async (shell) => {
      const { code, stdout } = await plimsoll(["completion", shell]);
      expect(code).toBe(0);
      for (const word of ["scan", "sbom", "build", "status", "completion"]) expect(stdout).toContain(word);
      const checked = spawnSync(shell, ["-n", script(shell, stdout)], { encoding: "utf8" });
      if (!checked.error) expect(checked.stderr).toBe("");
    },
  );

  const cases: readonly (readonly [line: string, suggested: string])[] = [
    ["sc", "scan"],
    ["db st", "status"],
    ["scan --fail", "--fail-on"],
    ["db build --fr", "--from"],
    ["scan --fail-on ", "critical high medium low negligible"],
    ["scan --severity ", "critical high medium low negligible unknown"],
    ["scan image.tar --fail-on cr", "critical"],
    ["completion ", "bash zsh fish"],
    ["verify --d", ""],
    ["db verify --d", "--db"],
    ["scan some", "some-file"],
    ["scan image.tar some", "some-file"],
    ["scan --db some", "some-file"],
    ["check image image.tar --verif", "--verify-digests"],
    ["scan -f ", formatsFor("scan").join(" ")],
    ["scan image.tar -f j", "json junit"],
    ["scan image.tar -o some", "some-file"],
    ["check manifests deploy --pss ", "baseline restricted privileged"],
    ["ps --engine pod", "podman"],
    ["watch --fail-on not", "notice"],
  ];
  const joined: readonly (readonly [line: string, suggested: string])[] = [
    ["scan image.tar --fail-on=cr", "--fail-on=critical"],
    ["check manifests --pss=", "--pss=baseline --pss=restricted --pss=privileged"],
  ];

  test("completes commands, options, their values and files in bash", async () => {
    const { stdout } = await plimsoll(["completion", "bash"]);
    for (const [line, suggested] of cases) {
      const words = ["plimsoll", ...line.split(" ")].map((word) => `'${word}'`).join(" ");
      const script = `eval "$(cat)"; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _plimsoll; echo "\${COMPREPLY[@]}"`;
      const found = spawnSync("bash", ["-c", script], { input: stdout, encoding: "utf8" });
      // Files come from the shell where the script suggests nothing.
      expect([line, found.stdout.trim(), found.stderr]).toEqual([line, suggested.replace("some-file", ""), ""]);
    }
  });

  test.skipIf(spawnSync("fish", ["--version"]).error)(
    "completes commands, options, their values and files in fish",
    async () => {
      const { stdout } = await plimsoll(["completion", "fish"]);
      const path = script("fish", stdout);
      writeFileSync(join(plimsoll.folder, "some-file"), "");
      for (const [line, suggested] of cases) {
        const found = spawnSync("fish", ["--no-config", "-c", `source ${path}; complete -C 'plimsoll ${line}'`], {
          encoding: "utf8",
          cwd: plimsoll.folder,
          env: { PATH: process.env["PATH"], HOME: plimsoll.folder },
        });
        const words = found.stdout.split("\n").map((word) => word.split("\t")[0]);
        expect([line, words.filter(Boolean).sort(), found.stderr]).toEqual([
          line,
          suggested.split(" ").filter(Boolean).sort(),
          "",
        ]);
      }
    },
  );

  test.skipIf(spawnSync("zsh", ["--version"]).error)(
    "completes commands, options and their values in zsh, also behind =",
    async () => {
      const { stdout } = await plimsoll(["completion", "zsh"]);
      const env = { PATH: process.env["PATH"], HOME: plimsoll.folder };
      for (const [line, suggested] of [...cases, ...joined]) {
        const words = ["plimsoll", ...line.split(" ")].map((word) => `'${word}'`).join(" ");
        // As the shell calls such a function: bashcompinit emulates the arrays of sh.
        const script = `eval "$(cat)"; emulate sh; setopt kshglob noshglob braceexpand
          COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _plimsoll; echo "\${COMPREPLY[@]}"`;
        const found = spawnSync("zsh", ["-f", "-c", script], { input: stdout, encoding: "utf8", env });
        // The shell picks itself what the word begins with.
        const begun = line.split(" ").at(-1) ?? "";
        const picked = found.stdout
          .trim()
          .split(" ")
          .filter((word) => word.startsWith(begun));
        expect([line, picked.join(" "), found.stderr]).toEqual([line, suggested.replace("some-file", ""), ""]);
      }
    },
  );

  test.skipIf(spawnSync("zsh", ["--version"]).error)(
    "can be sourced in zsh without anything set up before",
    async () => {
      const { stdout } = await plimsoll(["completion", "zsh"]);
      const env = { PATH: process.env["PATH"], HOME: plimsoll.folder };
      const script = 'eval "$(cat)"; whence _plimsoll; print $_comps[plimsoll]';
      const sourced = spawnSync("zsh", ["-f", "-c", script], { input: stdout, encoding: "utf8", env });
      expect(sourced).toMatchObject({ status: 0, stderr: "" });
      expect(sourced.stdout).toMatch(/^_plimsoll\n.*_plimsoll/);
    },
  );
});

test("nothing is written to the user's home for help, version or wrong usage", () => {
  expect(existsSync(`${plimsoll.folder}/home`)).toBe(false);
});
