/** Bytes of a file, from `start` to before `end`. */
export interface Span {
  /** The path as it was given. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A file to search: its bytes as a string with one character per byte (latin1), so that indexes are byte offsets. The
 * byte order mark is not part of `text`; `offset` is the number of bytes before the text.
 */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly offset: number;
  /** Where each line of `text` begins. */
  readonly lineStarts: readonly number[];
}

const byteOrderMark = "\u00ef\u00bb\u00bf";

/** The text of a file's bytes. */
export function sourceText(path: string, bytes: Buffer): SourceText {
  const text = bytes.toString("latin1");
  const offset = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
  return { path, text: text.slice(offset), offset, lineStarts: lineStarts(text.slice(offset)) };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** A value whose characters know the bytes they come from; characters without a source have no span. */
export class PlacedText {
  readonly text: string;
  readonly #spans: readonly (Span | undefined)[];

  constructor(text: string, spans: readonly (Span | undefined)[]) {
    this.text = text;
    this.#spans = spans;
  }

  /** Text that comes from no file. */
  static unplaced(text: string): PlacedText {
    return new PlacedText(text, Array.from({ length: text.length }));
  }

  /** The characters of a file from `start` to before `end`, as they are there. */
  static of({ path, text, offset }: SourceText, start: number, end: number): PlacedText {
    const spans = Array.from({ length: end - start }, (_, index): Span => {
      const at = offset + start + index;
      return { file: path, start: at, end: at + 1 };
    });
    return new PlacedText(text.slice(start, end), spans);
  }

  static join(parts: readonly PlacedText[]): PlacedText {
    const text = parts.map((part) => part.text).join("");
    return new PlacedText(
      text,
      parts.flatMap((part) => part.#spans),
    );
  }

  slice(start: number, end: number = this.text.length): PlacedText {
    return new PlacedText(this.text.slice(start, end), this.#spans.slice(start, end));
  }

  spanAt(index: number): Span | undefined {
    return this.#spans[index];
  }

  /** The bytes of the whole value, when they follow each other in one file; undefined for an empty value. */
  span(): Span | undefined {
    const [first] = this.#spans;
    if (!first) return undefined;
    let end = first.end;
    for (const span of this.#spans.slice(1)) {
      if (!span || span.file !== first.file || span.start !== end) return undefined;
      end = span.end;
    }
    return { file: first.file, start: first.start, end };
  }
}
