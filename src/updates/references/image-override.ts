import type { YamlFinder } from "./yaml-finder.ts";
import { isScalar, member } from "./yaml-text.ts";

/** Adds an element of `images` in a kustomization: `name`, `newName`, `newTag` and `digest`. */
export function addOverride(finder: YamlFinder, image: unknown): void {
  const name = member(image, "name");
  const newName = member(image, "newName");
  const [tag, digest] = [member(image, "newTag"), member(image, "digest")];
  if (!isScalar(name) || (tag === undefined && digest === undefined)) return;
  finder.addParts(name, { ...(isScalar(newName) && { repository: newName }), tag, digest });
}
