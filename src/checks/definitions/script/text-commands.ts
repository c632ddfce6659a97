import type { RE2JS } from "re2js";
import { type Command, type CommandContext, type CommandResult, joinLines, linesOf, wrote } from "./command.ts";
import { readFile } from "./host-files.ts";
import { ScriptRefusal } from "./parse-script.ts";
import { compileFixedPattern, compilePosixPattern } from "./posix-pattern.ts";

/** Commands that make text of text. Options that are not listed are refused. */
export const textCommands: Readonly<Record<string, Command>> = {
  grep: (args, context) => grep(args, context),
  egrep: (args, context) => grep(["-E", ...args], context),
  fgrep: (args, context) => grep(["-F", ...args], context),
  sed,
  awk,
  cut,
  tr,
  head: (args, { input }) => {
    const count = countOption(args, "head");
    return wrote(joinLines(linesOf(input).slice(0, count)));
  },
  tail: (args, { input }) => {
    const count = countOption(args, "tail");
    return wrote(joinLines(count === 0 ? [] : linesOf(input).slice(-count)));
  },
  sort: (args, { input }) => {
    const lines = [...linesOf(input)].sort();
    if (args.length === 0) return wrote(joinLines(lines));
    if (args.length === 1 && args[0] === "-u") return wrote(joinLines([...new Set(lines)]));
    throw new ScriptRefusal(`sort ${args.join(" ")} is not supported`);
  },
  uniq: (args, { input }) => {
    if (args.length > 0) throw new ScriptRefusal(`uniq ${args.join(" ")} is not supported`);
    return wrote(joinLines(linesOf(input).filter((line, index, lines) => line !== lines[index - 1])));
  },
  wc: (args, { input }) => {
    if (args.join(" ") !== "-l") throw new ScriptRefusal(`wc ${args.join(" ")} is not supported`);
    return wrote(`${linesOf(input).length}\n`);
  },
  echo: (args) => wrote(`${args.join(" ")}\n`),
  true: () => wrote(""),
  false: () => wrote("", 1),
};

interface GrepOptions {
  inverted: boolean;
  ignoresCase: boolean;
  extended: boolean;
  fixed: boolean;
  quiet: boolean;
  only: boolean;
  whole: boolean;
  counts: boolean;
  before: number;
  after: number;
}

async function grep(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const options: GrepOptions = {
    inverted: false,
    ignoresCase: false,
    extended: false,
    fixed: false,
    quiet: false,
    only: false,
    whole: false,
    counts: false,
    before: 0,
    after: 0,
  };
  const patterns: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--") {
      rest.push(...args.slice(index + 1));
      break;
    }
    const around = /^-([AB])(\d{1,3})?$/.exec(argument);
    if (around) {
      const count = Number(around[2] ?? args[++index] ?? "0");
      if (around[1] === "A") options.after = count;
      else options.before = count;
    } else if (argument === "-e") patterns.push(args[++index] ?? "");
    else if (/^-[a-zA-Z]+$/.test(argument)) for (const letter of argument.slice(1)) setGrepOption(options, letter);
    else rest.push(argument);
  }
  if (patterns.length === 0) patterns.push(rest.shift() ?? "");
  const compiled = patterns.flatMap((pattern) =>
    pattern
      .split("\n")
      .map((line) => (options.fixed ? compileFixedPattern(line, options) : compilePosixPattern(line, options))),
  );
  let errors = "";
  let output = "";
  let matched = 0;
  for (const source of rest.length === 0 ? [undefined] : rest) {
    const text = source === undefined ? context.input : await readFile(source, context);
    if (typeof text === "object") {
      errors += `grep: ${text.error}\n`;
      continue;
    }
    const found = grepLines(linesOf(text), { compiled, options });
    matched += found.matched;
    const prefix = rest.length > 1 ? `${source}:` : "";
    if (options.counts) output += `${prefix}${found.matched}\n`;
    else output += joinLines(found.lines.map((line) => prefix + line));
  }
  const status = matched > 0 ? 0 : errors === "" ? 1 : 2;
  return { output: options.quiet ? "" : output, errors, status };
}

function setGrepOption(options: GrepOptions, letter: string): void {
  switch (letter) {
    case "v":
      options.inverted = true;
      return;
    case "i":
      options.ignoresCase = true;
      return;
    case "E":
      options.extended = true;
      return;
    case "F":
      options.fixed = true;
      return;
    case "q":
      options.quiet = true;
      return;
    case "o":
      options.only = true;
      return;
    case "w":
      options.whole = true;
      return;
    case "c":
      options.counts = true;
      return;
    case "s":
    case "h":
      return;
    default:
      throw new ScriptRefusal(`grep -${letter} is not supported`);
  }
}

function grepLines(
  lines: readonly string[],
  { compiled, options }: { readonly compiled: readonly RE2JS[]; readonly options: GrepOptions },
): { readonly lines: readonly string[]; readonly matched: number } {
  const shown = new Set<number>();
  const parts: string[] = [];
  let matched = 0;
  for (const [index, line] of lines.entries()) {
    const matches = compiled.flatMap((pattern) => matchesOf(pattern, { line, whole: options.whole }));
    if (matches.length > 0 === options.inverted) continue;
    matched++;
    if (options.only) parts.push(...matches.filter((match) => match !== ""));
    const last = Math.min(lines.length - 1, index + options.after);
    for (let at = Math.max(0, index - options.before); at <= last; at++) shown.add(at);
  }
  if (options.only) return { lines: parts, matched };
  const order = [...shown].sort((a, b) => a - b);
  const separated = options.before + options.after > 0;
  return {
    matched,
    lines: order.flatMap((at, index) => {
      const gap = separated && index > 0 && order[index - 1] !== at - 1;
      return gap ? ["--", lines[at] ?? ""] : [lines[at] ?? ""];
    }),
  };
}

