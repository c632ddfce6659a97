import { goRelease } from "./go-release.ts";
import { type SemverVersion, semver } from "./semver.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// Modules have SemVer versions. The standard library and the toolchain have Go's own:
//   ["go"] number {"." number} [("rc" | "beta") number] [("-" | "+" | " ") whatever the builder added, only after "go"]
// where 1.21rc2 comes before 1.21 and after 1.21beta1; OSV writes it 1.21.0-rc.2.

const toolchain = /^(go)?(\d+(?:\.\d+){0,2})(?:(rc|beta)(\d+))?([- +].*)?$/;

/**
 * Versions of Go modules, of the standard library and of the toolchain. A development build (`(devel)`,
 * `devel go1.23-…`, `go1.26-devel_…`) has no place in the order and does not parse.
 *
 * Source: Go Modules Reference, "Versions"; Go Toolchains, "Go versions"; the Go vulnerability database's use of both.
 */
export const go: VersionScheme<SemverVersion> = {
  id: "go",

  parse(text) {
    const module = semver.parse(text);
    if (module !== undefined || text.length > versionLengthLimit) return module;
    const match = toolchain.exec(text);
    if (match === null) return undefined;
    const [, prefix, numbers = "", kind, count, added] = match;
    if (added !== undefined && (prefix === undefined || goRelease(text) === undefined)) return undefined;
    return semver.parse(kind === undefined ? numbers : `${numbers}-${kind}.${count}`);
  },

  compare: semver.compare,
};
