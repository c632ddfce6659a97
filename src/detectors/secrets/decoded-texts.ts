/** What a text has in an encoding, and how it is called. */
export interface DecodedText {
  readonly encoding: "base64" | "hex" | "percent-encoding";
  readonly bytes: Buffer;
  /** For each line of `bytes`, the line of the text in which it was encoded, counted from 1. */
  readonly lines: readonly number[];
}

/** Fewer characters hold no token. */
const shortestRun = 24;
/** Longer ones are files, not values. */
const longestRun: number = 64 * 1024;
/** So many characters are decoded first: most runs decode to other bytes than text. */
const sample = 16;
const longestPercentLine = 4096;

/**
 * The texts that are encoded in a text: runs of base64, also in its form for URLs, and of hexadecimal digits that are
 * printable text, and lines with percent-encoding. One for each encoding that occurs; linear in the size of the text.
 */
export function decodedTexts(bytes: Buffer): readonly DecodedText[] {
  const base64 = new Collected("base64");
  const hex = new Collected("hex");
  forEachRun(bytes, (start, end, line) => {
    const run = bytes.toString("latin1", start, end);
    const isHex = run.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(run);
    const decoded = decode(run, isHex ? "hex" : "base64");
    if (decoded) (isHex ? hex : base64).add(decoded, line);
  });
  return [base64, hex, percentDecoded(bytes)].filter(({ lines }) => lines.length > 0);
}

class Collected implements DecodedText {
  readonly encoding: DecodedText["encoding"];
  readonly lines: number[] = [];
  readonly #parts: Buffer[] = [];

  constructor(encoding: DecodedText["encoding"]) {
    this.encoding = encoding;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  add(decoded: Buffer, line: number): void {
    this.#parts.push(decoded, lineFeed);
    this.lines.push(line);
    for (let at = decoded.indexOf(0x0a); at >= 0; at = decoded.indexOf(0x0a, at + 1)) this.lines.push(line);
  }
}

const lineFeed = Buffer.from("\n");

/**
 * Calls for each run of characters of base64 that is long enough. Each has one of every `shortestRun` bytes, so the
 * bytes between them need not be looked at.
 */
function forEachRun(bytes: Buffer, call: (start: number, end: number, line: number) => void): void {
  const isInRun = (at: number) => isOfRun[bytes[at] ?? 0] === 1;
  let [line, counted] = [1, 0];
  for (let probe = shortestRun - 1; probe < bytes.length; probe += shortestRun) {
    if (!isInRun(probe)) continue;
    let [start, end] = [probe, probe + 1];
    while (start > 0 && isInRun(start - 1)) start--;
    while (end < bytes.length && isInRun(end)) end++;
    probe = end;
    if (end - start < shortestRun || end - start > longestRun) continue;
    for (let at = bytes.indexOf(0x0a, counted); at >= 0 && at < start; at = bytes.indexOf(0x0a, counted)) {
      line++;
      counted = at + 1;
    }
    call(start, end, line);
  }
}

/** By the code of a character: 1 for those of base64 in both of its alphabets. */
const isOfRun: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

function decode(run: string, encoding: "base64" | "hex"): Buffer | undefined {
  if (!isPrintable(Buffer.from(run.slice(0, sample), encoding))) return undefined;
  const decoded = Buffer.from(run, encoding);
  return isPrintable(decoded) ? decoded : undefined;
}

function isPrintable(bytes: Buffer): boolean {
  return (
    bytes.length > 0 &&
    bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09)
  );
}

/** The lines that have percent-encoding. */
function percentDecoded(bytes: Buffer): Collected {
  const collected = new Collected("percent-encoding");
  let [line, counted] = [1, 0];
  for (let at = bytes.indexOf(percent); at >= 0; at = bytes.indexOf(percent, at + 1)) {
    if (!isHexDigit(bytes[at + 1]) || !isHexDigit(bytes[at + 2])) continue;
    const [start, end] = [bytes.lastIndexOf(0x0a, at) + 1, bytes.indexOf(0x0a, at)];
    const text = bytes.toString("latin1", start, end < 0 ? bytes.length : end);
    for (; counted < start; counted++) if (bytes[counted] === 0x0a) line++;
    if (text.length <= longestPercentLine) collected.add(Buffer.from(withoutPercents(text), "latin1"), line);
    if (end < 0) break;
    at = end;
  }
  return collected;
}

const percent = 0x25;

function isHexDigit(code: number | undefined): boolean {
  return code !== undefined && /[0-9A-Fa-f]/.test(String.fromCharCode(code));
}

function withoutPercents(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number(`0x${digits}`)));
}
