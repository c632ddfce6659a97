/** A text as one way of reading another one has it. */
export interface Reading {
  readonly text: string;
  /** Where in that other text a character is written; for the one behind the last where that text ends. */
  readonly startOf: (index: number) => number;
}

/** A language that has a meaning of its own for some characters, which it writes in another way. */
interface Language {
  /** What stands for one character. */
  readonly written: RegExp;
  readonly read: (written: string) => string;
}

const letters: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Octets of UTF-8 that make one character, or any one octet. */
const octets =
  /%(?:[cd][0-9a-f]%[89ab][0-9a-f]|e[0-9a-f](?:%[89ab][0-9a-f]){2}|f[0-7](?:%[89ab][0-9a-f]){3}|[0-9a-f]{2})/i;
const languages: readonly Language[] = [
  { written: new RegExp(octets.source, "gi"), read: readOctets },
  // Forms write a space as a plus sign.
  { written: new RegExp(`\\+|${octets.source}`, "gi"), read: (text) => (text === "+" ? " " : readOctets(text)) },
  // Text of JSON, and of programming languages.
  { written: /\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|.)/gis, read: readEscape },
  { written: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,4});/gi, read: readReference },
];

/** Languages inside of each other. */
const deepest = 3;

/**
 * A text as it is, and as it reads when it is an address, a form, JSON, HTML or XML, or such text inside of such
 * text, three deep. Each reading that differs from the others comes once.
 */
export function readingsOf(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, startOf: (index) => index }];
  const seen = new Set([text]);
  let last: readonly Reading[] = readings;
  for (let depth = 0; depth < deepest; depth++) {
    const next = last.flatMap((reading) => languages.map((language) => readAs(language, reading)));
    last = next.filter((reading) => {
      const isNew = !seen.has(reading.text);
      seen.add(reading.text);
      return isNew;
    });
    readings.push(...last);
  }
  return readings;
}

function readAs({ written, read }: Language, reading: Reading): Reading {
  const { text } = reading;
  let result = "";
  const starts: number[] = [];
  let end = 0;
  const copy = (to: number): void => {
    result += text.slice(end, to);
    for (; end < to; end++) starts.push(end);
  };
  for (const match of text.matchAll(written)) {
    copy(match.index);
    const one = read(match[0]);
    result += one;
    for (let index = 0; index < one.length; index++) starts.push(match.index);
    end += match[0].length;
  }
  if (end === 0) return reading;
  copy(text.length);
  return { text: result, startOf: (index) => reading.startOf(starts[index] ?? text.length) };
}

function readOctets(written: string): string {
  const bytes = Buffer.from(written.replaceAll("%", ""), "hex");
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}

function readEscape(written: string): string {
  const [, kind = "", digits = ""] = /^\\(.)([0-9a-f]{2,4})?$/is.exec(written) ?? [];
  if (digits !== "") return String.fromCharCode(Number.parseInt(digits, 16));
  return letters[kind] ?? kind;
}

function readReference(written: string): string {
  const [, decimal, hexadecimal, name = ""] = /^&(?:#(\d+)|#x([0-9a-f]+)|(\w+));$/i.exec(written) ?? [];
  const point = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  if (Number.isNaN(point)) return names[name.toLowerCase()] ?? written;
  return point > 0x10ffff ? written : String.fromCodePoint(point);
}
