import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { type JsonPath, objectAt, textAt, valueAt } from "../kustomize/json-path.ts";
import type { ManifestPlace } from "../manifest-check.ts";
import type { ManifestResource } from "../manifest-resource.ts";
import { readManifests } from "../reading/read-manifests.ts";

/** A configuration file of the kubelet that a resource is, or that a ConfigMap holds. */
export interface KubeletConfiguration {
  readonly object: JsonObject;
  /** Where a setting stands in the resource. */
  place(path: JsonPath, expected: string): ManifestPlace;
}

/** The kubelet configurations of a resource, and the keys of those that could not be read. */
export interface KubeletConfigurations {
  readonly read: readonly KubeletConfiguration[];
  readonly unread: readonly JsonPath[];
}

const kind = "KubeletConfiguration";
const longest = 1024 * 1024;
const none: KubeletConfigurations = { read: [], unread: [] };
const cache = new WeakMap<ManifestResource, KubeletConfigurations>();

/** The kubelet configurations of a resource: itself, or those among the values of a ConfigMap, as kubeadm makes it. */
export function kubeletConfigurations(resource: ManifestResource): KubeletConfigurations {
  if (resource.kind === kind) return { read: [{ object: resource.object, place: ownPlace }], unread: [] };
  if (resource.kind !== "ConfigMap") return none;
  const known = cache.get(resource);
  if (known) return known;
  const made = ofConfigMap(resource);
  cache.set(resource, made);
  return made;
}

/** A setting as a flag would give it: lists with commas, gates as `Name=true`; undefined where it is missing. */
export function settingText(object: JsonObject, path: JsonPath): string | undefined {
  const value = valueAt(object, path);
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map(String).join(",");
  if (isJsonObject(value))
    return Object.entries(value)
      .map(([name, one]) => `${name}=${String(one)}`)
      .join(",");
  return String(value);
}

function ownPlace(path: JsonPath, expected: string): ManifestPlace {
  return { path, expected };
}

function ofConfigMap({ object }: ManifestResource): KubeletConfigurations {
  const data = objectAt(object, "data");
  const read: KubeletConfiguration[] = [];
  const unread: JsonPath[] = [];
  for (const key of Object.keys(data)) {
    const text = textAt(data, key);
    if (text === undefined || !text.includes(kind)) continue;
    const at = ["data", key];
    let isWhole = text.length <= longest;
    const { resources } = isWhole
      ? readManifests(text, {
          path: key,
          problem: () => {
            isWhole = false;
          },
        })
      : { resources: [] };
    for (const { kind: found, object: configuration } of resources) {
      if (found !== kind) continue;
      read.push({
        object: configuration,
        place: (path, expected) => {
          const name = path.join(".");
          const value = settingText(configuration, path);
          return { path: at, value: value === undefined ? `no ${name}` : `${name}: ${value}`, expected };
        },
      });
    }
    if (!isWhole) unread.push(at);
  }
  return { read, unread };
}
