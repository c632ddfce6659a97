import { isStackOverflow } from "./conditions/is-stack-overflow.ts";
import type { FileInScan } from "./conditions/value.ts";
import { limits } from "./limits.ts";
import { BudgetSpent, ScanBudget } from "./strings/scan-budget.ts";
import type { StringsInFile } from "./strings/string-search.ts";
import type { MetaEntry } from "./syntax/rule-syntax.ts";
import type { YaraRule, YaraRules } from "./yara-rules.ts";

/** What the rules found in a file. */
export interface YaraResult {
  readonly matches: readonly YaraMatch[];
  /** The rules that were given up because they would take too long or have too many matches in this file. */
  readonly unfinished: readonly string[];
}

/** A rule that matches a file. */
export interface YaraMatch {
  readonly rule: string;
  /** The file with the rule. */
  readonly file: string;
  readonly tags: readonly string[];
  readonly meta: readonly MetaEntry[];
  readonly strings: readonly FoundString[];
}

/** A string that was found. */
export interface FoundString {
  /** With its `$`. */
  readonly name: string;
  /** The first offsets, ascending, with the lengths of the matches. */
  readonly places: readonly { readonly offset: number; readonly length: number }[];
}

/** Work for a file of no bytes, and for each byte. */
const leastSteps = 20_000_000;
const stepsPerByte = 100;

/** Evaluates the rules over the bytes of a file. */
export function scanBytes(rules: YaraRules, bytes: Buffer): YaraResult {
  const budget = new ScanBudget(leastSteps + stepsPerByte * bytes.length);
  const strings = searchStrings(rules, bytes, budget);
  if (strings === undefined) return { matches: [], unfinished: rules.rules.map(({ name }) => name) };
  const file: FileInScan = {
    bytes,
    strings,
    budget,
    verdicts: new Uint8Array(rules.rules.length),
    variables: [],
    modules: new Map(),
  };
  const unfinished: string[] = [];
  const failedFiles = new Set<string>();
  const held: YaraRule[] = [];
  for (const index of indicesOf(rules, strings)) {
    const rule = rules.rules[index];
    if (!rule) continue;
    const holds = judged(rule, file);
    if (holds === undefined) unfinished.push(rule.name);
    else if (holds) {
      file.verdicts[index] = 1;
      held.push(rule);
    } else if (rule.isGlobal) failedFiles.add(rule.file);
  }
  const matches = held
    .filter((rule) => !rule.isPrivate && !failedFiles.has(rule.file))
    .map((rule) => matchOf(rule, { rules, file }));
  return { matches, unfinished };
}

function searchStrings(rules: YaraRules, bytes: Buffer, budget: ScanBudget): StringsInFile | undefined {
  try {
    return rules.search.search(bytes, budget);
  } catch (error) {
    if (error instanceof BudgetSpent) return undefined;
    throw error;
  }
}

/** The rules that may hold, in their order. */
function indicesOf({ always, ruleOfString }: YaraRules, strings: StringsInFile): Iterable<number> {
  const indices = new Set(always);
  for (const string of strings.candidates) indices.add(ruleOfString[string] ?? 0);
  return Int32Array.from(indices).sort();
}

/** Undefined when the work for the file is spent, and when the rule may only not hold because matches are left out. */
function judged(rule: YaraRule, file: FileInScan): boolean | undefined {
  file.strings.hasCut = false;
  try {
    return rule.holds(file) || (file.strings.hasCut ? undefined : false);
  } catch (error) {
    if (error instanceof BudgetSpent || isStackOverflow(error)) return undefined;
    throw error;
  }
}

function matchOf(rule: YaraRule, { rules, file }: { readonly rules: YaraRules; readonly file: FileInScan }): YaraMatch {
  const strings: FoundString[] = [];
  for (let index = rule.firstString; index < rule.endOfStrings; index++) {
    const string = rules.strings[index];
    if (!string || string.isPrivate) continue;
    const places = placesOf(file, index);
    if (places.length > 0) strings.push({ name: string.name.replace(/\0.*/, ""), places });
  }
  return { rule: rule.name, file: rule.file, tags: rule.tags, meta: rule.meta, strings };
}

function placesOf(file: FileInScan, index: number): FoundString["places"] {
  try {
    const { offsets, lengths } = file.strings.matchesOf(index);
    return offsets.slice(0, limits.reportedMatches).map((offset, number) => ({ offset, length: lengths[number] ?? 0 }));
  } catch (error) {
    if (error instanceof BudgetSpent) return [];
    throw error;
  }
}
