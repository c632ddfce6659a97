import type { SecretFinding } from "../model/findings/secret.ts";
import type { Report } from "../model/reports/report.ts";
import { layerName, pathText } from "./place-text.ts";
import { printable } from "./terminal-text.ts";

/** `/app/.env:3, your layer 4 of 6`, or the part of the image's configuration. Printable. */
export function secretPlace(
  { path, line, layer: index, deleted }: SecretFinding,
  report: Pick<Report, "layers" | "target">,
): string {
  const layer = report.layers.find((each) => each.index === index);
  if (!layer && report.layers.length > 0) return `image configuration, ${printable(path)}`;
  const place = `${pathText(path, report)}:${line}`;
  if (!layer) return place;
  const removed = deleted ? "; a later layer removes or replaces the file, but it is still in the image" : "";
  return `${place}, ${layerName(layer, report)}${removed}`;
}
