import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { HttpAnswer } from "../http/http-answer.ts";

// State of a body that is kept on disk, as lines of text that are only ever appended:
//
//   {"etag":"\"1\"","length":1000,"encoding":"identity",…}   what the server said with its first byte
//   LENGTH SHA256                                             so many bytes have arrived, and this is their digest
//   LENGTH SHA256 whole                                       and no more will come
//
// The last line may be cut, and the body may be longer than the last length or, after a power failure, shorter.

/** The body up to a byte. */
export interface KeptMark {
  /** Bytes. */
  readonly length: number;
  /** Hexadecimal, of so many bytes. */
  readonly sha256: string;
  /** True when this is all of it. */
  readonly whole: boolean;
  /** Bytes of the state up to the end of this line. */
  readonly end: number;
}

/** What the state of a kept body says. */
export interface KeptState {
  readonly answer: HttpAnswer;
  /** Lengths rise. */
  readonly marks: readonly KeptMark[];
}

/** The first line of a state. */
export function answerLine(answer: HttpAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

/** A further line of a state. */
export function markLine({ length, sha256, whole }: Omit<KeptMark, "end">): string {
  return `${length} ${sha256}${whole ? " whole" : ""}\n`;
}

/** Undefined when it is not a state. Lines after the first one that is none do not count. */
export function readKeptState(text: string): KeptState | undefined {
  const [first = "", ...lines] = text.split("\n");
  const answer = readAnswer(parseJson(first));
  if (!answer) return undefined;
  const marks: KeptMark[] = [];
  let end = Buffer.byteLength(first) + 1;
  // What follows the last line feed is not a line.
  for (const line of lines.slice(0, -1)) {
    const [, digits, sha256, whole] = /^(\d{1,15}) ([0-9a-f]{64})( whole)?$/.exec(line) ?? [];
    const length = Number(digits);
    if (sha256 === undefined || length < (marks.at(-1)?.length ?? 1)) break;
    end += line.length + 1;
    marks.push({ length, sha256, whole: whole !== undefined, end });
  }
  return { answer, marks };
}

/** Some of it goes back into headers, so it must have the form that it had when it came. */
function readAnswer(value: unknown): HttpAnswer | undefined {
  if (!isJsonObject(value)) return undefined;
  const { length } = value;
  const encoding = printableText(value, "encoding");
  const rangeValidator = printableText(value, "rangeValidator");
  if (encoding === undefined || rangeValidator === undefined) return undefined;
  return {
    etag: printableText(value, "etag"),
    lastModified: printableText(value, "lastModified"),
    length: typeof length === "number" && Number.isSafeInteger(length) && length >= 0 ? length : undefined,
    encoding,
    rangeValidator,
    md5: printableText(value, "md5"),
  };
}

function printableText(value: JsonObject, key: string): string | undefined {
  const text = value[key];
  return typeof text === "string" && /^[\x20-\x7e]{1,300}$/.test(text) ? text : undefined;
}
