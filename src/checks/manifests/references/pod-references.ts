import type { JsonObject } from "../../../model/objects/json-object.ts";
import { type JsonPath, objectAt, objectsAt, textAt } from "../kustomize/json-path.ts";
import type { PodTemplate } from "../pods/pod-template.ts";

/** A config map or secret without which a pod does not start. */
export interface PodReference {
  readonly name: string;
  /** Path of the name, from the root of the resource. */
  readonly path: JsonPath;
}

interface Fields {
  readonly volume: string;
  /** The key of the name in a volume. */
  readonly name: string;
  readonly variable: string;
  readonly variables: string;
}

const fieldsOf: Readonly<Record<"ConfigMap" | "Secret", Fields>> = {
  ConfigMap: { volume: "configMap", name: "name", variable: "configMapKeyRef", variables: "configMapRef" },
  Secret: { volume: "secret", name: "secretName", variable: "secretKeyRef", variables: "secretRef" },
};

/** The config maps or secrets that a pod needs: those that it mounts or has as variables, without optional ones. */
export function podReferences(pod: PodTemplate, kind: "ConfigMap" | "Secret"): PodReference[] {
  const fields = fieldsOf[kind];
  const found: PodReference[] = [];
  const add = (parent: JsonObject, key: string, { name, path }: { name: string; path: JsonPath }): void => {
    const source = objectAt(parent, key);
    const text = textAt(source, name);
    if (text && source["optional"] !== true) found.push({ name: text, path: [...path, key, name] });
  };
  for (const [index, volume] of objectsAt(pod.spec, "volumes")) {
    const path = [...pod.path, "volumes", index];
    add(volume, fields.volume, { name: fields.name, path });
    for (const [at, source] of objectsAt(objectAt(volume, "projected"), "sources"))
      add(source, fields.volume, { name: "name", path: [...path, "projected", "sources", at] });
  }
  for (const { spec, path } of pod.containers) {
    for (const [index, variable] of objectsAt(spec, "env"))
      add(objectAt(variable, "valueFrom"), fields.variable, {
        name: "name",
        path: [...path, "env", index, "valueFrom"],
      });
    for (const [index, source] of objectsAt(spec, "envFrom"))
      add(source, fields.variables, { name: "name", path: [...path, "envFrom", index] });
  }
  return found;
}
