import type { Target } from "../../../model/reports/report.ts";
import { isFolder } from "../../../model/reports/target-form.ts";

/**
 * A path as a URI reference: relative to the repository where the path is, or `file:///…`. A path without characters
 * becomes `.`; invalid UTF-16 becomes U+FFFD.
 */
export function artifactUri(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/");
  const encoded = parts.map((part) => encodeURIComponent(part.toWellFormed())).join("/");
  if (encoded.startsWith("/")) return `file://${encoded}`;
  return encoded === "" ? "." : encoded;
}

/**
 * The path of a file in a target, from the folder where the scan was run: that of a file in a scanned folder is below
 * the folder's name, a file that was scanned is itself, and a file in an image is where the container has it.
 */
export function pathInTarget({ kind, name }: Pick<Target, "kind" | "name">, path: string | undefined): string {
  if (kind === "file" || kind === "sbom") return withoutDot(name);
  if (isFolder(kind)) return withoutDot(path === undefined ? name : `${name}/${path}`);
  return path ?? name;
}

function withoutDot(path: string): string {
  const parts = path.split("/");
  return parts.filter((part, index) => part !== "." && (part !== "" || index === 0)).join("/");
}
