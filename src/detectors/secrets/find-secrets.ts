import { createHash } from "node:crypto";
import type { FoundSecret } from "../../model/findings/secret.ts";
import { decodedTexts } from "./decoded-texts.ts";
import { entropyOf } from "./entropy-of.ts";
import { KeywordSearch } from "./keyword-search.ts";
import type { SecretRule } from "./secret-rule.ts";

/** What was found in one text. */
export interface SecretSearch {
  /** In the order of their lines, each value of a rule once. */
  readonly secrets: readonly FoundSecret[];
  /** False when the text has more keywords or secrets than are looked at. */
  readonly complete: boolean;
}

/** The most secrets of one text. */
const mostSecrets = 100;
/** All windows of a text together: so many times its size, and so many bytes besides. */
const windowFactor = 8;
const windowAllowance: number = 4 * 1024 * 1024;

/** A part of the text in which a rule looks for a match. */
interface Window {
  start: number;
  end: number;
}

/**
 * Returns the search for secrets in a text. Rules run only near their keywords; the work is linear in the size of the
 * text. The same bytes give the same secrets.
 */
export function secretSearch(rules: readonly SecretRule[]): (bytes: Uint8Array) => SecretSearch {
  const prepared = prepare(rules);
  return ({ buffer, byteOffset, byteLength }) =>
    findEncoded(Buffer.from(buffer, byteOffset, byteLength), { prepared, depth: 0 });
}

/** Levels of encodings in each other that are decoded. */
const deepest = 2;

/** The secrets of a text, and those of the texts that are encoded in it. */
function findEncoded(
  bytes: Buffer,
  { prepared, depth }: { readonly prepared: RuleSearch; readonly depth: number },
): SecretSearch {
  const plain = findSecrets(bytes, prepared);
  if (depth === deepest) return plain;
  const all = new Map(plain.secrets.map((secret) => [keyOf(secret), secret]));
  let { complete } = plain;
  for (const { encoding, bytes: decoded, lines } of decodedTexts(bytes)) {
    const inner = findEncoded(decoded, { prepared, depth: depth + 1 });
    complete &&= inner.complete;
    for (const secret of inner.secrets) {
      const key = keyOf(secret);
      const line = lines[secret.line - 1] ?? 1;
      if (!all.has(key)) all.set(key, { ...secret, line, shape: `${secret.shape}, in ${encoding}` });
    }
  }
  const secrets = [...all.values()];
  return { secrets: secrets.length === plain.secrets.length ? plain.secrets : secrets.sort(byLine), complete };
}

function keyOf({ rule, fingerprint, shape, line }: FoundSecret): string {
  return JSON.stringify(fingerprint === undefined ? [rule, shape, line] : [rule, fingerprint]);
}

function byLine(a: FoundSecret, b: FoundSecret): number {
  return a.line - b.line;
}

function findSecrets(bytes: Buffer, prepared: RuleSearch): SecretSearch {
  const windows = windowsOf(bytes, prepared);
  if (windows.size === 0) return { secrets: [], complete: true };
  const text = bytes.toString("latin1");
  const found = new Map<string, Match>();
  let left = windowFactor * bytes.length + windowAllowance;
  for (const [rule, places] of windows) {
    for (const { start, end } of places) {
      left -= end - start;
      if (left < 0 || found.size >= mostSecrets) return { secrets: inOrder(text, found.values()), complete: false };
      for (const { value, offset } of matchesOf(rule, text.slice(start, end))) {
        const key = `${rule.id} ${value}`;
        if (!found.has(key)) found.set(key, { rule, value, offset: start + offset });
      }
    }
  }
  return { secrets: inOrder(text, found.values()), complete: true };
}

interface Match {
  readonly rule: SecretRule;
  readonly value: string;
  readonly offset: number;
}

interface RuleSearch {
  readonly search: KeywordSearch;
  /** By the index of a keyword. */
  readonly rules: readonly (readonly SecretRule[])[];
}

function prepare(rules: readonly SecretRule[]): RuleSearch {
  const byKeyword = new Map<string, SecretRule[]>();
  for (const rule of rules) {
    for (const keyword of rule.keywords) {
      const those = byKeyword.get(keyword);
      if (those) those.push(rule);
      else byKeyword.set(keyword, [rule]);
    }
  }
  return { search: new KeywordSearch([...byKeyword.keys()]), rules: [...byKeyword.values()] };
}

/** The windows of each rule, joined where they overlap, in their order. */
function windowsOf(bytes: Uint8Array, { search, rules }: RuleSearch): ReadonlyMap<SecretRule, readonly Window[]> {
  const windows = new Map<SecretRule, Window[]>();
  search.search(bytes, (keyword, offset) => {
    for (const rule of rules[keyword] ?? []) {
      const [start, end] = [Math.max(0, offset - rule.before), Math.min(bytes.length, offset + rule.after)];
      const places = windows.get(rule);
      const last = places?.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else if (places) places.push({ start, end });
      else windows.set(rule, [{ start, end }]);
    }
  });
  return windows;
}

function* matchesOf(rule: SecretRule, text: string): Generator<{ readonly value: string; readonly offset: number }> {
  for (const match of text.matchAll(rule.pattern)) {
    const [whole, groups] = [match[0], match.groups];
    const value = groups?.["secret"] ?? whole;
    if (rule.entropy !== undefined && entropyOf(value) < rule.entropy) continue;
    if (rule.validate && !rule.validate(value)) continue;
    yield { value, offset: match.index + whole.lastIndexOf(value) };
  }
}

function inOrder(text: string, found: Iterable<Match>): readonly FoundSecret[] {
  let [line, counted] = [1, 0];
  return [...found]
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ rule, value, offset }) => {
      for (; counted < offset; counted++) if (text.charCodeAt(counted) === 10) line++;
      const { id, title, severity, guessable } = rule;
      const fingerprint = createHash("sha256").update(value, "latin1").digest("hex").slice(0, 16);
      return {
        ...{ rule: id, title, severity, line, shape: shapeOf(rule, value) },
        ...(guessable ? {} : { fingerprint }),
      };
    });
}

function shapeOf({ shown, guessable }: SecretRule, value: string): string {
  const start = value.slice(0, Math.min(shown, Math.floor(value.length / 3)));
  return `${start}…${guessable ? "" : ` (${value.length} characters)`}`;
}
