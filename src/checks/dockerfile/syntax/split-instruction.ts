import type { Instruction } from "./dockerfile.ts";

/** An instruction divided into its parts; `error` when its arguments have no valid form. */
export type InstructionParts = Pick<Instruction, "keyword" | "word" | "flags" | "args" | "json"> & {
  readonly trigger?: InstructionParts & { readonly text: string };
};

const blanks = /[\t\v\f\r ]+/;
const blank = /\s/;
const deepestTrigger = 8;

/** Divides the joined text of an instruction as BuildKit's parser does. */
export function splitInstruction(
  text: string,
  escapeSign: string,
  depth = 0,
): InstructionParts | { readonly error: string } {
  const trimmed = text.trim();
  const gap = blanks.exec(trimmed);
  const word = gap === null ? trimmed : trimmed.slice(0, gap.index);
  const keyword = word.toUpperCase();
  const { flags, rest } =
    gap === null ? { flags: [], rest: "" } : splitFlags(trimmed.slice(gap.index + gap[0].length), escapeSign);
  const start = { keyword, word, flags };
  switch (keyword) {
    case "ADD":
    case "COPY":
    case "VOLUME":
      return withArguments(start, jsonArray(rest) ?? blankSeparated(rest));
    case "CMD":
    case "ENTRYPOINT":
    case "RUN":
    case "SHELL":
      return withArguments(start, jsonArray(rest) ?? wholeText(rest));
    case "HEALTHCHECK":
      return healthCheck(start, rest);
    case "ENV":
    case "LABEL":
      return withArguments(start, namesAndValues(rest, keyword, escapeSign));
    case "ARG":
      return withArguments(start, {
        args: quotedWords(rest, escapeSign),
        json: false,
      });
    case "EXPOSE":
    case "FROM":
      return withArguments(start, blankSeparated(rest));
    case "MAINTAINER":
    case "STOPSIGNAL":
    case "USER":
    case "WORKDIR":
      return withArguments(start, wholeText(rest));
    case "ONBUILD": {
      if (rest === "") return { ...start, args: [], json: false };
      if (depth >= deepestTrigger) return { error: "ONBUILD is nested too deeply" };
      const trigger = splitInstruction(rest, escapeSign, depth + 1);
      return "error" in trigger
        ? trigger
        : {
            ...start,
            args: [],
            json: false,
            trigger: { ...trigger, text: rest },
          };
    }
    default:
      return { ...start, args: [], json: false };
  }
}

type Arguments = { readonly args: readonly string[]; readonly json: boolean } | { readonly error: string };

function withArguments(
  start: Pick<InstructionParts, "keyword" | "word" | "flags">,
  result: Arguments,
): InstructionParts | { readonly error: string } {
  return "error" in result ? result : { ...start, ...result };
}

/** Takes words that begin with `--` from the front; `--` alone ends them. */
function splitFlags(text: string, escapeSign: string): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let position = 0;
  for (;;) {
    while (position < text.length && blank.test(text[position] ?? "")) position += 1;
    if (!text.startsWith("--", position)) return { flags, rest: text.slice(position).trim() };
    const { word, end } = unquotedWord(text, position, escapeSign);
    position = end;
    if (word === "--") return { flags, rest: text.slice(position).trim() };
    flags.push(word);
  }
}

/** The word at a position, without quotes and escape characters. */
function unquotedWord(text: string, start: number, escapeSign: string): { word: string; end: number } {
  let word = "";
  let quote: string | undefined;
  let position = start;
  for (; position < text.length; position++) {
    const character = text[position] ?? "";
    if (character === quote) quote = undefined;
    else if (quote === undefined && blank.test(character)) break;
    else if (quote === undefined && (character === "'" || character === '"')) quote = character;
    else if (character === escapeSign) {
      position += 1;
      word += text[position] ?? "";
    } else word += character;
  }
  return { word, end: Math.min(position, text.length) };
}

/** Words with their quotes and escape characters; a blank in quotes does not end one. */
function quotedWords(text: string, escapeSign: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote: string | undefined;
  for (let position = 0; position < text.length; position++) {
    const character = text[position] ?? "";
    if (quote === undefined && blank.test(character)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    if (character === quote) quote = undefined;
    else if (quote === undefined && (character === "'" || character === '"')) quote = character;
    if (character === escapeSign && quote !== "'") {
      if (position + 1 === text.length) break;
      position += 1;
      word += character + (text[position] ?? "");
    } else word += character;
  }
  if (word !== "") words.push(word);
  return words;
}

function namesAndValues(text: string, keyword: string, escapeSign: string): Arguments {
  const words = quotedWords(text, escapeSign);
  const first = words[0];
  if (first === undefined) return { args: [], json: false };
  if (!first.includes("=")) {
    const gap = blanks.exec(text);
    if (gap === null) return { error: `${keyword} needs a name and a value` };
    return {
      args: [text.slice(0, gap.index), text.slice(gap.index + gap[0].length), ""],
      json: false,
    };
  }
  const args: string[] = [];
  for (const word of words) {
    const sign = word.indexOf("=");
    if (sign === -1) return { error: `every argument of ${keyword} must have the form name=value` };
    args.push(word.slice(0, sign), word.slice(sign + 1), "=");
  }
  return { args, json: false };
}

function healthCheck(
  start: Pick<InstructionParts, "keyword" | "word" | "flags">,
  rest: string,
): InstructionParts | { readonly error: string } {
  if (rest === "") return { ...start, args: [], json: false };
  const gap = blank.exec(rest);
  const kind = gap === null ? rest : rest.slice(0, gap.index);
  const command = rest.slice(kind.length).trim();
  const result = jsonArray(command) ?? wholeText(command);
  return "error" in result ? result : { ...start, args: [kind, ...result.args], json: result.json };
}

/** `undefined` where BuildKit takes the text as a command for the shell. */
function jsonArray(text: string): Arguments | undefined {
  if (!text.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const args = value.filter((element) => typeof element === "string");
  return args.length === value.length
    ? { args, json: true }
    : { error: "a JSON array of arguments may contain only strings" };
}

function blankSeparated(text: string): Arguments {
  return { args: text === "" ? [] : text.split(blanks), json: false };
}

function wholeText(text: string): Arguments {
  return { args: text === "" ? [] : [text], json: false };
}
