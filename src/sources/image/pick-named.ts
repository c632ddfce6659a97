import { parseReference, referenceText } from "../../model/packages/reference.ts";

/** How names are compared with a reference. */
export interface PickNamedOptions<Item> {
  readonly reference: string;
  readonly namesOf: (item: Item) => readonly string[];
  /** Characters behind which the last part of a name may begin. */
  readonly boundaries: string;
}

/**
 * Those that a reference names: by the very name, by what is the same to Docker (`app`,
 * `docker.io/library/app:latest`), and only where there is none, by the last part of a longer name (`app:1` of
 * `registry.example/team/app:1`).
 */
export function pickNamed<Item>(items: readonly Item[], options: PickNamedOptions<Item>): readonly Item[] {
  const exact = pickExactlyNamed(items, options);
  return exact.length > 0 ? exact : pickByLastPart(items, options);
}

/** Those that a reference names wholly. */
export function pickExactlyNamed<Item>(
  items: readonly Item[],
  { reference, namesOf }: Omit<PickNamedOptions<Item>, "boundaries">,
): readonly Item[] {
  const whole = wholeName(reference);
  const [last = ""] = reference.slice(reference.lastIndexOf("/") + 1).split(/[:@]/, 1);
  const isSame = (name: string): boolean =>
    name === reference || (whole !== undefined && name.includes(last) && wholeName(name) === whole);
  return items.filter((item) => namesOf(item).some(isSame));
}

/** Those whose names end in a reference. */
export function pickByLastPart<Item>(
  items: readonly Item[],
  { reference, namesOf, boundaries }: PickNamedOptions<Item>,
): readonly Item[] {
  const isLastPart = (name: string): boolean => {
    const before = name.length - reference.length - 1;
    return before >= 0 && name.endsWith(reference) && boundaries.includes(name.charAt(before));
  };
  return reference === "" ? [] : items.filter((item) => namesOf(item).some(isLastPart));
}

/** With registry and tag; undefined for what is not a name. */
function wholeName(text: string): string | undefined {
  const parsed = parseReference(text);
  if (!parsed) return undefined;
  return referenceText(parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: "latest" } : parsed);
}
