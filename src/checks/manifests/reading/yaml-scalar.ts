import { isUtf8 } from "node:buffer";

// What a scalar stands for, as Kubernetes reads YAML: by the rules of YAML 1.1 as go.yaml.in/yaml/v2 has them, on the
// way to JSON. So `yes` and `on` are true, `0755` is a number in base eight, and times stay text.

/** The value of a scalar, and its type for Kubernetes: it decides what the scalar is as a key. */
export type YamlScalarValue =
  | { readonly type: "null"; readonly value: null }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer"; readonly value: number; readonly exact: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "text"; readonly value: string };

const core = "tag:yaml.org,2002:";
const typeOfTag: ReadonlyMap<string, YamlScalarValue["type"]> = new Map([
  [`${core}null`, "null"],
  [`${core}bool`, "boolean"],
  [`${core}int`, "integer"],
  [`${core}float`, "float"],
]);
const words: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((text) => [text, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((text) => [text, false] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((text) => [text, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((text) => [text, Number.NEGATIVE_INFINITY] as const),
  ...[".nan", ".NaN", ".NAN"].map((text) => [text, Number.NaN] as const),
]);
const integer = /^([-+]?)(?:0([xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+)|(0|[1-9][0-9]*))$/;
// The reader parses what follows `0b` once more, with a sign of its own.
const signedBinary = /^0b([-+])([01]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
// Behind a point, underscores stand between digits alone.
const fraction = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const time =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})?)?$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const mostDigits = 64;

/**
 * The value of a scalar that is plain or has a tag (in its long form); a quoted one without a tag is its text.
 * Undefined when the text is not of the type that the tag names, which Kubernetes refuses, and
 * for binary data that is not UTF-8, which it damages.
 */
export function resolveScalar(text: string, tag?: string): YamlScalarValue | undefined {
  if (tag === undefined) return resolvePlain(text);
  if (tag === `${core}binary`) {
    const encoded = text.replaceAll(/[\r\n]/g, "");
    if (!base64.test(encoded)) return undefined;
    const bytes = Buffer.from(encoded, "base64");
    return isUtf8(bytes) ? { type: "text", value: bytes.toString("utf8") } : undefined;
  }
  if (tag === `${core}timestamp`) return time.test(text) ? { type: "text", value: text } : undefined;
  const wanted = typeOfTag.get(tag);
  if (wanted === undefined) return { type: "text", value: text };
  const plain = resolvePlain(text);
  if (plain.type === wanted) return plain;
  return wanted === "float" && plain.type === "integer" ? { type: "float", value: plain.value } : undefined;
}

/** The key that Kubernetes makes of a scalar; undefined for one that cannot be a key. */
export function keyOfScalar(scalar: YamlScalarValue): string | undefined {
  switch (scalar.type) {
    case "null":
      return undefined;
    case "integer":
      return BigInt.asIntN(64, scalar.exact) === scalar.exact ? String(scalar.exact) : undefined;
    case "float":
      return floatKey(scalar.value);
    default:
      return String(scalar.value);
  }
}

function resolvePlain(text: string): YamlScalarValue {
  const word = words.get(text);
  if (word === null) return { type: "null", value: null };
  if (typeof word === "boolean") return { type: "boolean", value: word };
  if (word !== undefined) return { type: "float", value: word };
  const first = text.charCodeAt(0);
  const isSignOrDigit = (first >= 48 && first <= 57) || first === 45 || first === 43;
  if (!isSignOrDigit && first !== 46) return { type: "text", value: text };
  const number = isSignOrDigit || fraction.test(text) ? text.replaceAll("_", "") : text;
  const exact = isSignOrDigit ? readInteger(number) : undefined;
  if (exact !== undefined) return { type: "integer", value: Number(exact), exact };
  if (float.test(number)) {
    const value = Number(number);
    if (Number.isFinite(value)) return { type: "float", value };
  }
  return { type: "text", value: text };
}

/** An integer of 64 bits, with or without a sign. */
function readInteger(text: string): bigint | undefined {
  const [, binarySign, binary] = signedBinary.exec(text) ?? [];
  if (binary !== undefined) return inRange(binarySign, digitsOf("0b", binary));
  const match = integer.exec(text);
  if (!match) return undefined;
  const [, sign, prefixed, decimal = ""] = match;
  if (prefixed === undefined) return inRange(sign, digitsOf("", decimal));
  const letter = (prefixed[0] ?? "").toLowerCase();
  return /[xbo]/.test(letter)
    ? inRange(sign, digitsOf(`0${letter}`, prefixed.slice(1)))
    : inRange(sign, digitsOf("0o", prefixed));
}

/** Undefined for more digits than 64 bits have in any base; so nothing long is ever converted. */
function digitsOf(prefix: string, digits: string): bigint | undefined {
  const significant = digits.replace(/^0+/, "");
  if (significant.length > mostDigits) return undefined;
  return BigInt(`${prefix}${significant === "" ? "0" : significant}`);
}

function inRange(sign: string | undefined, size: bigint | undefined): bigint | undefined {
  if (size === undefined) return undefined;
  const value = sign === "-" ? -size : size;
  const isSigned = BigInt.asIntN(64, value) === value;
  return isSigned || (sign === "" && BigInt.asUintN(64, value) === value) ? value : undefined;
}

/** A float as Go prints it with the format `g` and 32 bits. */
function floatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return rounded > 0 ? ".inf" : "-.inf";
  if (Object.is(rounded, -0)) return "-0";
  let precision = 1;
  while (precision < 9 && Math.fround(Number(rounded.toPrecision(precision))) !== rounded) precision++;
  const [digits = "", exponent = "0"] = rounded.toExponential(precision - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(`${digits}e${power}`));
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
