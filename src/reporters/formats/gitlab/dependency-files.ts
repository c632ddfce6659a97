import type { Package } from "../../../model/packages/package.ts";
import type { Target } from "../../../model/reports/report.ts";
import { isFolder } from "../../../model/reports/target-form.ts";
import { shortened } from "./vulnerability.ts";

/**
 * The file of a package from the root of the repository: below a folder that was scanned by a relative name, or the
 * scanned file itself. If the folder was scanned by an absolute name, the path starts at that folder.
 */
export function filePath({ kind, name }: Target, path: string | undefined): string {
  const whole = !isFolder(kind) ? name : path === undefined ? name : name.startsWith("/") ? path : `${name}/${path}`;
  const parts = whole.split("/").filter((part, index) => part !== "." && (part !== "" || index === 0));
  return shortened(parts.join("/"), 1024) || ".";
}

/** The packages of each file and type. */
export function* dependencyFiles(target: Target, packages: readonly Package[]): Generator<object> {
  const files = new Map<string, { path: string; type: string; packages: Package[] }>();
  for (const found of packages) {
    const path = filePath(target, found.paths[0]);
    const key = `${found.type} ${path}`;
    const known = files.get(key);
    if (known) known.packages.push(found);
    else files.set(key, { path, type: found.type, packages: [found] });
  }
  for (const { path, type, packages: inFile } of files.values()) {
    yield {
      path,
      package_manager: type,
      dependencies: inFile.map(({ name, version }) => ({
        package: { name: shortened(name, 255) },
        version: shortened(version, 255),
      })),
    };
  }
}
