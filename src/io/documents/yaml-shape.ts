import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { PlimsollError } from "../../model/error.ts";
import { yamlReason } from "./yaml-reason.ts";

/** Where a value of a YAML file was written; line and column count from 1. */
export interface YamlLine {
  readonly file: string;
  readonly line: number;
  /** Present when columns were asked for. */
  readonly column?: number;
}

/** A value from a YAML file that a user wrote, with its path in the file, so that the user can find the mistake. */
export class YamlShape {
  readonly value: unknown;
  readonly #whole: YamlLine;
  readonly #hint: string;
  readonly #path: string;
  readonly #keys: readonly string[];
  readonly #lineOf: LineFinder | undefined;

  /**
   * `hint`: where the form of the file is described, a sentence. `path`: the way to the value, empty for the whole.
   * `lineOf` finds the lines of what is inside; without it all have that of `place`.
   */
  constructor(value: unknown, place: YamlLine, { hint, path = "", keys = [], lineOf }: ShapeOptions) {
    this.value = value;
    this.#whole = place;
    this.#hint = hint;
    this.#path = path;
    this.#keys = keys;
    this.#lineOf = lineOf;
  }

  /** Where the value begins. */
  get place(): YamlLine {
    return { ...this.#whole, ...this.#lineOf?.(this.#keys) };
  }

  /** `PlimsollError` `file-malformed`: file and line, the way to the value, and `what` is wrong with it. */
  refuse(what: string): never {
    throw malformedYaml(this.place, this.#path === "" ? what : `${this.#path} ${what}`, this.#hint);
  }

  /** The members of a mapping. A key that is not among `known` is refused. */
  members<Key extends string>(known: readonly Key[]): (key: Key) => YamlShape | undefined {
    const map = this.mapping();
    const unknown = [...map.keys()].find((key) => !known.some((name) => name === key));
    if (unknown !== undefined) {
      const what = `has the unknown key "${unknown}"; allowed keys: ${known.join(", ")}`;
      const { place } = map.get(unknown) ?? this;
      throw malformedYaml(place, this.#path === "" ? what : `${this.#path} ${what}`, this.#hint);
    }
    return (key) => map.get(key);
  }

  mapping(): ReadonlyMap<string, YamlShape> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("is not a mapping");
    return new Map(Object.entries(value).map(([key, member]) => [key, this.#inside(member, key)]));
  }

  list(): readonly YamlShape[] {
    if (!Array.isArray(this.value)) this.refuse("is not a list");
    return this.value.map((member, index) => this.#inside(member, `${index}`));
  }

  text(): string {
    if (typeof this.value !== "string") this.refuse("is not a text");
    return this.value;
  }

  /** A text, or a number or truth value as YAML prints it. */
  scalarText(): string {
    if (typeof this.value !== "string" && typeof this.value !== "number" && typeof this.value !== "boolean") {
      this.refuse("is not a string or a number");
    }
    return String(this.value);
  }

  truth(): boolean {
    if (typeof this.value !== "boolean") this.refuse("is not true or false");
    return this.value;
  }

  /** An integer from `least` to 2^32 - 1. */
  number(least = 0): number {
    const value = this.seconds();
    if (!Number.isInteger(value)) this.refuse("is not an integer");
    if (value < least) this.refuse(`is less than ${least}`);
    return value;
  }

  /** A number from 0 to 2^32 - 1, with fractions. */
  seconds(): number {
    const { value } = this;
    if (typeof value !== "number") this.refuse("is not a number");
    if (!(value >= 0 && value <= 0xffff_ffff)) this.refuse("is negative or too large");
    return value;
  }

  /** A name or a number that stands for the same thing. */
  nameOrNumber(): string | number {
    return typeof this.value === "number" ? this.number() : this.text();
  }

  /** A list of texts, or one text with blanks between them. */
  words(): readonly string[] {
    if (typeof this.value === "string") return this.value.split(" ").filter((word) => word !== "");
    return this.list().map((word) => word.scalarText());
  }

  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.mapping()].map(([key, member]) => [key, member.scalarText()]));
  }

  #inside(value: unknown, key: string): YamlShape {
    return new YamlShape(value, this.#whole, {
      hint: this.#hint,
      path: this.#path === "" ? key : `${this.#path}.${key}`,
      keys: [...this.#keys, key],
      ...(this.#lineOf && { lineOf: this.#lineOf }),
    });
  }
}

/** Where the value with this path begins; undefined for a path that does not exist. */
type LineFinder = (keys: readonly string[]) => Omit<YamlLine, "file"> | undefined;

interface ShapeOptions {
  readonly hint: string;
  readonly path?: string;
  readonly keys?: readonly string[];
  readonly lineOf?: LineFinder;
}

/**
 * The only document of a YAML text. Errors: `file-malformed` for what is not YAML, and for aliases that unfold without
 * end.
 */
export function readYamlShape(
  text: string,
  { file, hint, columns = false }: { readonly file: string; readonly hint: string; readonly columns?: boolean },
): YamlShape {
  const place = { file, line: 1 };
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { logLevel: "silent", lineCounter });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw malformedYaml({ file, line, ...(columns && { column: col }) }, yamlReason(error), hint);
  }
  try {
    const lineOf: LineFinder = (keys) => placeIn(document, { keys, lineCounter, columns });
    return new YamlShape(document.toJS({ maxAliasCount: 100 }), place, { hint, lineOf });
  } catch (cause) {
    if (cause instanceof RangeError) throw malformedYaml(place, yamlReason(cause), hint);
    if (!(cause instanceof ReferenceError)) throw cause;
    throw malformedYaml(place, "the aliases of the document expand to too much data", hint);
  }
}

interface PlaceSearch {
  readonly keys: readonly string[];
  readonly lineCounter: LineCounter;
  readonly columns: boolean;
}

function placeIn(document: Document, { keys, lineCounter, columns }: PlaceSearch): Omit<YamlLine, "file"> | undefined {
  const node = document.getIn(keys, true);
  if (!isNode(node) || !node.range) return undefined;
  const { line, col } = lineCounter.linePos(node.range[0]);
  return { line, ...(columns && { column: col }) };
}

/** The error of a YAML file that has not the form that it should have. */
export function malformedYaml({ file, line, column }: YamlLine, what: string, hint: string): PlimsollError {
  const place = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  return new PlimsollError("file-malformed", `${place}: ${what}`, { hint });
}
