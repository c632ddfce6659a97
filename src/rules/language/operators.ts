import type { Generation } from "./generation.ts";

const unaryOperators: readonly string[] = ["exists"];
const numberOperators: readonly string[] = ["<=", "<", ">=", ">"];
const textOperators: readonly string[] = [
  "==",
  "=",
  "!=",
  "glob",
  "iglob",
  "contains",
  "icontains",
  "bcontains",
  "startswith",
  "bstartswith",
  "endswith",
  "regex",
];
const listOperators: readonly string[] = ["intersects", "in", "pmatch"];
const modifiers: readonly string[] = ["oneof", "anyof", "allof"];
const transformers: readonly string[] = ["tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"];
const transformersOfOld = transformers.slice(0, 5);

/** The operators in the order in which the parser tries them; a longer one stands before its beginning. */
export const operators: Readonly<Record<"unary" | "number" | "text" | "list", readonly string[]>> = {
  unary: unaryOperators,
  number: numberOperators,
  text: textOperators,
  list: listOperators,
};

/** All operators, in the order in which messages list them. */
export const operatorNames: readonly string[] = [
  ...unaryOperators,
  ...numberOperators,
  ...textOperators,
  ...listOperators,
];

/** `oneof`, `anyof` and `allof`, which came after generation `0.40`. */
export function modifierNames(generation: Generation): readonly string[] {
  return generation === "head" ? modifiers : [];
}

/** The transformers of a generation but `val`, which is only for the right side. */
export function transformerNames(generation: Generation): readonly string[] {
  return generation === "head" ? transformers : transformersOfOld;
}
