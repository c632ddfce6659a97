import { trimEnd } from "../../model/text/trim-end.ts";
import { ConditionError } from "./condition.ts";
import type { FieldType, FieldValue } from "./field.ts";
import { asciiLower } from "./glob.ts";

/** What a transformer is applied to, for its check and its message. */
export interface TransformedType {
  readonly type: FieldType;
  readonly isList: boolean;
  /** The field below, as messages name it. */
  readonly field: string;
}

/** A transformer of a single operand: the type that it gives, and what it does. */
export interface Transform {
  readonly type: FieldType;
  readonly isList: boolean;
  /** Takes the whole list of a list. `undefined`: there is no value any more. */
  apply(value: FieldValue | readonly FieldValue[]): FieldValue | readonly FieldValue[] | undefined;
}

type TextTransform = (text: string) => string | undefined;

const texts: readonly FieldType[] = ["CHARBUF", "FSPATH", "FSRELPATH"];

const textTransforms: Readonly<
  Record<string, { readonly types: readonly FieldType[]; readonly apply: TextTransform }>
> = {
  tolower: { types: texts, apply: asciiLower },
  toupper: { types: texts, apply: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) },
  basename: { types: texts, apply: (text) => text.slice(text.lastIndexOf("/") + 1) },
  b64: { types: ["CHARBUF", "BYTEBUF"], apply: decodeBase64 },
};

/**
 * `tolower`, `toupper`, `basename`, `b64` or `len` for values of a type. A `ConditionError`, in Falco's words, when the
 * type is none that it takes, or there is no such transformer of one operand.
 */
export function transformOf(name: string, { type, isList, field }: TransformedType): Transform {
  const refused = new ConditionError(
    `can't add field transformer: type '${type}' is not supported by '${name}' transformer applied on ` +
      `${isList ? "list " : ""}field '${field}'`,
  );
  if (name === "len") {
    if (!isList && !texts.includes(type) && type !== "BYTEBUF") throw refused;
    return { type: "UINT64", isList: false, apply: lengthOf };
  }
  const transform = textTransforms[name];
  if (transform === undefined) throw new ConditionError(`unknown field transfomer '${name}'`);
  if (!transform.types.includes(type)) throw refused;
  return { type, isList, apply: (value) => transformed(value, transform.apply) };
}

function lengthOf(value: FieldValue | readonly FieldValue[]): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

function transformed(
  value: FieldValue | readonly FieldValue[],
  apply: TextTransform,
): FieldValue | readonly FieldValue[] | undefined {
  if (typeof value === "string") return apply(value);
  if (!Array.isArray(value)) return undefined;
  const results: FieldValue[] = [];
  for (const one of value as readonly FieldValue[]) {
    const result = apply(String(one));
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}

// Up to two characters of padding; no blanks, no line ends, no bits left over.
function decodeBase64(text: string): string | undefined {
  if (text === "") return "";
  const digits = text.replace(/={1,2}$/, "");
  if (!/^[A-Za-z0-9+/]+$/.test(digits) || digits.length % 4 === 1) return undefined;
  const bytes = Buffer.from(digits, "base64");
  if (trimEnd(bytes.toString("base64"), "=") !== digits) return undefined;
  return bytes.toString("latin1");
}
