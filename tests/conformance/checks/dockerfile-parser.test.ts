import { expect, test } from "vitest";
import { buildStages, type Stage } from "../../../src/checks/dockerfile/syntax/build-stages.ts";
import type { Instruction } from "../../../src/checks/dockerfile/syntax/dockerfile.ts";
import { expandWords } from "../../../src/checks/dockerfile/syntax/expand-words.ts";
import { parseDockerfile } from "../../../src/checks/dockerfile/syntax/parse-dockerfile.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["hardening", "dockerfile-parser"];

interface OracleNode {
  readonly cmd: string;
  readonly dump: string;
  readonly start: number;
  readonly end: number;
  readonly flags?: readonly string[];
  readonly json?: boolean;
  readonly comments?: readonly string[];
  readonly heredocs?: readonly {
    readonly name: string;
    readonly content: string;
    readonly expand: boolean;
    readonly chomp: boolean;
    readonly fd: number;
  }[];
}

interface OracleStage {
  readonly name: string;
  readonly line: number;
  readonly base: string;
  readonly base_raw: string;
  readonly platform?: string;
  readonly commands: readonly string[] | null;
  readonly unmatched?: readonly string[];
  readonly copy_from?: readonly string[];
  readonly mount_from?: readonly string[];
}

interface OracleRow {
  readonly id: string;
  readonly dockerfile: string;
  readonly expect: {
    readonly escape?: string;
    readonly nodes?: readonly OracleNode[];
    readonly meta_args?: readonly { readonly name: string; readonly value?: string }[];
    readonly stages?: readonly OracleStage[];
    readonly warnings?: readonly string[];
    readonly parse_error?: string;
    readonly instruction_error?: string;
  };
}

interface Golden {
  readonly id: string;
  readonly dockerfile: string;
  readonly expect: { readonly dump: string } | { readonly error: true };
}

describeWithCorpus("Dockerfiles are read as BuildKit reads them", () => {
  test("goldens of BuildKit's parser", () => {
    const goldens = rows<Golden>("goldens.jsonl");
    for (const { id, dockerfile, expect: expected } of goldens) {
      const { instructions, errors } = parseDockerfile(dockerfile);
      if ("error" in expected) expect(errors, id).not.toEqual([]);
      else {
        expect(errors, id).toEqual([]);
        expect(instructions.map((instruction) => `(${dump(instruction)})`).join("\n"), id).toBe(expected.dump);
      }
    }
    expect(goldens).toHaveLength(37);
  });

  test("instructions, lines, flags, comments, heredocs, stages and variables", () => {
    const oracle = rows<OracleRow>("oracle.jsonl");
    const refused = { parsing: 0, instructions: 0 };
    for (const { id, dockerfile: text, expect: expected } of oracle) {
      const dockerfile = parseDockerfile(text);
      const plan = buildStages(dockerfile);
      if (expected.parse_error !== undefined) {
        expect(dockerfile.errors[0]?.message, id).toMatch(ourWords(expected.parse_error));
        refused.parsing += 1;
        continue;
      }
      expect(dockerfile.errors, id).toEqual([]);
      expect(dockerfile.escape, id).toBe(expected.escape);
      expect(dockerfile.instructions.map(asNode), id).toEqual(expected.nodes);
      expect(dockerfile.emptyContinuations.length, id).toBe(expected.warnings?.length ?? 0);
      if (expected.instruction_error !== undefined) {
        const line = /on line (\d+)/.exec(expected.instruction_error)?.[1];
        expect(plan.errors[0]?.message, id).toMatch(ourWords(expected.instruction_error));
        if (line !== undefined) expect(plan.errors[0]?.line, id).toBe(Number(line));
        refused.instructions += 1;
        continue;
      }
      expect(plan.errors, id).toEqual([]);
      expect(plan.globalArguments, id).toEqual(expected.meta_args ?? []);
      expect(plan.stages.map(asStage), id).toEqual(expected.stages);
    }
    expect({ rows: oracle.length, ...refused }).toEqual({ rows: 261, parsing: 5, instructions: 14 });
  });

  test("variables and quotes in words, as on Linux and as on Windows", () => {
    const { environment, cases } = corpusJson<{
      environment: Record<string, string>;
      cases: { platform: "any" | "unix" | "windows"; input: string; expect: string }[];
    }>(...folder, "shell-env.json");
    const values = new Map(Object.entries(environment));
    const lookups = {
      unix: (name: string) => values.get(name),
      windows: (name: string) => values.get(name.toUpperCase()),
    };
    let ran = 0;
    for (const { platform, input, expect: expected } of cases) {
      for (const name of ["unix", "windows"] as const) {
        if (platform !== "any" && platform !== name) continue;
        const result = expandWords(input, { lookup: lookups[name] });
        expect("error" in result ? "error" : result.text, `${name} ${input}`).toBe(expected);
        ran += 1;
      }
    }
    expect([cases.length, ran]).toEqual([230, 456]);
  });

  test("words after expansion", () => {
    const cases = corpusJson<{ input: string; env: Record<string, string>; expect: string[] }[]>(
      ...folder,
      "shell-words.json",
    );
    for (const { input, env, expect: expected } of cases) {
      const result = expandWords(input, { lookup: (name) => env[name] });
      expect("error" in result ? ["error"] : result.words, input).toEqual(expected);
    }
    expect(cases).toHaveLength(24);
  });
});

