import { quoted } from "./exception.ts";
import type { ListDefinition } from "./rule-definition.ts";

/** A list with the items of the lists that it names. */
export interface ResolvedList {
  readonly name: string;
  readonly items: readonly string[];
  isUsed: boolean;
}

const blanks = " \t\n\r";
const delimiters = `${blanks}(),=`;

/** Lists as they stand in conditions: an item that is the name of a list defined before is that list's own items. */
export function resolveLists(definitions: ReadonlyMap<string, ListDefinition>): ResolvedList[] {
  const used = new Set<string>();
  const lists = Array.from(definitions.values(), ({ name, items, visibility }) => {
    const resolved: string[] = [];
    for (const item of items) {
      const other = definitions.get(item);
      if (other && other.index < visibility) {
        used.add(other.name);
        for (const one of other.items) resolved.push(one);
      } else resolved.push(item);
    }
    return { name, items: resolved, isUsed: false };
  });
  for (const list of lists) list.isUsed = used.has(list.name);
  return lists;
}

const maxConditionLength = 4 * 1024 * 1024;
const maxTotalLength = 32 * 1024 * 1024;

/** Puts lists into conditions, within bounds for one condition and for all of them. */
export class ListInserter {
  readonly lists: readonly ResolvedList[];
  #total = 0;

  constructor(lists: readonly ResolvedList[]) {
    this.lists = lists;
  }

  /**
   * The condition with the items of lists in place of their names, list by list in order, as plain text: also inside
   * quotes, and also names that an earlier list put in, and the names of those lists, which are marked as used.
   * `undefined`: it would become too long.
   */
  insert(condition: string): { readonly text: string; readonly lists: ReadonlySet<string> } | undefined {
    if (condition.length > maxConditionLength) return undefined;
    const lists = new Set<string>();
    let text = condition;
    for (const list of this.lists) {
      if (!text.includes(list.name)) continue;
      const inserted = insertList(text, list);
      if (inserted === undefined) continue;
      if (inserted.length > maxConditionLength) return undefined;
      text = inserted;
      list.isUsed = true;
      lists.add(list.name);
    }
    this.#total += text.length;
    return this.#total > maxTotalLength ? undefined : { text, lists };
  }
}

/** `undefined` when the name does not stand in the text as a word of its own. */
function insertList(text: string, { name, items }: ResolvedList): string | undefined {
  if (name === "") return undefined;
  const replacement = items.map(quoted).join(", ");
  const done: string[] = [];
  let length = 0;
  let copied = 0;
  let isFound = false;
  let start = text.indexOf(name);
  while (start !== -1) {
    let end = start + name.length;
    let next = start + 1;
    // What was put in before ends with a blank.
    const isWordStart = start === copied || delimiters.includes(text.charAt(start - 1));
    if (isWordStart && (end >= text.length || delimiters.includes(text.charAt(end)))) {
      done.push(text.slice(copied, start));
      dropBlanks(done);
      while (end < text.length && blanks.includes(text.charAt(end))) end++;
      // The comma on one side of nothing must go with it.
      if (replacement === "" && !dropComma(done) && text[end] === ",") end++;
      const isFirst = done.length === 0;
      done.push(isFirst ? `${replacement} ` : ` ${replacement} `);
      length += replacement.length + (start - copied);
      copied = end;
      next = isFirst ? end + 1 : end;
      isFound = true;
      if (length > maxConditionLength) break;
    }
    start = text.indexOf(name, next);
  }
  return isFound ? `${done.join("")}${text.slice(copied)}` : undefined;
}

/** Takes the blanks from the end of what the parts are together; no part stays empty there. */
function dropBlanks(parts: string[]): void {
  for (let last = parts.pop(); last !== undefined; last = parts.pop()) {
    let end = last.length;
    while (end > 0 && blanks.includes(last.charAt(end - 1))) end--;
    if (end === 0) continue;
    parts.push(last.slice(0, end));
    return;
  }
}

function dropComma(parts: string[]): boolean {
  const last = parts.at(-1);
  if (!last?.endsWith(",")) return false;
  parts[parts.length - 1] = last.slice(0, -1);
  return true;
}
