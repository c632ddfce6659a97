import type { CheckLocation } from "../../model/checks/check.ts";
import type { InlineWaiver } from "../../model/checks/inline-waiver.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { JsonPath } from "./kustomize/json-path.ts";
import { objectAt, textAt } from "./kustomize/json-path.ts";
import { type PodTemplate, podTemplateOf } from "./pods/pod-template.ts";

/** An object of Kubernetes that was read from a file, or came from a cluster. */
export interface ManifestResource {
  /** `apps/v1`; empty when it is missing. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty when it is missing, as with `generateName`. */
  readonly name: string;
  /** Empty when it names none, which is `default` for what belongs to a namespace. */
  readonly namespace: string;
  readonly object: JsonObject;
  /** The pod that it is, or makes. */
  readonly pod: PodTemplate | undefined;
  /** Those of its document. */
  readonly waivers: readonly InlineWaiver[];
  /** The file that it is from; undefined for one that came from a cluster. */
  readonly path: string | undefined;
  /** Where a value of it is written: the place of its key, or of the nearest part of the path that exists. */
  locate(path: JsonPath): CheckLocation | undefined;
}

/** What was read of one Compose file. */
export interface ComposeFile {
  readonly path: string;
  readonly object: JsonObject;
  readonly waivers: readonly InlineWaiver[];
  /** Where the file has the tag `!reset` or `!override`: what it is merged over does not count there. */
  readonly replacing: readonly JsonPath[];
  /** True for a file on top of the one of which Compose takes it for a part. */
  readonly isMerged?: true;
  /** As of a {@link ManifestResource}. */
  locate(path: JsonPath): CheckLocation;
}

/** What checks of manifests look at. */
export interface ManifestFacts {
  readonly resources: readonly ManifestResource[];
  readonly compose: readonly ComposeFile[];
}

/** Where a resource comes from. */
export interface ResourceOrigin {
  readonly path?: string;
  readonly waivers?: readonly InlineWaiver[];
  locate?(path: JsonPath): CheckLocation;
}

/** A resource from an object that has a `kind`, as a file, an API server or an admission request has it. */
export function manifestResource(object: JsonObject, origin: ResourceOrigin = {}): ManifestResource {
  const metadata = objectAt(object, "metadata");
  return {
    apiVersion: textAt(object, "apiVersion") ?? "",
    kind: textAt(object, "kind") ?? "",
    name: nameText(metadata["name"]),
    namespace: nameText(metadata["namespace"]),
    object,
    pod: podTemplateOf(object),
    waivers: origin.waivers ?? [],
    path: origin.path,
    locate: (path) => origin.locate?.(path),
  };
}

/** `Deployment shop/api`; without a namespace `ClusterRole reader`. */
export function resourceTitle({ kind, namespace, name }: ManifestResource): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name === "" ? "(without a name)" : name}`;
}

// A name of digits alone is a number to YAML.
function nameText(name: unknown): string {
  return typeof name === "string" || typeof name === "number" ? String(name) : "";
}
