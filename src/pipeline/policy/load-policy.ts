import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readNamedText } from "../../io/files/read-small-file.ts";
import type { Policy } from "../../policy/file/policy.ts";
import { readPolicy } from "../../policy/file/read-policy.ts";
import { compileRuleExpression } from "./compile-rule-expression.ts";

/** The name of a policy that is found without being named. */
const policyFileName = "plimsoll.yaml";

const largestPolicy = 1024 * 1024;

/**
 * Reads the policy in `file`. Errors: `target-not-found`, `target-unreadable`, `limit-exceeded`, `file-malformed` with
 * the place.
 */
export function loadPolicy(file: string): Policy {
  return readPolicy(readNamedText(file, { largest: largestPolicy }), file, compileRuleExpression);
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
