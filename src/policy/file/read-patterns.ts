import type { YamlShape } from "../../io/documents/yaml-shape.ts";

/** A text or a list of texts. Error: `file-malformed` for an empty one. */
export function readPatterns(shape: YamlShape): readonly string[] {
  return listOf(shape, (one) => {
    const text = one.scalarText();
    return text === "" ? one.refuse("is empty") : text;
  });
}

/** {@link readPatterns} for paths in a target, which have no slash at their start. */
export function readPathPatterns(shape: YamlShape): readonly string[] {
  return readPatterns(shape).map((pattern) => pattern.replace(/^\/+/, ""));
}

/** One value, or a list with at least one. */
export function listOf<Value>(shape: YamlShape, read: (shape: YamlShape) => Value): readonly Value[] {
  if (!Array.isArray(shape.value)) return [read(shape)];
  const members = shape.list();
  return members.length > 0 ? members.map(read) : shape.refuse("is an empty list");
}
