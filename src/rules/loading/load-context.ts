import { cleanText, toByteString } from "../language/byte-string.ts";
import type { Place } from "../language/condition.ts";
import type { YamlNode } from "./read-yaml.ts";
import type { LoadFinding, SourcePlace } from "./rule-set.ts";

/** What an item in a rule file is, as findings name it. */
export type ItemType =
  | "value for"
  | "exceptions"
  | "exception"
  | "exception values"
  | "exception value"
  | "rules content"
  | "rules content item"
  | "required_engine_version"
  | "required plugin versions"
  | "required plugin versions entry"
  | "required plugin versions alternative"
  | "list"
  | "list item"
  | "macro"
  | "macro condition"
  | "rule"
  | "rule condition"
  | "condition expression"
  | "rule output"
  | "rule priority"
  | "overrides"
  | "extension item";

/** The text of a rule file, with its lines found once. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  /** The UTF-8 bytes, one character each. */
  readonly bytes: string;
  readonly #lineStarts: readonly number[];
  readonly #lineStartBytes: readonly number[];

  /** `text` must have no byte order mark. */
  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.bytes = toByteString(text);
    this.#lineStarts = lineStarts(text);
    this.#lineStartBytes = this.bytes.length === text.length ? this.#lineStarts : lineStarts(this.bytes);
  }

  /** Where an index in the text is. */
  place(index: number): SourcePlace {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const column = toByteString(this.text.slice(this.#lineStarts[low], index)).length;
    return { file: this.name, line: low, column, offset: (this.#lineStartBytes[low] ?? 0) + column };
  }
}

type Location = LoadFinding["locations"][number];

/**
 * Where in a file something stands: the file, the rule, its exception, … A place in a condition is counted from where
 * the condition stands in the file and shown in the text of the condition, since macros, lists and folding make it
 * differ from the file.
 */
export class LoadContext {
  readonly source: SourceText;
  readonly locations: readonly Location[];
  readonly #content: string;

  private constructor(source: SourceText, locations: readonly Location[], content: string) {
    this.source = source;
    this.locations = locations;
    this.#content = content;
  }

  /** The whole of a file. */
  static ofFile(source: SourceText): LoadContext {
    const start = { file: source.name, line: 0, column: 0, offset: 0 };
    return new LoadContext(source, [{ ...start, itemType: "rules content", itemName: "" }], "");
  }

  /** An item that is a node of the file. */
  at(node: YamlNode, itemType: ItemType, itemName = ""): LoadContext {
    return this.atOffset(node.offset, itemType, itemName);
  }

  /** A part of the item whose own place is not known. */
  within(itemType: ItemType, itemName: string): LoadContext {
    return new LoadContext(this.source, [...this.locations, { ...this.place, itemType, itemName }], "");
  }

  atOffset(offset: number, itemType: ItemType, itemName = ""): LoadContext {
    return new LoadContext(this.source, [...this.locations, { ...this.source.place(offset), itemType, itemName }], "");
  }

  /** A place in a condition that stands here; `undefined`: no special place in it. */
  inCondition(condition: string, place: Place | undefined): LoadContext {
    const start = this.place;
    const location = {
      file: conditionName(condition),
      line: start.line + (place?.line ?? 0),
      column: start.column + (place?.column ?? 0),
      offset: start.offset + (place?.index ?? 0),
    };
    const locations = [...this.locations, { ...location, itemType: "condition expression", itemName: "" }];
    return new LoadContext(this.source, locations, toByteString(condition));
  }

  /** The innermost location. */
  get place(): SourcePlace {
    const { file, line, column, offset } = this.locations.at(-1) ?? {
      file: this.source.name,
      line: 0,
      column: 0,
      offset: 0,
    };
    return { file, line, column, offset };
  }

  /** The line of the place with a mark under it. */
  snippet(): string {
    return snippet(this.#content === "" ? this.source.bytes : this.#content, this.place.offset);
  }
}

/** A reason for which a file cannot be loaded. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly code: string;
  readonly context: LoadContext;
  /** The fault in other words, or the likely intention: a sentence. */
  readonly hint: string | undefined;

  /** `cause`: the message, or an error with a hint. */
  constructor(
    code: string,
    cause: string | { readonly message: string; readonly hint?: string | undefined },
    context: LoadContext,
  ) {
    super(typeof cause === "string" ? cause : cause.message);
    this.code = code;
    this.context = context;
    this.hint = typeof cause === "string" ? undefined : cause.hint;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}

function conditionName(condition: string): string {
  const bytes = toByteString(condition);
  const short = bytes.length > 20 ? `${bytes.slice(0, 17)}...` : bytes;
  return `"${cleanText(short).replace(/[\n\r]/g, " ")}"`;
}

const halfWidth = 80;

/**
 * The part of the line around an offset, at most 80 characters to each side, then a line with a mark below the offset.
 */
function snippet(content: string, offset: number): string {
  if (content === "") return "<No context available>\n";
  // A place can be behind the end, or on the line end before a value that is not there.
  let at = Math.min(offset, content.length);
  while (at > 0 && (at >= content.length || content[at] === "\n")) at--;
  let from = at;
  while (from > 0 && content[from] !== "\n" && at - from < halfWidth) from--;
  let to = at;
  while (to < content.length - 1 && content[to] !== "\n" && to - at < halfWidth) to++;
  if (content[from] === "\n") from++;
  if (content[to] === "\n") to--;
  let line = content.slice(from, to + 1);
  if (line === "") return "<No context available>\n";
  if (at - from >= halfWidth) line = `...${line.slice(3)}`;
  if (to - at >= halfWidth) line = `${line.slice(0, -3)}...`;
  const mark = at - from <= line.length ? `${" ".repeat(at - from)}^\n` : "";
  return `${cleanText(line)}\n${mark}`;
}
