import { compareText } from "../model/compare-text.ts";
import type { ChannelFix, Finding, FindingPackage, FixStatus, Severity } from "../model/finding.ts";
import type { PackageType } from "../model/package.ts";
import type { Contents, Layer, Report } from "../model/report.ts";
import { compareVersions } from "../versions/ecosystems.ts";

/** The severities, worst first. */
export const severities: readonly Severity[] = ["critical", "high", "medium", "low", "negligible", "unknown"];

/** Whose a package is: brought by the base image, by the layers on top of it, or nobody can tell. */
export type Origin = "base" | "own" | "unknown";

/** The findings that one action answers: those of a package, or of several that were built and fixed together. */
export interface PackageGroup {
  readonly type: PackageType;
  /** Sorted; several when packages of one version have the same findings, like the packages of one source package. */
  readonly names: readonly string[];
  readonly version: string;
  /** Where any of `findings` is. */
  readonly paths: readonly string[];
  readonly layer: Layer | undefined;
  readonly origin: Origin;
  /** The version that has the known fixes; undefined when there is none to upgrade to. */
  readonly upgradeTo: string | undefined;
  /** A fix that only a channel brings, when there is nothing to upgrade to. */
  readonly channelFix: ChannelFix | undefined;
  /** What the publisher says, when there is nothing to upgrade to: the most final of its words. */
  readonly status: FixStatus;
  /**
   * Worst first, at equal severity those that are known to be exploited. One package's worth: the members of a group
   * have the same.
   */
  readonly findings: readonly Finding[];
  /** How many of `findings` the upgrade answers. */
  readonly fixable: number;
}

/**
 * The findings of a report, grouped by package, worst first; at equal severity what is exploited, then what can be
 * upgraded.
 */
export function groupByPackage(report: Report): readonly PackageGroup[] {
  const modules = modulesByPath(report);
  const byPackage = Map.groupBy(report.findings, ({ package: found }) => {
    const { paths } = (found.type === "golang" && modules.get(pathKey(found, found.paths[0]))) || found;
    return JSON.stringify([found.type, found.name, found.version, found.layer, paths]);
  });
  const layers = new Map(report.layers.map((layer) => [layer.index, layer]));
  const groups = [...byPackage.values()].map((findings) => groupOf(findings.toSorted(byWeight), { layers, report }));
  const together = Map.groupBy(groups, (group) =>
    JSON.stringify([
      ...[group.type, group.version, group.upgradeTo, group.channelFix, group.status, group.layer?.index, group.paths],
      ...group.findings.map(({ id, severity }) => [id, severity]),
    ]),
  );
  return [...together.values()].map(merge).toSorted(byUrgency);
}

/** The Go modules in several programs, of whose paths a finding may have a part. */
function modulesByPath({ packages }: Report): ReadonlyMap<string, FindingPackage> {
  const modules = new Map<string, FindingPackage>();
  for (const found of packages) {
    if (found.type !== "golang" || found.paths.length < 2) continue;
    for (const path of found.paths) modules.set(pathKey(found, path), found);
  }
  return modules;
}

function pathKey({ type, name, version, layer }: FindingPackage, path: string | undefined): string {
  return JSON.stringify([type, name, version, layer, path]);
}

/** The paths of all. */
function pathsOf(findings: readonly Finding[]): readonly string[] {
  const [first = [], ...others] = new Set(findings.map(({ package: found }) => found.paths));
  if (others.length === 0) return first;
  const all = new Set([...first, ...others.flat()]);
  return all.size === first.length ? first : [...all].sort();
}

function groupOf(
  findings: readonly Finding[],
  { layers, report }: { readonly layers: ReadonlyMap<number, Layer>; readonly report: Report },
): PackageGroup {
  const first = findings[0];
  if (!first) throw new RangeError("a group has at least one finding");
  const found = first.package;
  const layer = found.layer === null ? undefined : layers.get(found.layer);
  const upgradeTo = highestFix(findings);
  return {
    type: found.type,
    names: [found.name],
    version: found.version,
    paths: pathsOf(findings),
    layer,
    origin: originOf(layer, report),
    upgradeTo,
    channelFix: upgradeTo === undefined ? findings.find(({ channelFix }) => channelFix)?.channelFix : undefined,
    status: finality.find((status) => findings.some((finding) => finding.status === status)) ?? "affected",
    findings,
    fixable: findings.filter((finding) => isFixedBy(finding, upgradeTo)).length,
  };
}

const finality: readonly FixStatus[] = [
  "end-of-life",
  "will-not-fix",
  "fix-deferred",
  "under-investigation",
  "affected",
  "fixed",
];

/** Whose a layer is. Nobody can tell when no layer is known to be of a base image. */
export function originOf(layer: Layer | undefined, { layers }: Pick<Contents, "layers">): Origin {
  if (!layer) return "unknown";
  if (layer.base) return "base";
  return layers.some(({ base }) => base) ? "own" : "unknown";
}

/** The highest fixed version; where two cannot be compared, the one that fixes the worse finding. */
function highestFix(findings: readonly Finding[]): string | undefined {
  let highest: string | undefined;
  for (const { fixedIn, evidence } of findings) {
    if (fixedIn === undefined) continue;
    if (highest === undefined || compareVersions(evidence[0]?.ecosystem ?? "", fixedIn, highest) === 1)
      highest = fixedIn;
  }
  return highest;
}

function isFixedBy({ fixedIn, evidence }: Finding, version: string | undefined): boolean {
  if (fixedIn === undefined || version === undefined) return false;
  const order = compareVersions(evidence[0]?.ecosystem ?? "", fixedIn, version);
  return fixedIn === version || order === -1 || order === 0;
}

function merge(groups: readonly PackageGroup[]): PackageGroup {
  const first = groups[0];
  if (!first) throw new RangeError("a group has at least one package");
  return { ...first, names: groups.flatMap(({ names }) => names).toSorted(compareText) };
}

/** Whether it is in the catalogue of known exploited vulnerabilities. */
export function isExploited({ facts }: Finding): boolean {
  return facts?.knownExploited !== undefined;
}

function weight(finding: Finding | undefined): number {
  return finding ? severities.indexOf(finding.severity) : severities.length;
}

function byWeight(a: Finding, b: Finding): number {
  return (
    weight(a) - weight(b) ||
    Number(isExploited(b)) - Number(isExploited(a)) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    compareText(a.id, b.id)
  );
}

function byUrgency(a: PackageGroup, b: PackageGroup): number {
  return (
    weight(a.findings[0]) - weight(b.findings[0]) ||
    Number(b.findings.some(isExploited)) - Number(a.findings.some(isExploited)) ||
    Number(a.upgradeTo === undefined) - Number(b.upgradeTo === undefined) ||
    Number(a.origin === "base") - Number(b.origin === "base") ||
    b.findings.length - a.findings.length ||
    compareText(a.names[0] ?? "", b.names[0] ?? "") ||
    compareText(a.version, b.version)
  );
}
