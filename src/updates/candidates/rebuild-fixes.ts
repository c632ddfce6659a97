import type { Finding } from "../../model/findings/finding.ts";
import type { Report } from "../../model/reports/report.ts";

/**
 * The findings of an image that a rebuild on its newer base would fix: the package is from the layers of the base, as
 * far as the history shows them, and the newer base has the package without the finding, or no longer has it.
 */
export function rebuildFixes(image: Report, base: Report): readonly Finding[] {
  const baseLayers = new Set(image.layers.flatMap(({ base: isBase, index }) => (isBase ? [index] : [])));
  const packages = new Set(base.packages.map(({ type, name }) => `${type}\0${name}`));
  const findings = new Set(base.findings.map(keyOf));
  return image.findings.filter((finding) => {
    if (findings.has(keyOf(finding))) return false;
    const { layer, type, name } = finding.package;
    const isOfBase = layer !== null && baseLayers.has(layer);
    return isOfBase || (baseLayers.size === 0 && packages.has(`${type}\0${name}`));
  });
}

function keyOf({ id, package: { type, name } }: Finding): string {
  return `${id}\0${type}\0${name}`;
}