function matchesOf(pattern: RE2JS, { line, whole }: { readonly line: string; readonly whole: boolean }): string[] {
  const matcher = pattern.matcher(line);
  const found: string[] = [];
  while (matcher.find()) {
    const isPart = /\w$/.test(line.slice(0, matcher.start())) || /^\w/.test(line.slice(matcher.end()));
    if (!whole || !isPart) found.push(matcher.group() ?? "");
  }
  return found;
}

function sed(args: readonly string[], { input }: CommandContext): CommandResult {
  const scripts: string[] = [];
  let extended = false;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "-e") scripts.push(args[++index] ?? "");
    else if (argument === "-E" || argument === "-r") extended = true;
    else if (scripts.length === 0 && !argument.startsWith("-")) scripts.push(argument);
    else throw new ScriptRefusal(`sed ${argument} is not supported`);
  }
  const steps = scripts.map((script) => substitution(script, extended));
  return wrote(joinLines(linesOf(input).map((line) => steps.reduce((current, step) => step(current), line))));
}

function substitution(script: string, extended: boolean): (line: string) => string {
  const delimiter = script[1] ?? "";
  const parts = script.slice(2).split(delimiter);
  const [pattern, replacement, flags] = parts;
  if (script[0] !== "s" || /[\w\s\\]/.test(delimiter) || parts.length !== 3 || !/^g?$/.test(flags ?? "")) {
    throw new ScriptRefusal(`sed ${script} is not supported`);
  }
  const compiled = compilePosixPattern(pattern ?? "", { extended });
  // Groups are written `\1` there and `$1` here.
  const target = (replacement ?? "").replaceAll("$", "\\$").replace(/\\([0-9])/g, "$$$1");
  if (/(?:^|[^\\])&|\\[a-z]/.test(replacement ?? "")) throw new ScriptRefusal(`sed ${script} is not supported`);
  return (line) => {
    const matcher = compiled.matcher(line);
    return flags === "g" ? matcher.replaceAll(target) : matcher.replaceFirst(target);
  };
}

function awk(args: readonly string[], { input }: CommandContext): CommandResult {
  let separator: string | undefined;
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "-F") separator = args[++index] ?? "";
    else if (argument.startsWith("-F")) separator = argument.slice(2);
    else rest.push(argument);
  }
  const program = /^\s*\{\s*print \$(\d{1,3})\s*;?\s*\}\s*$/.exec(rest[0] ?? "");
  if (!program || rest.length !== 1) throw new ScriptRefusal(`awk ${rest.join(" ")} is not supported`);
  const field = Number(program[1]);
  const lines = linesOf(input).map((line) => {
    if (field === 0) return line;
    const fields = separator === undefined ? line.trim().split(/\s+/) : splitFields(line, separator);
    return fields[field - 1] ?? "";
  });
  return wrote(joinLines(lines));
}

function splitFields(line: string, separator: string): readonly string[] {
  if (separator.length <= 1 || /^[\w\-=:/ ]+$/.test(separator)) return line.split(separator === "" ? " " : separator);
  throw new ScriptRefusal(`awk -F ${separator} is not supported`);
}

function cut(args: readonly string[], { input }: CommandContext): CommandResult {
  let delimiter = "\t";
  let field = 0;
  for (let index = 0; index < args.length; index++) {
    const option = /^-([df])([\s\S]*)$/.exec(args[index] ?? "");
    if (!option) throw new ScriptRefusal(`cut ${args[index]} is not supported`);
    const value = option[2] === "" ? (args[++index] ?? "") : (option[2] ?? "");
    if (option[1] === "d") delimiter = value;
    else if (/^\d{1,3}$/.test(value)) field = Number(value);
    else throw new ScriptRefusal(`cut -f ${value} is not supported`);
  }
  if (field === 0 || delimiter.length !== 1) throw new ScriptRefusal("cut without a field is not supported");
  const fieldOf = (line: string): string =>
    line.includes(delimiter) ? (line.split(delimiter)[field - 1] ?? "") : line;
  return wrote(joinLines(linesOf(input).map(fieldOf)));
}

function tr(args: readonly string[], { input }: CommandContext): CommandResult {
  const [first = "", second = "", ...others] = args;
  if (others.length > 0 || second === "") throw new ScriptRefusal(`tr ${args.join(" ")} is not supported`);
  if (first === "-d") {
    const removed = characterOf(second);
    return wrote(input.split(removed).join(""));
  }
  return wrote(input.split(characterOf(first)).join(characterOf(second)));
}

function characterOf(set: string): string {
  const known: Readonly<Record<string, string>> = { "\\n": "\n", "\\0": "\0", "\\t": "\t", "\\000": "\0" };
  const character = known[set] ?? set;
  if (character.length !== 1) throw new ScriptRefusal(`tr with ${set} is not supported`);
  return character;
}

function countOption(args: readonly string[], name: string): number {
  const text = args.join(" ");
  const match = /^(?:-n ?|-)?(\d{1,6})$/.exec(text);
  if (text !== "" && !match) throw new ScriptRefusal(`${name} ${text} is not supported`);
  return match ? Number(match[1]) : 10;
}
