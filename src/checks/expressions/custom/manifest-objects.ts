import { type ManifestResource, resourceTitle } from "../../manifests/manifest-resource.ts";
import type { CustomObject } from "./custom-check.ts";

/** Resources as custom checks of the kind `manifest` look at them. */
export function manifestObjects(resources: readonly ManifestResource[]): CustomObject[] {
  return resources.map((resource) => ({
    value: resource.object,
    resource: resourceTitle(resource),
    locate: () => resource.locate(["metadata", "name"]),
  }));
}
