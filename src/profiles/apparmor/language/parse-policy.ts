import { parseExpression } from "./parse-expression.ts";
import { parseConditionList, parseRule } from "./parse-rule.ts";
import { Scanner } from "./scanner.ts";
import type { Abi, AssignmentOperator, Conditional, FileReference, Prefix, Profile, Statement } from "./syntax.ts";

/** Where statements stand: each place has statements of its own. */
type Place = "preamble" | "profile" | "block";

const deepestNesting = 50;

/**
 * The statements of a policy file, or of a file that policy includes. With `inProfile`, the text is one that profiles
 * include. Throws `PolicyError` for a syntax error.
 */
export function parsePolicy(text: string, { inProfile = false }: { readonly inProfile?: boolean } = {}): Statement[] {
  const parser = new PolicyParser(new Scanner(text));
  return parser.readFile(inProfile ? "profile" : "preamble");
}

class PolicyParser {
  private readonly scanner: Scanner;
  private nesting = 0;
  private profileSeen = false;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  readFile(place: Place): Statement[] {
    const statements = this.readStatements(place);
    if (!this.scanner.ended) throw this.scanner.unexpected("a statement");
    return statements;
  }

  private readStatements(place: Place): Statement[] {
    this.nesting += 1;
    if (this.nesting > deepestNesting) throw this.scanner.error(`blocks are nested more than ${deepestNesting} levels`);
    const statements: Statement[] = [];
    for (;;) {
      this.scanner.skip();
      statements.push(...this.scanner.takeComments());
      if (this.scanner.ended || this.scanner.character() === "}") break;
      statements.push(this.readStatement(place));
    }
    this.nesting -= 1;
    return statements;
  }