function rows<T>(name: string): T[] {
  return corpusBytes(...folder, name)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

// What BuildKit says, and what we say for the same reason.
const reasons: readonly (readonly [RegExp, RegExp])[] = [
  [/^file with no instructions$/, /has no instructions/],
  [/^ENV must have two arguments$/, /^ENV needs a name and a value$/],
  [/arrays must be comprised of strings only/, /may contain only strings/],
  [/^unterminated heredoc$/, /heredoc EOF is not closed/],
  [/unknown flag: --user/, /no flag "--user"/],
  [/HEALTHCHECK requires at least one argument/, /HEALTHCHECK needs an argument/],
  [/no build stage in current context/, /no FROM before this instruction/],
  [/unknown instruction: (?:BADCMD|RNU)/, /unknown instruction "(?:BADCMD|RNU)"/],
  [/invalid name for build stage: "0build"/, /"0build" is not a valid stage name/],
  [/FROM requires either one or three arguments/, /FROM needs an image/],
];

function ourWords(theirs: string): RegExp {
  const found = reasons.find(([pattern]) => pattern.test(theirs));
  if (found === undefined) throw new Error(`no words for ${theirs}`);
  return found[1];
}

function asNode(instruction: Instruction): OracleNode {
  const { flags, comments, heredocs } = instruction;
  return {
    cmd: instruction.word.toLowerCase(),
    dump: dump(instruction),
    start: instruction.line,
    end: instruction.endLine,
    ...(flags.length === 0 ? {} : { flags }),
    ...(instruction.json ? { json: true } : {}),
    ...(comments.length === 0 ? {} : { comments }),
    ...(heredocs.length === 0
      ? {}
      : { heredocs: heredocs.map(({ line: _, descriptor: fd, ...heredoc }) => ({ ...heredoc, fd })) }),
  };
}

function asStage({ name = "", from, base, baseAsWritten, platform, unset, steps }: Stage): OracleStage {
  const commands = steps.filter(({ deferred }) => !deferred).map(({ instruction }) => instruction);
  const copyFrom = commands.flatMap((command) => (command.keyword === "COPY" ? flagValues(command, "from") : []));
  const mountFrom = commands.flatMap((command) =>
    flagValues(command, "mount").flatMap((mount) =>
      mount.split(",").flatMap((part) => (part.startsWith("from=") ? [part.slice("from=".length)] : [])),
    ),
  );
  return {
    name,
    line: from.line,
    base,
    base_raw: baseAsWritten,
    ...(platform === undefined ? {} : { platform }),
    commands: commands.length === 0 ? null : commands.map(({ word }) => word),
    ...(unset.length === 0 ? {} : { unmatched: unset }),
    ...(copyFrom.length === 0 ? {} : { copy_from: copyFrom }),
    ...(mountFrom.length === 0 ? {} : { mount_from: mountFrom }),
  };
}

function flagValues({ flags }: Instruction, name: string): string[] {
  return flags.flatMap((flag) => (flag.startsWith(`--${name}=`) ? [flag.slice(name.length + 3)] : []));
}

/** The form in which BuildKit prints what it read. */
function dump(instruction: Instruction): string {
  const flags = instruction.flags.length === 0 ? [] : [`[${instruction.flags.map(goQuoted).join(" ")}]`];
  const trigger = instruction.trigger === undefined ? [] : [`(${dump(instruction.trigger)})`];
  return [instruction.word.toLowerCase(), ...flags, ...dumpedArguments(instruction).map(goQuoted), ...trigger].join(
    " ",
  );
}

/** BuildKit keeps one empty argument for what it does not know. */
function dumpedArguments({ keyword, args }: Instruction): readonly string[] {
  return knownKeywords.has(keyword) ? args : [""];
}

const knownKeywords = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

function goQuoted(text: string): string {
  return JSON.stringify(text).replaceAll("\\u0000", "\\x00");
}
