import type { ByteString } from "../../../model/events/kernel-event.ts";
import { memberOf, textOf } from "../json/json-value.ts";

/**
 * All values below these keys, one inside the other. Where an array lies on the way, its elements are followed one by
 * one, and one that has no such value counts as an undefined; with `index`, digits, only the element of that index is
 * followed. An array at the end of the way is one value. Undefined when nothing is there at all.
 *
 * An empty key stands for the elements of an array themselves.
 */
export function valuesBelow(
  value: unknown,
  keys: readonly string[],
  index: string | undefined,
): readonly unknown[] | undefined {
  let found = value;
  for (const [depth, key] of keys.entries()) {
    if (Array.isArray(found)) {
      const elements = found as readonly unknown[];
      if (index === undefined) {
        const rest = keys.slice(depth);
        return elements.flatMap((element) => valuesBelow(element, rest, undefined) ?? [undefined]);
      }
      found = elements[Number(index)];
    }
    if (key !== "") found = memberOf(found, key);
    if (found === undefined) return undefined;
  }
  return [found];
}

/** The values as texts; those that are missing are left out. */
export function textsOf(values: readonly unknown[] | undefined): readonly ByteString[] | undefined {
  return values?.map(textOf).filter((text) => text !== undefined);
}

/** The values as texts; undefined as soon as one is missing. */
export function allTextsOf(values: readonly unknown[] | undefined): readonly ByteString[] | undefined {
  const texts = textsOf(values);
  return texts?.length === values?.length ? texts : undefined;
}
