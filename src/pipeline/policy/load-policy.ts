import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readNamedText } from "../../io/files/read-small-file.ts";
import type { Policy } from "../../policy/file/policy.ts";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { compileRuleExpression } from "./compile-rule-expression.ts";

/** The name of a policy that is found without being named. */
const policyFileName = "plimsoll.yaml";

/** The size limit of a policy file, in bytes. */
export const largestPolicy: number = 1024 * 1024;

/** Policies that extend one another. */
const deepest = 5;

/** Where policy files are read. */
export interface PolicyFiles {
  /** The text of a file. Error: any, which is the error of the policy. */
  readonly read: (path: string) => string;
  /** The path of a file that the policy in `from` extends, or why it cannot be extended. */
  readonly resolve: (name: string, from: string) => string | { readonly error: string };
  /** The same text for all paths of one file. */
  readonly identity: (path: string) => string;
}

const filesOfSystem: PolicyFiles = {
  read: (path) => readNamedText(path, { largest: largestPolicy }),
  resolve: (name, from) => (isAbsolute(name) ? name : join(dirname(from), name)),
  identity: realPathOf,
};

/**
 * Reads the policy in `file`, and the policies that it extends: files, relative to its folder. Errors:
 * `target-not-found`, `target-unreadable`, `limit-exceeded`, `file-malformed` with the place.
 */
export function loadPolicy(file: string, files: PolicyFiles = filesOfSystem): Policy {
  return loadBelow(file, { chain: [], files });
}

/** `chain`: the identities of the files that extend it. */
function loadBelow(
  file: string,
  { chain, files }: { readonly chain: readonly string[]; readonly files: PolicyFiles },
): Policy {
  const text = files.read(file);
  const own = [...chain, files.identity(file)];
  return readPolicy(text, file, {
    compile: compileRuleExpression,
    inherit: (name) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return { error: "is not a path: only files can be extended" };
      const path = files.resolve(name, file);
      if (typeof path !== "string") return path;
      if (own.includes(files.identity(path))) return { error: "names a policy that extends this one" };
      if (own.length >= deepest) return { error: `is more than ${deepest} policies deep` };
      return loadBelow(path, { chain: own, files });
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
