import { type RebuiltVersion, rebuilt } from "./rebuilt.ts";
import type { VersionScheme } from "./version-scheme.ts";

// version [("." | "+" | "-") "root.io." number]

const mark = /^(.+)[.+-]root\.io\.(\d+)$/;

/**
 * Versions of packages that Root rebuilt: those of `inner`, and among equal ones the number of Root's patch decides.
 * Root's Alpine packages carry no mark of their own, only a high revision (`1.0.0-r20072`).
 *
 * Source: OSV's Root ecosystem.
 */
export function root<V>(inner: VersionScheme<V>): VersionScheme<RebuiltVersion<V>> {
  return rebuilt(inner, { id: `root-${inner.id}`, mark });
}
