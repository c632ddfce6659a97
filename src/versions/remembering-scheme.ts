import { remember } from "../model/objects/remember.ts";
import { schemeOf } from "./ecosystems.ts";
import type { VersionScheme } from "./version-scheme.ts";

/**
 * {@link schemeOf} with a memory for what was read: records of one package list the same versions and bounds again and
 * again. The memory is small and forgets everything when it is full.
 */
export function rememberingSchemeOf(ecosystem: string): VersionScheme<unknown> | undefined {
  const scheme = schemeOf(ecosystem);
  if (!scheme) return undefined;
  let remembering = known.get(scheme);
  if (!remembering) {
    remembering = { ...scheme, parse: remember((text) => scheme.parse(text)) };
    known.set(scheme, remembering);
  }
  return remembering;
}

const known = new Map<VersionScheme<unknown>, VersionScheme<unknown>>();
