import type { JsonObject } from "../../../model/objects/json-object.ts";
import { ObjectValue } from "./object-value.ts";

/**
 * Query for objects of a cluster: `v1`, `configmaps`, and an empty namespace for objects without one, or for all
 * namespaces.
 */
export interface ObjectQuery {
  readonly apiVersion: string;
  /** The plural in lower case: `configmaps`. */
  readonly resource: string;
  readonly namespace: string;
  /** All of them without it. */
  readonly name?: string;
}

/** The objects around the one that is judged, which a policy can ask for. */
export class ClusterValue extends ObjectValue {
  readonly kind = "cluster";
  readonly find: (query: ObjectQuery) => readonly JsonObject[];

  constructor(find: (query: ObjectQuery) => readonly JsonObject[]) {
    super();
    this.find = find;
  }

  equals(other: unknown): boolean {
    return other === this;
  }
}