  private readStatement(place: Place): Statement {
    const { scanner } = this;
    const { line } = scanner;
    const include = scanner.takeMatch(/#?include(?:[ \t]+if[ \t]+exists(?=[ \t])|(?=[ \t<"]))/y);
    if (include !== undefined) {
      return { kind: "include", line, ifExists: include.includes("exists"), ...this.readFileReference() };
    }
    if (scanner.takeName("abi")) return this.readAbi(line);
    if (place === "preamble") return this.readPreambleStatement(line);
    return this.readProfileStatement(line);
  }

  private readPreambleStatement(line: number): Statement {
    const { scanner } = this;
    const operator = /[ \t]*(?:=|\+=|\?=|:=)/y;
    const variable = scanner.peekVariable();
    if (variable !== undefined && this.followedBy(variable, operator)) {
      this.refuseAfterProfile("variable assignments");
      return this.readVariable(line);
    }
    const boolean = scanner.takeBooleanVariable();
    if (boolean !== undefined) {
      this.refuseAfterProfile("variable assignments");
      scanner.skipInLine();
      const operator = this.readOperator();
      if (operator === "+=") throw scanner.error("+= is not possible for a boolean variable");
      scanner.skipInLine();
      const value = parseExpression(scanner, { inLine: true });
      scanner.skipInLine();
      if (!scanner.ended && !"#\n".includes(scanner.character())) throw scanner.unexpected("the end of the line");
      return { kind: "boolean", line, name: variableName(boolean), operator, value };
    }
    if (scanner.takeName("alias")) {
      this.refuseAfterProfile("aliases");
      const from = this.readLabel("a path");
      scanner.skip();
      if (!scanner.take("->")) throw scanner.unexpected("'->'");
      const to = this.readTarget();
      this.readEnd();
      return { kind: "alias", line, from, to };
    }
    this.profileSeen = true;
    return this.readProfile(line, this.takeProfileKeyword() ?? "");
  }

  private readProfileStatement(line: number): Statement {
    const keyword = this.takeProfileKeyword();
    if (keyword !== undefined) return this.readProfile(line, keyword);
    const { scanner } = this;
    if (scanner.takeName("if")) return this.readConditional(line);
    if (scanner.takeName("alias")) throw scanner.error("alias is only possible before the first profile");
    const prefix = this.readPrefix();
    scanner.skip();
    if (scanner.take("{")) {
      if (prefix.priority !== undefined && prefix.priority !== 0) {
        throw scanner.error("a block of rules has no priority: set it on each rule");
      }
      return { kind: "block", line, prefix, body: this.readBody("block") };
    }
    return parseRule(scanner, prefix);
  }

  private readConditional(line: number): Conditional {
    const { scanner } = this;
    scanner.skip();
    const condition = parseExpression(scanner, { inLine: false });
    scanner.skip();
    if (!scanner.take("{")) throw scanner.unexpected("'{'");
    const body = this.readBody("block");
    scanner.skip();
    if (!scanner.takeName("else")) return { kind: "if", line, condition, body, otherwise: undefined };
    scanner.skip();
    const elseLine = scanner.line;
    if (scanner.takeName("if")) {
      this.nesting += 1;
      if (this.nesting > deepestNesting) throw scanner.error(`more than ${deepestNesting} else branches`);
      const otherwise = this.readConditional(elseLine);
      this.nesting -= 1;
      return { kind: "if", line, condition, body, otherwise };
    }
    if (!scanner.take("{")) throw scanner.unexpected("'{' or 'if'");
    return { kind: "if", line, condition, body, otherwise: this.readBody("block") };
  }

  private readPrefix(): Prefix {
    const { scanner } = this;
    let priority: number | undefined;
    if (/^priority[ \t]*=/.test(scanner.match(/priority[ \t]*=/y) ?? "")) {
      scanner.takeMatch(/priority[ \t]*=/y);
      scanner.skip(false);
      const number = scanner.takeMatch(/[+-]?[0-9]{1,6}/y);
      if (number === undefined) throw scanner.unexpected("a number as priority");
      priority = Number(number);
      if (priority < -1000 || priority > 1000) throw scanner.error("a priority is between -1000 and 1000");
    }
    scanner.skip();
    const audit = scanner.takeName("audit") !== undefined;
    scanner.skip();
    const decision = scanner.takeName("allow", "deny", "prompt") as Prefix["decision"];
    scanner.skip();
    const owner = scanner.takeName("owner", "other") as Prefix["owner"];
    return { priority, audit, decision, owner };
  }

  private readProfile(line: number, keyword: Profile["keyword"]): Profile {
    const { scanner } = this;
    const name = keyword === "" ? scanner.takeLabel() : scanner.takeWord("");
    if (name === undefined) throw scanner.unexpected(keyword === "" ? "a profile" : "the name of a profile");
    scanner.skip();
    const attachment = this.optionsFollow() ? undefined : (scanner.takeLabel() ?? undefined);
    scanner.skip();
    let xattrs: Profile["xattrs"];
    if (this.nameFollows("xattrs")) {
      scanner.takeName("xattrs");
      xattrs = parseConditionList(scanner);
      scanner.skip();
    }
    let flags: readonly string[] = [];
    if (this.nameFollows("flags") || scanner.character() === "(") flags = this.readFlags();
    scanner.skip();
    if (!scanner.take("{")) throw scanner.unexpected("'{'");
    return { kind: "profile", line, keyword, name, attachment, xattrs, flags, body: this.readBody("profile") };
  }

  private readFlags(): readonly string[] {
    const { scanner } = this;
    if (scanner.takeName("flags")) {
      scanner.skip(false);
      scanner.take("=");
      scanner.skip(false);
    }
    if (!scanner.take("(")) throw scanner.unexpected("'('");
    const flags: string[] = [];
    for (;;) {
      scanner.takeMatch(/[\s,]{1,1000}/y);
      if (scanner.take(")")) break;
      const flag = scanner.takeListWord();
      if (flag === undefined) throw scanner.unexpected("a flag");
      flags.push(flag);
    }
    if (flags.length === 0) throw scanner.error("the list of flags is empty");
    return flags;
  }

  private readBody(place: Place): Statement[] {
    const body = this.readStatements(place);
    if (!this.scanner.take("}")) throw this.scanner.unexpected("'}'");
    return body;
  }

  private readVariable(line: number): Statement {
    const { scanner } = this;
    const name = variableName(scanner.takeVariable() ?? "");
    scanner.skipInLine();
    const operator = this.readOperator();
    const values: string[] = [];
    for (;;) {
      scanner.skipInLine();
      if (scanner.ended || "#\n".includes(scanner.character())) break;
      if (scanner.character() === ",") throw scanner.error("a variable assignment does not end with a comma");
      const value = scanner.takeWord("");
      if (value === undefined) throw scanner.unexpected("a value");
      values.push(value);
    }
    if (values.length === 0) throw scanner.error(`@{${name}} has no value`);
    return { kind: "variable", line, name, operator, values };
  }

  private readOperator(): AssignmentOperator {
    const operator = this.scanner.takeMatch(/=|\+=|\?=|:=/y);
    if (operator === undefined) throw this.scanner.unexpected("an assignment");
    return operator as AssignmentOperator;
  }

  private readAbi(line: number): Abi {
    const reference = this.readFileReference();
    this.readEnd();
    return { kind: "abi", line, ...reference };
  }

  private readFileReference(): FileReference {
    const { scanner } = this;
    scanner.skip(false);
    const searched = scanner.takeMatch(/<(?:"[^"]{0,4096}"|[^">\t\r\n]{1,4096})>/y);
    if (searched !== undefined) return { searched: true, path: searched.slice(1, -1).trim() };
    const path = scanner.takeWord("<>");
    if (path === undefined) throw scanner.unexpected("the name of a file");
    return { searched: false, path };
  }

  private readLabel(expected: string): string {
    this.scanner.skip();
    const label = this.scanner.takeLabel();
    if (label === undefined) throw this.scanner.unexpected(expected);
    return label;
  }

  private readTarget(): string {
    this.scanner.skip();
    const target = this.scanner.takeWord("");
    if (target === undefined) throw this.scanner.unexpected("a name");
    return target;
  }

  private readEnd(): void {
    this.scanner.skip();
    if (!this.scanner.take(",")) throw this.scanner.unexpected("','");
  }

  private takeProfileKeyword(): "profile" | "hat" | "^" | undefined {
    const { scanner } = this;
    if (scanner.take("^")) return "^";
    const keyword = scanner.takeName("profile", "hat") as "profile" | "hat" | undefined;
    if (keyword !== undefined) scanner.takeMatch(/[ \t]{1,1000}/y);
    return keyword;
  }

  private optionsFollow(): boolean {
    return this.nameFollows("xattrs") || this.nameFollows("flags");
  }

  private nameFollows(name: string): boolean {
    return this.scanner.peekName() === name && this.followedBy(name, /[ \t]*=/y);
  }

  private followedBy(text: string, pattern: RegExp): boolean {
    pattern.lastIndex = this.scanner.at + text.length;
    return pattern.test(this.scanner.text);
  }

  private refuseAfterProfile(what: string): void {
    if (this.profileSeen) throw this.scanner.error(`${what} are only possible before the first profile`);
  }
}

/** `@{NAME}` and `@NAME` are one variable. */
function variableName(written: string): string {
  return written.replace(/^[@$]\{?/, "").replace(/\}$/, "");
}
