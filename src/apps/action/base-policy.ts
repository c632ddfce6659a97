import { posix } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { largestPolicy, loadPolicy, type PolicyFiles } from "../../pipeline/policy/load-policy.ts";
import type { Policy } from "../../policy/file/policy.ts";

/** Files of the base branch that a policy may consist of. */
const mostFiles = 50;

/** Stops reading a policy at a file whose text is not there yet. */
class TextMissing extends Error {
  readonly path: string;

  constructor(path: string) {
    super(path);
    this.path = path;
  }
}

/**
 * Reads the policy in a file of the base branch, and those that it extends; undefined when the base branch does not
 * have the file. `read` gives the text of a file, undefined for one that does not exist. Errors: those of `read` and of
 * {@link loadPolicy}.
 */
export async function loadBasePolicy(
  name: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<Policy | undefined> {
  const first = await read(name);
  if (first === undefined) return undefined;
  const texts = new Map([[name, first]]);
  for (;;) {
    try {
      return loadPolicy(name, filesOf(texts));
    } catch (cause) {
      if (!(cause instanceof TextMissing)) throw cause;
      texts.set(cause.path, await requiredText(cause.path, { read, count: texts.size }));
    }
  }
}

async function requiredText(
  path: string,
  { read, count }: { readonly read: (path: string) => Promise<string | undefined>; readonly count: number },
): Promise<string> {
  if (count >= mostFiles) throw new PlimsollError("limit-exceeded", `the policy has more than ${mostFiles} files`);
  const text = await read(path);
  if (text === undefined) throw new PlimsollError("target-not-found", `the base branch does not have ${path}`);
  return text;
}

function filesOf(texts: ReadonlyMap<string, string>): PolicyFiles {
  return {
    read(path) {
      const text = texts.get(path);
      if (text === undefined) throw new TextMissing(path);
      if (text.length <= largestPolicy) return text;
      throw new PlimsollError("limit-exceeded", `${path} is larger than ${largestPolicy} bytes`);
    },
    resolve(extended, from) {
      const path = posix.normalize(posix.join(posix.dirname(from), extended));
      const isInside = !posix.isAbsolute(extended) && path !== ".." && !path.startsWith("../");
      return isInside ? path : { error: "is not a path inside the repository" };
    },
    identity: posix.normalize,
  };
}
