import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { ManifestResource } from "../manifest-resource.ts";
import { type JsonPath, textAt, valueAt } from "./json-path.ts";

/** What resources were renamed to, by {@link referenceKey} of what they were. */
export type Renamed = ReadonlyMap<string, ManifestResource>;

/** What others refer to a resource by. */
export function referenceKey(kind: string, name: string): string {
  return `${kind}\n${name}`;
}

const accountPaths: readonly JsonPath[] = [
  ["spec"],
  ["spec", "template", "spec"],
  ["spec", "jobTemplate", "spec", "template", "spec"],
];

/**
 * A resource whose references follow those that were renamed: roles and accounts of bindings, and the accounts of pods.
 */
export function renameReferences(object: JsonObject, renamed: Renamed): JsonObject {
  const find = (kind: string, name: string | undefined): ManifestResource | undefined =>
    name === undefined ? undefined : renamed.get(referenceKey(kind, name));
  let result = object;
  const { roleRef, subjects } = object;
  if (isJsonObject(roleRef)) {
    const role = find(textAt(roleRef, "kind") ?? "", textAt(roleRef, "name"));
    if (role) result = { ...result, roleRef: { ...roleRef, name: role.name } };
  }
  if (Array.isArray(subjects)) {
    result = {
      ...result,
      subjects: subjects.map((subject) => {
        const account = isJsonObject(subject)
          ? find(textAt(subject, "kind") ?? "", textAt(subject, "name"))
          : undefined;
        if (account?.kind !== "ServiceAccount") return subject;
        return {
          ...subject,
          name: account.name,
          ...(account.namespace === "" ? {} : { namespace: account.namespace }),
        };
      }),
    };
  }
  for (const path of accountPaths) {
    const spec = valueAt(result, path);
    const account = isJsonObject(spec) ? find("ServiceAccount", textAt(spec, "serviceAccountName")) : undefined;
    if (account) result = withAccount(result, { path, name: account.name });
  }
  return result;
}

function withAccount(object: JsonObject, { path, name }: { path: JsonPath; name: string }): JsonObject {
  const [head, ...rest] = path;
  if (head === undefined) return { ...object, serviceAccountName: name };
  const inner = object[head];
  return isJsonObject(inner) ? { ...object, [head]: withAccount(inner, { path: rest, name }) } : object;
}
