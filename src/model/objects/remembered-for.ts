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

/** The same of a function of two objects. */
export function rememberedForBoth<A extends object, B extends object, V extends object | string>(
  make: (a: A, b: B) => V,
): (a: A, b: B) => V {
  const withFirst = rememberedFor((a: A) => rememberedFor((b: B) => make(a, b)));
  return (a, b) => withFirst(a)(b);
}
