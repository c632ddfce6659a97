/** Where a value is written. */
export interface YamlPlace {
  /** The index in the text of its key, or of itself in a sequence. */
  readonly offset: number;
  /** Those of the values in it, by key or index; absent for scalars. */
  children?: Map<string | number, YamlPlace>;
  /** In a Compose file, what a tag says of the values that it is merged over: they do not count. */
  isReplacing?: true;
}

/** Puts a value under a key, whatever the key is. */
export function put(mapping: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(mapping, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    mapping[key] = value;
  }
}

/** A place within another, when places are wanted at all. */
export function child(place: YamlPlace | undefined, key: string | number, offset: number): YamlPlace | undefined {
  if (!place) return undefined;
  place.children ??= new Map();
  const made: YamlPlace = { offset };
  place.children.set(key, made);
  return made;
}
