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
