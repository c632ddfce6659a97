import { readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { readSmallFile } from "../../io/files/read-small-file.ts";
import { PlimsollError } from "../../model/error.ts";
import type { PolicyFiles } from "../../profiles/apparmor/policy/load-policy.ts";

/** Where AppArmor's policy is installed. */
export const installedPolicy = "/etc/apparmor.d";

const largestFile = 4 * 1024 * 1024;
const mostFiles = 5000;
/** Left by editors and package managers; the compiler skips them too. */
const skippedNames = /^\.|~$|\.(?:dpkg-(?:new|old|dist|bak|remove)|pacsave|pacnew|rpmnew|rpmsave|orig|rej)$|^README$/;

/**
 * The files that a policy file may include: those below the folder of the policy, and below the folder of the file
 * itself. Other files, and links out of the folders, do not exist for it.
 */
export function policyFiles(file: string, base: string): PolicyFiles {
  const own = file === "-" ? undefined : dirname(resolve(file));
  const roots = [resolve(base), ...(own === undefined ? [] : [own])];
  let count = 0;
  return {
    read(path, searched) {
      const candidates = path.startsWith("/") ? [path] : searched ? [join(roots[0] ?? "", path)] : [];
      if (!path.startsWith("/")) candidates.push(...roots.map((root) => join(root, path)));
      const found = candidates.map((candidate) => within(candidate, roots)).find((real) => real !== undefined);
      if (found === undefined) return undefined;
      count += 1;
      if (count > mostFiles) {
        throw new PlimsollError("limit-exceeded", `${file} includes more than ${mostFiles} files`);
      }
      if (!statSync(found).isDirectory()) return readSmallFile(found, { largest: largestFile }).toString("utf8");
      const names = readdirSync(found).toSorted();
      return names
        .filter((name) => !skippedNames.test(name) && isFile(join(found, name)))
        .map((name) => join(path, name));
    },
  };
}

/** The real path of a file in one of the folders. */
function within(path: string, roots: readonly string[]): string | undefined {
  try {
    const real = realpathSync(path);
    const isInside = roots.some((root) => {
      const folder = realpathSync(root);
      return real === folder || real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
    });
    const stat = statSync(real);
    return isInside && (stat.isFile() || stat.isDirectory()) ? real : undefined;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
