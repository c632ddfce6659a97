import { JsonOutline, type OutlinePlace, type OutlineVisitor } from "../../json-outline.ts";
import { feedMalformed } from "../../read-feed-file.ts";

/** The array to read: a member of the outermost object. */
export interface JsonArray {
  /** The member's name. */
  readonly key: string;
  /** Name of the input, for messages. */
  readonly title: string;
  /** Bytes of one item. */
  readonly maxItem: number;
  /** Called at the end when items are neither objects nor lists, with how many; one that is alone is not noticed. */
  readonly plain?: (count: number) => void;
}

/**
 * The text of each object in the array, in its order; no more than one item and one piece of the input are in memory.
 * Error: `feed-malformed` when the array is not there, the text is not a JSON object or breaks off, or an item is too
 * long; the items before stay valid.
 */
export async function* jsonArrayItems(input: AsyncIterable<Buffer>, array: JsonArray): AsyncGenerator<string> {
  const collector = new ItemCollector(array);
  const outline = new JsonOutline({ title: array.title, depth: 3, visitor: collector });
  let start = 0;
  for await (const bytes of input) {
    collector.begin(bytes, start);
    outline.read(bytes, start);
    collector.finish();
    yield* collector.found.splice(0);
    start += bytes.length;
  }
  outline.end();
  if (collector.plain > 0) array.plain?.(collector.plain);
  if (!collector.hasArray) throw feedMalformed(array.title, `it has no list named ${array.key}`);
}

class ItemCollector implements OutlineVisitor {
  readonly found: string[] = [];
  hasArray = false;
  /** How many items are neither objects nor lists. */
  plain = 0;
  readonly #array: JsonArray;
  #name: string | undefined;
  #inArray = false;
  /** Items that ended, and those of them that are objects or lists. */
  #ended = 0;
  #opened = 0;
  /** The piece that is read, and where it begins in the text. */
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  /** Where the item that is open begins; undefined between two. */
  #itemStart: number | undefined;
  /** Its bytes in earlier pieces. */
  #earlier: Buffer[] = [];

  constructor(array: JsonArray) {
    this.#array = array;
  }

  begin(bytes: Buffer, start: number): void {
    this.#bytes = bytes;
    this.#start = start;
  }

  /** Keeps of the piece what belongs to the item that is open. */
  finish(): void {
    if (this.#itemStart !== undefined) this.#earlier.push(this.#itemUntil(this.#start + this.#bytes.length));
  }

  name(name: string, { depth }: OutlinePlace): void {
    if (depth === 1) this.#name = name;
  }

  open(isObject: boolean, { depth, position }: OutlinePlace): void {
    if (depth === 2) this.#inArray = !isObject && this.#name === this.#array.key;
    if (this.#inArray) this.hasArray = true;
    if (depth !== 3 || !this.#inArray) return;
    this.#itemStart = position;
    this.#opened++;
  }

  separate({ depth }: OutlinePlace): void {
    if (depth === 2 && this.#inArray) this.#ended++;
  }

  close({ depth, position }: OutlinePlace): void {
    if (depth === 2 && this.#inArray) {
      this.#inArray = false;
      // An empty list has one end too.
      if (this.#ended > 1) this.plain += this.#ended - this.#opened;
      this.#ended = 0;
      this.#opened = 0;
    }
    if (depth !== 3 || this.#itemStart === undefined) return;
    this.found.push(Buffer.concat([...this.#earlier, this.#itemUntil(position + 1)]).toString("utf8"));
    this.#earlier = [];
    this.#itemStart = undefined;
  }

  /** What the piece has of the item before `end`. */
  #itemUntil(end: number): Buffer {
    const itemStart = this.#itemStart ?? end;
    const { title, maxItem } = this.#array;
    if (end - itemStart > maxItem) throw feedMalformed(title, `an item is longer than ${maxItem} bytes`);
    return this.#bytes.subarray(Math.max(0, itemStart - this.#start), end - this.#start);
  }
}
