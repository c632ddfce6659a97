import type { DeclaredPlace } from "../model/packages/package.ts";
import type { Contents, Layer } from "../model/reports/report.ts";
import { isImage } from "../model/reports/target-form.ts";
import { originOf } from "./package-groups.ts";
import { printable } from "./terminal-text.ts";

/** `your layer 4 of 6`, `base image, layer 1 of 6`, or `layer 1 of 6` when the image does not show whose it is. */
export function layerName(layer: Layer, report: Pick<Contents, "layers">): string {
  const place = `layer ${layer.index + 1} of ${report.layers.length}`;
  const origin = originOf(layer, report);
  return origin === "base" ? `base image, ${place}` : origin === "own" ? `your ${place}` : place;
}

/** A path as it is inside a container, or from the folder that was scanned; printable. */
export function pathText(path: string, { target }: Pick<Contents, "target">): string {
  return `${isImage(target.kind) ? "/" : ""}${printable(path)}`;
}

/** A path with the line of the lock file on which the package stands. */
export function declaredPath(path: string, declaration: DeclaredPlace | undefined): string {
  return declaration?.line === undefined || declaration.path !== path ? path : `${path}:${declaration.line}`;
}

/**
 * Why the project has a package: `direct dependency`, or `required by express@4.17.1 → qs@6.7.0` with the direct one
 * first. Printable; undefined when the file does not tell.
 */
export function dependencyText({ via, relation, development }: DeclaredPlace): string | undefined {
  const kind = development ? "development dependency" : "dependency";
  if (via) return `${development ? `${kind}, ` : ""}required by ${via.map(printable).join(" → ")}`;
  return relation === undefined ? undefined : `${relation} ${kind}`;
}

/**
 * The instruction that made a layer as one would write it in a Dockerfile: without the shell, the build arguments and
 * the marks that builders leave in an image's history. Printable; undefined when the history does not say.
 */
export function instruction(layer: Layer): string | undefined {
  const text = (layer.createdBy ?? "")
    .slice(0, 4000)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/ ?# buildkit$/, "")
    .replace(/^(RUN )?\|\d+ .*?\/bin\/sh -c /, "RUN ")
    .replace(/^\/bin\/sh -c #\(nop\) +/, "")
    .replace(/^(RUN )?\/bin\/sh -c /, "RUN ");
  return text === "" ? undefined : printable(text);
}
