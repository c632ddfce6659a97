import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { ListValue, type Value } from "../values/value.ts";
import { indexOf } from "./integers.ts";
import { type Overload, overload } from "./overload.ts";

// Positions in strings count code points, as CEL's do. A string of ASCII alone, which most are, has the same positions
// in UTF-16.

/** Functions of strings of the language itself, and of its string extension. */
export const textFunctions: readonly Overload[] = [
  ...both("size", (text) => BigInt(codePointCount(text))),
  overload(".contains", {
    takes: ["string", "string"],
    gives: "bool",
    run: ([text, part], meter) => {
      paySearch(text, part, meter);
      return text.includes(part);
    },
  }),
  overload(".startsWith", {
    takes: ["string", "string"],
    gives: "bool",
    run: ([text, part], meter) => text.startsWith(read(part, meter)),
  }),
  overload(".endsWith", {
    takes: ["string", "string"],
    gives: "bool",
    run: ([text, part], meter) => text.endsWith(read(part, meter)),
  }),
  overload(".charAt", {
    takes: ["string", "int"],
    gives: "string",
    run: ([text, at], meter) => charAt(read(text, meter), at),
  }),
  overload(".indexOf", {
    takes: ["string", "string"],
    gives: "int",
    run: ([text, part], meter) => find(text, part, { from: 0n, meter }),
  }),
  overload(".indexOf", {
    takes: ["string", "string", "int"],
    gives: "int",
    run: ([text, part, from], meter) => find(text, part, { from, meter }),
  }),
  overload(".lastIndexOf", {
    takes: ["string", "string"],
    gives: "int",
    run: ([text, part], meter) => findLast(text, part, { meter }),
  }),
  overload(".lastIndexOf", {
    takes: ["string", "string", "int"],
    gives: "int",
    run: ([text, part, from], meter) => findLast(text, part, { from, meter }),
  }),
  overload(".lowerAscii", {
    takes: ["string"],
    gives: "string",
    run: ([text], meter) => read(text, meter).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  }),
  overload(".upperAscii", {
    takes: ["string"],
    gives: "string",
    run: ([text], meter) => read(text, meter).replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  }),
  overload(".replace", {
    takes: ["string", "string", "string"],
    gives: "string",
    run: ([text, from, to], meter) => replace(text, { from, to, count: -1n, meter }),
  }),
  overload(".replace", {
    takes: ["string", "string", "string", "int"],
    gives: "string",
    run: ([text, from, to, count], meter) => replace(text, { from, to, count, meter }),
  }),
  overload(".split", {
    takes: ["string", "string"],
    gives: "list",
    run: ([text, by], meter) => split(text, { by, count: -1n, meter }),
  }),
  overload(".split", {
    takes: ["string", "string", "int"],
    gives: "list",
    run: ([text, by, count], meter) => split(text, { by, count, meter }),
  }),
  overload(".substring", {
    takes: ["string", "int"],
    gives: "string",
    run: ([text, from], meter) => substring(read(text, meter), from),
  }),
  overload(".substring", {
    takes: ["string", "int", "int"],
    gives: "string",
    run: ([text, from, to], meter) => substring(read(text, meter), from, { to }),
  }),
  overload(".trim", { takes: ["string"], gives: "string", run: ([text], meter) => trim(read(text, meter)) }),
  overload(".join", { takes: ["list"], gives: "string", run: ([list], meter) => join(list, { by: "", meter }) }),
  overload(".join", {
    takes: ["list", "string"],
    gives: "string",
    run: ([list, by], meter) => join(list, { by, meter }),
  }),
  overload("strings.quote", { takes: ["string"], gives: "string", run: ([text], meter) => quote(read(text, meter)) }),
  ...both("size", undefined),
];

/** The functions of texts that came with version 3 of the extension; an API server has version 2. */
export const moreTextFunctions: readonly Overload[] = [
  overload(".reverse", {
    takes: ["string"],
    gives: "string",
    run: ([text], meter) => [...read(text, meter)].reverse().join(""),
  }),
];

/** `size(x)` and `x.size()` of strings; of bytes, lists and maps when nothing is given. */
function both(name: "size", ofText: ((text: string) => bigint) | undefined): Overload[] {
  return [name, `.${name}`].flatMap((form) =>
    ofText
      ? [overload(form, { takes: ["string"], gives: "int", run: ([text], meter) => ofText(read(text, meter)) })]
      : [
          overload(form, { takes: ["bytes"], gives: "int", run: ([bytes]) => BigInt(bytes.length) }),
          overload(form, { takes: ["list"], gives: "int", run: ([{ items }]) => BigInt(items.length) }),
          overload(form, { takes: ["map"], gives: "int", run: ([map]) => BigInt(map.size) }),
        ],
  );
}

