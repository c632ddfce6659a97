import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";

// Kustomize decodes with Go's encoding/json: a name fits a field in any case.

const generator = ["behavior", "env", "envs", "files", "literals", "name", "namespace", "options", "type"];
const patch = ["options", "patch", "path", "target"];
const image = ["digest", "name", "newName", "newTag"];
const target = ["annotationSelector", "group", "kind", "labelSelector", "name", "namespace", "version"];

/** The fields of the objects in a list, by the name of the list. */
const itemFields: ReadonlyMap<string, readonly string[]> = new Map([
  ["configMapGenerator", generator],
  ["images", image],
  ["labels", ["includeSelectors", "includeTemplates", "pairs"]],
  ["patches", patch],
  ["patchesJson6902", patch],
  ["secretGenerator", generator],
]);

/** An object with the names of its fields as kustomize writes them, and the fields that are not known here. */
export interface KnownFields {
  readonly object: JsonObject;
  readonly unknown: readonly string[];
}

/**
 * Writes the fields of a kustomization, of the items of its lists and of the targets of patches in kustomize's own
 * case. A second field that stands for the same one is unknown: which of them kustomize takes is an accident.
 */
export function withKnownFields(kustomization: JsonObject, topFields: Iterable<string>): KnownFields {
  const top = foldFields(kustomization, topFields, "");
  const unknown = [...top.unknown];
  const object: Record<string, unknown> = { ...top.object };
  for (const [list, fields] of itemFields) {
    const items = object[list];
    if (!Array.isArray(items)) continue;
    object[list] = items.map((item) => {
      if (!isJsonObject(item)) return item;
      const folded = foldFields(item, fields, `${list}.`);
      for (const name of folded.unknown) unknown.push(name);
      const { target: written } = folded.object;
      if (!isJsonObject(written)) return folded.object;
      const foldedTarget = foldFields(written, target, `${list}.target.`);
      for (const name of foldedTarget.unknown) unknown.push(name);
      return { ...folded.object, target: foldedTarget.object };
    });
  }
  return { object, unknown: [...new Set(unknown)] };
}

function foldFields(written: JsonObject, fields: Iterable<string>, prefix: string): KnownFields {
  const byFold = new Map(Array.from(fields, (field) => [fold(field), field]));
  const object: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(written)) {
    const field = byFold.get(fold(key));
    if (field !== undefined && !Object.hasOwn(object, field)) object[field] = value;
    else if (field !== undefined || !isEmpty(value)) unknown.push(prefix + key);
  }
  return { object, unknown };
}

/** Go folds the long s as well; lower case does the same for the sign of the kelvin. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll("\u017f", "s");
}

/** Whether a value asks for nothing. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
