import { limits } from "../limits.ts";
import { describe, Lexer as FileLexer, type Lexer } from "./lexer.ts";
import { parseCondition } from "./parse-condition.ts";
import { parseHex } from "./parse-hex.ts";
import { parseModifiers } from "./parse-modifiers.ts";
import { parseRegexp } from "./parse-regexp.ts";
import { NeedsEngine, RuleError } from "./rule-error.ts";
import type { MetaEntry, Modifiers, RuleSyntax, StringSyntax } from "./rule-syntax.ts";

/** A fault of a file, by its line from 1. */
export interface Fault {
  readonly line: number;
  readonly message: string;
}

/** The rules of a file, and its faults; after a fault reading goes on with the next rule. */
export function parseRules(text: string): { readonly rules: readonly RuleSyntax[]; readonly faults: readonly Fault[] } {
  // One character for each byte: strings of a rule are bytes.
  const lexer = new FileLexer(Buffer.from(text.replace(/^\ufeff/, ""), "utf8").toString("latin1"));
  const rules: RuleSyntax[] = [];
  const faults: Fault[] = [];
  for (;;) {
    try {
      if (lexer.peek().kind === "end") break;
      const rule = parseStatement(lexer);
      if (rule) rules.push(rule);
      if (rules.length > limits.rules) throw new RuleError(lexer.line, `more than ${limits.rules} rules`);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      faults.push({ line: error.line, message: inUtf8(error.message) });
      if (rules.length > limits.rules || !lexer.skipToNextRule()) break;
    }
  }
  return { rules, faults };
}

function parseStatement(lexer: Lexer): RuleSyntax | undefined {
  if (lexer.accept("import")) {
    expectText(lexer, "the name of a module");
    return undefined;
  }
  if (lexer.accept("include")) {
    const path = expectText(lexer, "the path of a file");
    throw new RuleError(lexer.line, `include ${JSON.stringify(path)} is not supported: name all files instead`);
  }
  let isGlobal = false;
  let isPrivate = false;
  for (;;) {
    if (lexer.accept("global")) isGlobal = true;
    else if (lexer.accept("private")) isPrivate = true;
    else break;
  }
  if (!lexer.isAt("rule")) lexer.fail(`expected rule, import or include, found ${describe(lexer.peek())}`);
  const { line } = lexer.next();
  const name = lexer.expectName("the name of a rule");
  const tags: string[] = [];
  if (lexer.accept(":")) {
    do tags.push(lexer.expectName("a tag"));
    while (lexer.peek().kind === "name");
  }
  lexer.expect("{");
  const meta = parseMeta(lexer);
  const { strings, needs } = parseStrings(lexer);
  lexer.expect("condition");
  lexer.expect(":");
  const condition = parseCondition(lexer);
  lexer.expect("}");
  return { name, line, isGlobal, isPrivate, tags, meta, strings, condition, ...(needs !== undefined && { needs }) };
}

function parseMeta(lexer: Lexer): MetaEntry[] {
  const meta: MetaEntry[] = [];
  if (!lexer.accept("meta")) return meta;
  lexer.expect(":");
  while (!lexer.isAt("strings") && !lexer.isAt("condition")) {
    const name = lexer.expectName("the name of an entry of meta");
    lexer.expect("=");
    meta.push({ name, value: metaValue(lexer) });
  }
  return meta;
}

function metaValue(lexer: Lexer): string | number | boolean {
  const sign = lexer.accept("-") ? -1 : 1;
  const token = lexer.next();
  if (token.kind === "integer") return sign * token.value;
  if (token.kind === "text") return inUtf8(token.value);
  if (token.kind === "name" && (token.text === "true" || token.text === "false")) return token.text === "true";
  throw new RuleError(token.line, `expected a value of meta, found ${describe(token)}`);
}

function parseStrings(lexer: Lexer): { readonly strings: StringSyntax[]; readonly needs?: string } {
  const strings: StringSyntax[] = [];
  if (!lexer.accept("strings")) return { strings };
  lexer.expect(":");
  const names = new Set<string>();
  let needs: string | undefined;
  while (!lexer.isAt("condition")) {
    try {
      const string = parseString(lexer, strings.length);
      if (names.has(string.name)) throw new RuleError(string.line, `string ${string.name} is defined twice`);
      names.add(string.name);
      if (strings.push(string) > limits.strings)
        throw new RuleError(string.line, `more than ${limits.strings} strings`);
    } catch (error) {
      if (!(error instanceof NeedsEngine)) throw error;
      needs ??= error.message;
    }
  }
  return { strings, ...(needs !== undefined && { needs }) };
}

function parseString(lexer: Lexer, index: number): StringSyntax {
  const token = lexer.next();
  if (token.kind !== "string" || token.sigil !== "$" || token.name.endsWith("*")) {
    throw new RuleError(token.line, `expected a string such as $a, found ${describe(token)}`);
  }
  const { line } = token;
  const isAnonymous = token.name === "";
  const name = isAnonymous ? `$\0${index}` : `$${token.name}`;
  lexer.expect("=");
  const value = lexer.next();
  if (value.kind === "symbol" && value.text === "{") {
    const text = lexer.hexText();
    const modifiers = parseModifiers(lexer, "hex");
    return { name, isAnonymous, line, modifiers, body: { kind: "hex", pattern: parseHex(text, line) } };
  }
  if (value.kind === "regexp") {
    const modifiers = parseModifiers(lexer, "regexp");
    const nocase = modifiers.nocase === true || value.flags.includes("i");
    const pattern = parseRegexp(value.source, { flags: value.flags, line, nocase });
    return { name, isAnonymous, line, modifiers, body: { kind: "regexp", pattern } };
  }
  if (value.kind !== "text") throw new RuleError(line, `expected a text, a hex string or a regular expression`);
  const modifiers: Modifiers = parseModifiers(lexer, "text");
  if (value.value === "") throw new RuleError(line, `string ${name} is empty`);
  if (value.value.length > limits.textBytes) {
    throw new RuleError(line, `string ${name} has more than ${limits.textBytes} bytes`);
  }
  return { name, isAnonymous, line, modifiers, body: { kind: "text", text: value.value } };
}

function expectText(lexer: Lexer, what: string): string {
  const token = lexer.next();
  if (token.kind === "text") return token.value;
  throw new RuleError(token.line, `expected ${what} in quotes, found ${describe(token)}`);
}

function inUtf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
