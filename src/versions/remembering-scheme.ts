import { schemeOf } from "./ecosystems.ts";
import type { VersionScheme } from "./version-scheme.ts";

/**
 * {@link schemeOf} with a memory for what was read: records of one package list the same versions and bounds again and again.
 * The memory is small and forgets everything when it is full.
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

/** The same function, which keeps its answers but `undefined` and those for texts of unusual length. */
export function remember<T>(read: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const answer = answers.get(text);
    if (answer !== undefined) return answer;
    const fresh = read(text);
    if (text.length <= longestKept) {
      if (answers.size >= mostKept) answers.clear();
      answers.set(text, fresh);
    }
    return fresh;
  };
}

const mostKept = 10_000;
const longestKept = 128;
