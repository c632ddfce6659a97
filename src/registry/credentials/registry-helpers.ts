import type { AuthConfig } from "./auth-config.ts";
import type { HelperPlace } from "./credential-helper.ts";
import { entriesFor, serverOf } from "./registry-key.ts";

/** The helpers that a file names for a registry. */
export interface RegistryHelpers {
  /** Those for the registry or a path below it, the one that is asked first in front. */
  readonly own: readonly HelperPlace[];
  /** The helper for all registries; undefined also where the file says that this registry does not use one. */
  readonly store: HelperPlace | undefined;
}

/** The helpers that keep the credential of a registry and, when one is named, of its repository. */
export function helpersFor(
  config: AuthConfig,
  { registry, repository }: { readonly registry: string; readonly repository?: string | undefined },
): RegistryHelpers {
  const { origin, kind, store } = config;
  const placeOf = (helper: string, key: string): HelperPlace => {
    return { helper, origin, server: serverOf(registry, { key, kind }) };
  };
  const named = entriesFor(config.helpers, { registry, repository });
  const hasNone = named.some(([, helper]) => helper === "");
  return {
    own: named.flatMap(([key, helper]) => (helper === "" ? [] : [placeOf(helper, key)])),
    store: store === undefined || hasNone ? undefined : placeOf(store, ""),
  };
}
