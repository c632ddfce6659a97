import { skipJsonSpace, writtenMembers } from "../../../io/documents/json-text.ts";
import type { YamlPlace } from "./yaml-place.ts";

/**
 * Where a value of a JSON text is written. The values in it are found when they are asked for, by one pass over its own
 * text, so that the place of one line costs neither a tree of the whole file nor a second parser. The text must be one
 * that `JSON.parse` takes; of a key that is there twice the last one counts, as there. Nested values are skipped
 * without recursion, at any depth.
 */
export class JsonPlace implements YamlPlace {
  readonly offset: number;
  readonly #text: string;
  readonly #value: number;
  #children: Map<string | number, JsonPlace> | undefined;

  /** `offset` is what the place is shown as, `value` where the value begins. */
  constructor(text: string, { offset, value }: { readonly offset: number; readonly value: number }) {
    this.offset = offset;
    this.#text = text;
    this.#value = value;
  }

  get children(): Map<string | number, JsonPlace> {
    this.#children ??= new Map(childrenOf(this.#text, this.#value));
    return this.#children;
  }
}

/** The place of the whole value of a JSON text. */
export function jsonRoot(text: string): JsonPlace {
  const value = skipJsonSpace(text, 0);
  return new JsonPlace(text, { offset: value, value });
}

function* childrenOf(text: string, start: number): Iterable<[string | number, JsonPlace]> {
  for (const { key, start: offset, valueStart } of writtenMembers(text, start)) {
    yield [key, new JsonPlace(text, { offset, value: valueStart })];
  }
}
