import { createHash } from "node:crypto";
import { canHoldWithoutStrings } from "./conditions/can-hold-without-strings.ts";
import { compileCondition } from "./conditions/compile-condition.ts";
import { isStackOverflow } from "./conditions/is-stack-overflow.ts";
import { AutomatonMemory } from "./strings/automaton.ts";
import { compileString, type SearchString } from "./strings/search-string.ts";
import { StringSearch } from "./strings/string-search.ts";
import { parseRules } from "./syntax/parse-rules.ts";
import { NeedsEngine, RuleError } from "./syntax/rule-error.ts";
import type { RuleSyntax } from "./syntax/rule-syntax.ts";
import type { UnsupportedRule, YaraProblem, YaraRule, YaraRules } from "./yara-rules.ts";

/** A rule file: its name and its text. */
export interface YaraFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Compiles rule files. Each file is a namespace of its own: its rules name and its global rules hold for rules of the
 * same file. A rule that cannot be evaluated is in `unsupported`, a faulty one in `problems`; neither keeps the others
 * from working.
 */
export function compileYaraRules(files: readonly YaraFile[]): YaraRules {
  const compiler = new RuleSetCompiler();
  const digest = createHash("sha256");
  for (const file of files) {
    digest.update(createHash("sha256").update(file.text).digest());
    compiler.addFile(file);
  }
  return { ...compiler.finish(), digest: digest.digest("hex") };
}

class RuleSetCompiler {
  readonly #rules: YaraRule[] = [];
  readonly #unsupported: UnsupportedRule[] = [];
  readonly #problems: YaraProblem[] = [];
  readonly #strings: SearchString[] = [];
  readonly #ruleOfString: number[] = [];
  readonly #always: number[] = [];
  readonly #memory = new AutomatonMemory();

  addFile({ name: file, text }: YaraFile): void {
    const { rules, faults } = parseRules(text);
    const problems: YaraProblem[] = faults.map((fault) => ({ file, ...fault }));
    const known = new Map<string, number | undefined>();
    for (const rule of rules) {
      const { name, line } = rule;
      try {
        if (known.has(name)) throw new RuleError(line, `rule ${name} is defined twice`);
        known.set(name, undefined);
        known.set(name, this.#addRule(rule, { file, known }));
      } catch (error) {
        if (error instanceof NeedsEngine) this.#unsupported.push({ name, file, line, needs: error.message });
        else if (isStackOverflow(error))
          this.#unsupported.push({ name, file, line, needs: "a condition of so many levels" });
        else if (error instanceof RuleError) problems.push({ file, line: error.line, message: error.message });
        else throw error;
      }
    }
    this.#problems.push(...problems.toSorted((one, other) => one.line - other.line));
  }

  finish(): Omit<YaraRules, "digest"> {
    return {
      rules: this.#rules,
      unsupported: this.#unsupported,
      problems: this.#problems,
      strings: this.#strings,
      search: new StringSearch(this.#strings),
      always: this.#always,
      ruleOfString: Int32Array.from(this.#ruleOfString),
    };
  }

  #addRule(
    { name, line, isPrivate, isGlobal, tags, meta, strings, condition, needs }: RuleSyntax,
    { file, known }: { readonly file: string; readonly known: ReadonlyMap<string, number | undefined> },
  ): number {
    if (needs !== undefined) throw new NeedsEngine(needs);
    const firstString = this.#strings.length;
    const compiled = strings.map((string) => compileString(string, this.#memory));
    const byName = new Map(compiled.map((string, index) => [string.name, { index: firstString + index, string }]));
    const holds = compileCondition(condition, { line, strings: byName, rules: known, memory: this.#memory });
    const index = this.#rules.length;
    const endOfStrings = firstString + compiled.length;
    this.#rules.push({ name, file, line, isPrivate, isGlobal, tags, meta, firstString, endOfStrings, holds });
    this.#strings.push(...compiled);
    for (const _ of compiled) this.#ruleOfString.push(index);
    const isSearchedEverywhere = compiled.some(({ chains }) => chains.some(({ atoms }) => atoms === undefined));
    if (isGlobal || isSearchedEverywhere || canHoldWithoutStrings(condition)) this.#always.push(index);
    return index;
  }
}