function read(text: string, meter: Meter): string {
  meter.spendOn(text.length);
  return text;
}

// A search may compare the part from its start again at every place of the text.
function paySearch(text: string, part: string, meter: Meter): void {
  meter.spendOn(text.length + (text.length * part.length) / 100);
}

function isWide(text: string): boolean {
  return /[\uD800-\uDFFF]/.test(text);
}

function codePointCount(text: string): number {
  if (!isWide(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The position in UTF-16 of a position in code points; undefined outside of the text. */
function unitOffset(text: string, position: bigint): number | undefined {
  const wanted = indexOf(position);
  if (wanted < 0) return undefined;
  if (!isWide(text)) return wanted <= text.length ? wanted : undefined;
  let at = 0;
  let count = 0;
  for (const character of text) {
    if (count === wanted) return at;
    at += character.length;
    count++;
  }
  return count === wanted ? at : undefined;
}

function offset(text: string, position: bigint): number {
  const found = unitOffset(text, position);
  if (found === undefined) throw new EvaluationFault(`index out of range: ${position}`);
  return found;
}

function charAt(text: string, position: bigint): string {
  const at = offset(text, position);
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

function find(text: string, part: string, { from, meter }: { from: bigint; meter: Meter }): bigint {
  paySearch(text, part, meter);
  const start = offset(text, from);
  const found = text.indexOf(part, start);
  return BigInt(found < 0 ? -1 : codePointCount(text.slice(0, found)));
}

function findLast(text: string, part: string, { from, meter }: { from?: bigint; meter: Meter }): bigint {
  paySearch(text, part, meter);
  const start = from === undefined ? text.length : offset(text, from);
  const found = text.lastIndexOf(part, start);
  return BigInt(found < 0 ? -1 : codePointCount(text.slice(0, found)));
}

function replace(
  text: string,
  { from, to, count, meter }: { from: string; to: string; count: bigint; meter: Meter },
): string {
  paySearch(text, from, meter);
  const most = count < 0n ? Number.POSITIVE_INFINITY : indexOf(count);
  const parts: string[] = [];
  let at = 0;
  let searched = 0;
  for (let done = 0; done < most; done++) {
    const found = text.indexOf(from, searched);
    if (found < 0) break;
    meter.spend(1 + Math.ceil(to.length / 10));
    parts.push(text.slice(at, found), to);
    at = found + from.length;
    if (from !== "") {
      searched = at;
    } else if (found >= text.length) {
      break;
    } else {
      searched = found + String.fromCodePoint(text.codePointAt(found) ?? 0).length;
    }
  }
  parts.push(text.slice(at));
  return parts.join("");
}

function split(text: string, { by, count, meter }: { by: string; count: bigint; meter: Meter }): ListValue {
  paySearch(text, by, meter);
  const most = count < 0n ? Number.POSITIVE_INFINITY : indexOf(count);
  if (most === 0) return new ListValue([]);
  const parts = by === "" ? [...text] : text.split(by);
  meter.spend(parts.length);
  if (parts.length <= most) return new ListValue(parts);
  return new ListValue([...parts.slice(0, most - 1), parts.slice(most - 1).join(by)]);
}

function substring(text: string, from: bigint, { to }: { to?: bigint } = {}): string {
  const start = offset(text, from);
  const end = to === undefined ? text.length : offset(text, to);
  if (start > end) throw new EvaluationFault(`invalid substring range: ${from} to ${to}`);
  return text.slice(start, end);
}

// What Unicode calls white space: not the byte order mark, which JavaScript trims as well, but the next line character.
function trim(text: string): string {
  const isSpace = (character: string | undefined): boolean =>
    character !== undefined && (character === "\u0085" || (character !== "\uFEFF" && character.trim() === ""));
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

function join({ items }: ListValue, { by, meter }: { by: string; meter: Meter }): string {
  meter.spend(items.length);
  return items
    .map((item: Value) => {
      if (typeof item !== "string") throw new EvaluationFault("no such overload: join() takes a list of strings");
      meter.spendOn(item.length + by.length);
      return item;
    })
    .join(by);
}

const escapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/[\u0007\b\f\n\r\t\v\\"]/g, (character) => escapes[character] ?? character);
  return `"${escaped}"`;
}
