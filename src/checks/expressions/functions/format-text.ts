import { EvaluationFault } from "../values/fault.ts";
import type { Meter } from "../values/meter.ts";
import { kindOf, UnsignedValue, type Value } from "../values/value.ts";
import { wholeNumberOf } from "./conversions.ts";
import { literalText } from "./literal-text.ts";
import { exponentText } from "./number-text.ts";
import { type Overload, overload } from "./overload.ts";
import { stringText } from "./string-text.ts";

const clause = /%(?:%|(?:\.(\d{1,4}))?([A-Za-z]))/y;

type TextOf = (value: Value, meter: Meter) => string;

/** `"%s has %d".format([a, b])`, by google/cel-go, ext/formatting_v2, which version 4 of the extension brings. */
export const formatFunctions: readonly Overload[] = [
  formatBy((value, meter) => stringText(value, { depth: 0, meter })),
];

/** The same by ext/formatting, as an API server has it: values within lists and maps are written as literals. */
export const kubernetesFormatFunctions: readonly Overload[] = [formatBy(literalText)];

function formatBy(textOf: TextOf): Overload {
  return overload(".format", {
    takes: ["string", "list"],
    gives: "string",
    run: ([text, { items }], meter) => format(text, items, { meter, textOf }),
  });
}

/** The text with its clauses filled in. @throws EvaluationFault */
function format(text: string, args: readonly Value[], { meter, textOf }: { meter: Meter; textOf: TextOf }): string {
  meter.spendOn(text.length);
  const parts: string[] = [];
  let next = 0;
  let at = 0;
  for (let percent = text.indexOf("%"); percent >= 0; percent = text.indexOf("%", at)) {
    parts.push(text.slice(at, percent));
    clause.lastIndex = percent;
    const match = clause.exec(text);
    if (!match) throw new EvaluationFault("could not parse formatting clause: the clause is incomplete");
    at = clause.lastIndex;
    if (match[0] === "%%") {
      parts.push("%");
      continue;
    }
    const [, precision, letter = ""] = match;
    if (!"sdfebxXo".includes(letter))
      throw new EvaluationFault(`could not parse formatting clause: unrecognized formatting clause "${letter}"`);
    const value = args[next];
    if (value === undefined) throw new EvaluationFault(`index ${next} out of range`);
    next++;
    const made = formatOne(letter, value, {
      precision: precision === undefined ? 6 : Number(precision),
      text: () => textOf(value, meter),
    });
    meter.spendOn(made.length);
    parts.push(made);
  }
  parts.push(text.slice(at));
  return parts.join("");
}

function formatOne(
  letter: string,
  value: Value,
  { precision, text }: { precision: number; text: () => string },
): string {
  switch (letter) {
    case "s":
      return text();
    case "d":
      return decimal(value);
    case "f":
    case "e":
      return real(letter, value, { precision });
    case "b":
      if (typeof value === "boolean") return value ? "1" : "0";
      return whole(value, "only integers and bools can be formatted as binary").toString(2);
    case "o":
      return whole(value, "octal clause can only be used on integers").toString(8);
    default: {
      const digits = hexadecimal(value);
      return letter === "X" ? digits.toUpperCase() : digits;
    }
  }
}

function decimal(value: Value): string {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return String(whole(value, "decimal clause can only be used on integers"));
}

function whole(value: Value, complaint: string): bigint {
  const found = wholeNumberOf(value);
  if (found === undefined)
    throw new EvaluationFault(`error during formatting: ${complaint}, was given ${kindOf(value)}`);
  return found;
}

function real(letter: "f" | "e", value: Value, { precision }: { precision: number }): string {
  const number = typeof value === "bigint" || value instanceof UnsignedValue ? Number(wholeNumberOf(value)) : value;
  if (typeof number !== "number") {
    const name = letter === "f" ? "fixed-point" : "scientific";
    throw new EvaluationFault(
      `error during formatting: ${name} clause can only be used on doubles, was given ${kindOf(value)}`,
    );
  }
  if (precision > 100) throw new EvaluationFault("error during formatting: the precision is above 100");
  if (!Number.isFinite(number)) return String(number);
  return letter === "e" ? exponentText(number, precision) : fixedText(number, precision);
}

/** Rounds halves to even, on the exact value that the double has. */
function fixedText(number: number, precision: number): string {
  const text = number.toFixed(precision);
  if (precision > 20 || Math.abs(number) >= 1e15) return text;
  const exact = Math.abs(number) * 10 ** precision;
  const isHalf = exact % 1 === 0.5 && exact / 10 ** precision === Math.abs(number);
  if (!isHalf || Math.floor(exact) % 2 !== 0) return text;
  return `${number < 0 ? "-" : ""}${(Math.floor(exact) / 10 ** precision).toFixed(precision)}`;
}

function hexadecimal(value: Value): string {
  if (typeof value === "string") return Buffer.from(value, "utf8").toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return whole(value, "only integers, byte buffers, and strings can be formatted as hex").toString(16);
}
