import sax from "sax";
import { PlimsollError } from "../../model/error.ts";

/** An element with everything inside it. */
export interface XmlElement {
  /** Without its prefix: `rpminfo_test` for `linux-def:rpminfo_test`. */
  readonly name: string;
  /** By their names as written, with a prefix where there is one. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** What stands directly in it, its first 4,096 characters, without white space at the ends. */
  readonly text: string;
}

/** What to read of a document. */
export interface XmlOptions {
  /** How messages name the document. */
  readonly label: string;
  /** The name of the outermost element, without its prefix; the document must have it. */
  readonly root: string;
  /** The elements that are handed over, by their names without prefix; what lies outside of them is passed over. */
  readonly elements: ReadonlySet<string>;
}

/** Number of characters kept of the text directly in one element. */
const longestText = 4096;
const deepest = 64;
const mostAttributes = 64;
/** What an element that is handed over may hold, itself included. */
const mostInside = 500_000;
/** Characters of its names, attributes and texts together. */
const largestInside: number = 64 * 1024 * 1024;
/** The parser looks at its buffers after each piece, so that no attribute is much longer than this. */
const pieceSize: number = 64 * 1024;

/**
 * Reads an XML 1.0 document in UTF-8 as a stream and hands over the outermost elements of some names, one after the
 * other; only one of them is in memory at a time. Document types are refused, and with them every entity but the five
 * of XML itself. Namespaces are not looked at. A consumer that stops early ends the input too.
 *
 * Errors: `file-malformed` when it is not such a document, `limit-exceeded`, and those of the input.
 */
export async function* readXmlElements(
  input: AsyncIterable<Uint8Array>,
  options: XmlOptions,
): AsyncGenerator<XmlElement> {
  const decoder = new TextDecoder("utf-8");
  const reader = new ElementReader(options);
  for await (const bytes of input) {
    const text = decoder.decode(bytes, { stream: true });
    for (let at = 0; at < text.length; at += pieceSize) yield* reader.read(text.slice(at, at + pieceSize));
  }
  yield* reader.read(decoder.decode());
  reader.end();
}

/** As {@link readXmlElements}, of a document that is in memory as text. Errors: `file-malformed`, `limit-exceeded`. */
export function* xmlElementsIn(text: string, options: XmlOptions): Generator<XmlElement, void, undefined> {
  const reader = new ElementReader(options);
  for (let at = 0; at < text.length; at += pieceSize) yield* reader.read(text.slice(at, at + pieceSize));
  reader.end();
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Gathers elements from the events of the parser. */
class ElementReader {
  readonly #options: XmlOptions;
  readonly #parser: sax.SAXParser;
  #depth = 0;
  #attributes = 0;
  #rootSeen = false;
  /** From the element that is to be handed over to the innermost open one. */
  #open: OpenElement[] = [];
  #inside = 0;
  #size = 0;
  #done: XmlElement[] = [];

  constructor(options: XmlOptions) {
    this.#options = options;
    this.#parser = sax.parser(true, { trim: false, normalize: false });
    this.#parser.onerror = (error) => {
      throw error;
    };
    this.#parser.ondoctype = () => {
      throw new Error("it has a document type declaration, which is not supported");
    };
    this.#parser.onprocessinginstruction = ({ name, body }) => {
      const encoding = name === "xml" ? /encoding\s*=\s*["']([^"']*)/.exec(body)?.[1] : undefined;
      if (encoding && !/^(utf-?8|us-ascii)$/i.test(encoding)) throw new Error("it is not in UTF-8");
    };
    this.#parser.onattribute = () => {
      if (++this.#attributes > mostAttributes)
        throw this.#beyond(`an element has more than ${mostAttributes} attributes`);
    };
    this.#parser.onopentag = (tag) => this.#begin(tag.name, tag.attributes as Record<string, string>);
    this.#parser.onclosetag = () => this.#finish();
    this.#parser.ontext = (text) => this.#add(text);
    this.#parser.oncdata = (text) => this.#add(text);
  }

  /** The elements that end in the next piece of the document. */
  read(text: string): XmlElement[] {
    this.#run(() => this.#parser.write(text));
    const done = this.#done;
    if (done.length > 0) this.#done = [];
    return done;
  }

  /** Says that the document is over. */
  end(): void {
    this.#run(() => this.#parser.close());
    if (!this.#rootSeen) throw this.#malformed("it does not contain an element");
  }

  #run(work: () => unknown): void {
    try {
      work();
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      throw this.#malformed(cause instanceof Error ? firstLine(cause.message) : String(cause), cause);
    }
  }

  #begin(qualified: string, attributes: Record<string, string>): void {
    const name = qualified.slice(qualified.indexOf(":") + 1);
    this.#attributes = 0;
    if (++this.#depth > deepest) throw this.#beyond(`elements are nested more than ${deepest} levels deep`);
    if (this.#depth === 1) {
      if (name !== this.#options.root) throw new Error(`its outermost element is not ${this.#options.root}`);
      this.#rootSeen = true;
    }
    if (this.#open.length === 0) {
      if (!this.#options.elements.has(name)) return;
      this.#inside = 0;
      this.#size = 0;
    }
    if (++this.#inside > mostInside) throw this.#beyond(`an element contains more than ${mostInside} elements`);
    this.#count(name.length);
    for (const key of Object.keys(attributes)) this.#count(key.length + (attributes[key]?.length ?? 0));
    const element: OpenElement = { name, attributes, children: [], text: "" };
    this.#open.at(-1)?.children.push(element);
    this.#open.push(element);
  }

  #finish(): void {
    this.#depth--;
    const element = this.#open.pop();
    if (!element) return;
    element.text = element.text.trim();
    if (this.#open.length === 0) this.#done.push(element);
  }

  #add(text: string): void {
    const element = this.#open.at(-1);
    if (!element || element.text.length >= longestText) return;
    const more = element.text === "" ? text.trimStart() : text;
    const kept = more.slice(0, longestText - element.text.length);
    this.#count(kept.length);
    element.text += kept;
  }

  #count(size: number): void {
    this.#size += size;
    if (this.#size > largestInside) throw this.#beyond(`an element contains more than ${largestInside} characters`);
  }

  #beyond(what: string): PlimsollError {
    return new PlimsollError("limit-exceeded", `${this.#options.label} has ${what}`);
  }

  #malformed(reason: string, cause?: unknown): PlimsollError {
    return new PlimsollError("file-malformed", `${this.#options.label} is not well-formed XML: ${reason}`, { cause });
  }
}

/** The parser adds line, column and character on further lines. */
function firstLine(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  return line.charAt(0).toLowerCase() + line.slice(1);
}
