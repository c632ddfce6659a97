import { type RebuiltVersion, rebuilt } from "./rebuilt.ts";
import { type SemverVersion, semver } from "./semver.ts";
import type { VersionScheme } from "./version-scheme.ts";

/**
 * Versions of npm packages that Echo rebuilt, `1.2.3+echo.1`: by SemVer, and where that sees no difference, because it
 * ignores what stands after `+`, by Echo's number.
 *
 * Source: OSV's Echo ecosystem, `Echo:npm`.
 */
export const echoNpm: VersionScheme<RebuiltVersion<SemverVersion>> = rebuilt(semver, {
  id: "echo-npm",
  mark: /^([^+]+)\+echo\.(\d+)$/,
});
