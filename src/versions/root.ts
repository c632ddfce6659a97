import { compareNaturals, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// version [("." | "+" | "-") "root.io." number]

/** A version of another scheme and the number of Root's patch on it, 0 for none. */
export interface RootVersion<V> {
  readonly upstream: V;
  readonly patch: Natural;
}

const marked = /^(.+)[.+-]root\.io\.(\d+)$/;

/**
 * Versions of packages that Root rebuilt: those of `inner`, and among equal ones the number of Root's patch decides. Root's
 * Alpine packages carry no mark of their own, only a high revision (`1.0.0-r20072`).
 *
 * Source: OSV's Root ecosystem.
 */
export function root<V>(inner: VersionScheme<V>): VersionScheme<RootVersion<V>> {
  return {
    id: `root-${inner.id}`,

    parse(text) {
      if (text.length > versionLengthLimit) return undefined;
      const [, version = text.trim(), patch = ""] = marked.exec(text.trim()) ?? [];
      const upstream = inner.parse(version);
      return upstream === undefined ? undefined : { upstream, patch: readNatural(patch, 0, patch.length) };
    },

    compare(a, b) {
      return inner.compare(a.upstream, b.upstream) || compareNaturals(a.patch, b.patch);
    },
  };
}
