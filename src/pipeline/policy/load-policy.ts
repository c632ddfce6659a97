import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readNamedText } from "../../io/files/read-small-file.ts";
import type { Policy } from "../../policy/file/policy.ts";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { compileRuleExpression } from "./compile-rule-expression.ts";

/** The name of a policy that is found without being named. */
const policyFileName = "plimsoll.yaml";

const largestPolicy = 1024 * 1024;

/** Policies that extend one another. */
const deepest = 5;

/**
 * Reads the policy in `file`, and the policies that it extends: files, relative to its folder. Errors:
 * `target-not-found`, `target-unreadable`, `limit-exceeded`, `file-malformed` with the place.
 */
export function loadPolicy(file: string): Policy {
  return loadBelow(file, []);
}

/** `chain`: the real paths of the files that extend it. */
function loadBelow(file: string, chain: readonly string[]): Policy {
  const text = readNamedText(file, { largest: largestPolicy });
  const own = [...chain, realPathOf(file)];
  return readPolicy(text, file, {
    compile: compileRuleExpression,
    inherit: (name) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return { error: "is not a path: only files can be extended" };
      const path = isAbsolute(name) ? name : join(dirname(file), name);
      if (own.includes(realPathOf(path))) return { error: "names a policy that extends this one" };
      if (own.length >= deepest) return { error: `is more than ${deepest} policies deep` };
      return loadBelow(path, own);
    },
  });
}

/** The path itself where the file does not exist: reading it gives the error. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/**
 * The path of the nearest `plimsoll.yaml`, from a folder upwards to the root of its repository (the folder with
 * `.git`), or of the file system; undefined when there is none. Folders below `from` are not looked at.
 */
export function findPolicyFile(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const path = join(folder, policyFileName);
    if (existsSync(path)) return path;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}
