import { compareNaturals, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

/** A version of another scheme and the number of a rebuild of it, 0 for none. */
export interface RebuiltVersion<V> {
  readonly upstream: V;
  readonly build: Natural;
}

/** How a maker of rebuilds marks them. */
export interface RebuildMark {
  /** Id of the scheme. */
  readonly id: string;
  /** Its first group is the version that was rebuilt, its second the number. */
  readonly mark: RegExp;
}

/** Versions of `inner`, and among equal ones the number of the rebuild decides. */
export function rebuilt<V>(inner: VersionScheme<V>, { id, mark }: RebuildMark): VersionScheme<RebuiltVersion<V>> {
  return {
    id,

    parse(text) {
      if (text.length > versionLengthLimit) return undefined;
      const [, version = text.trim(), build = ""] = mark.exec(text.trim()) ?? [];
      const upstream = inner.parse(version);
      return upstream === undefined ? undefined : { upstream, build: readNatural(build, 0, build.length) };
    },

    compare(a, b) {
      return inner.compare(a.upstream, b.upstream) || compareNaturals(a.build, b.build);
    },
  };
}
