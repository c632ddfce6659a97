import { go } from "../../../versions/go.ts";
import { goRelease } from "../../../versions/go-release.ts";

/**
 * Whether a pseudo-version is that of a commit before which there is no tag of its major version. For a module that
 * others require, that places it before every release; for a main module it says nothing, because a shallow clone does
 * not have tags.
 */
export function isUntagged(version: string): boolean {
  return /^v?\d+\.0\.0-\d{14}-[0-9a-f]{12}$/.test(version);
}

/**
 * Whether a Go version only looks like one: Go writes `v0.0.0` and `v0.0.0-00010101000000-000000000000` for a module
 * that a `replace` took from a folder, and a pseudo-version with `+dirty` for a main module built from a changed tree,
 * which without a tag begins with `v0.0.0`, or the number of its major version, however new it is.
 *
 * Source: Go Modules Reference, "Pseudo-versions"; `go help build`, "-buildvcs".
 */
export function isGoPlaceholder(version: string): boolean {
  if (version.endsWith(dirty)) return isUntagged(version.slice(0, -dirty.length));
  return /^v?0\.0\.0(?:-00010101000000-0{12})?$/.test(version);
}

const dirty = "+dirty";

/**
 * The version of the standard library as its advisories can be compared with: the release that it names, as `goRelease`
 * tells it, and `(devel)` for a state between releases whose text could be taken for a version. A version of another
 * form stays as it is.
 */
export function standardLibraryVersion(version: string): string {
  return goRelease(version) ?? (go.parse(version) === undefined ? version : notReleased);
}

const notReleased = "(devel)";
