import { ecosystemBase } from "../../../model/packages/package-name.ts";
import { isGoPlaceholder } from "../names/go-version.ts";

/**
 * Why a text in place of an installed version tells none, in words that follow it; undefined when it may. Some
 * orders of versions take any text, and would put these below every release: a variable that a build forgot to fill
 * (`${project.version}`), what was asked for in place of what was installed (`>=2.0,<3`, `[1.0,2.0)`, `2.*`, `^1.2`), a
 * word (`unknown`, `latest`), a branch.
 */
export function whyNoVersion({
  ecosystem,
  version,
}: {
  readonly ecosystem: string;
  readonly version: string;
}): string | undefined {
  if (!/\d/.test(version)) return "tells no version";
  if (isRequirement.test(version)) return "is a version requirement, not an installed version";
  const base = ecosystemBase(ecosystem);
  if (base === "Go" && isGoPlaceholder(version)) return "is Go's placeholder for an unknown version";
  if (base === "Packagist" && branch.test(version)) return "is a branch, which may contain any version";
  return undefined;
}

/** None of these characters is in a version of any ecosystem; caret and tilde are, but never in front. */
const isRequirement = /^[\^~]|[<>=*,[\](){}$|?]/;
/**
 * Source: Composer's documentation, "Versions and constraints", Branches; `9999999-dev` is its inner name of the main
 * one.
 */
const branch = /^dev-|^9999999(?:\.9999999)*-dev$/i;
