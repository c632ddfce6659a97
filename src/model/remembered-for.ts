/**
 * The same function of an object, which keeps each answer for as long as the object is there. `make` never answers
 * `undefined`.
 */
export function rememberedFor<K extends object, V extends object | string>(make: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const made = make(of);
    known.set(of, made);
    return made;
  };
}
