import type { ChannelFix, Finding, FindingPackage, FixStatus, Severity } from "../model/findings/finding.ts";
import type { PackageType } from "../model/packages/package.ts";
import type { Contents, Layer, Report } from "../model/reports/report.ts";
import { compareText } from "../model/text/compare-text.ts";
import { compareVersions } from "../versions/ecosystems.ts";

/**
 * The severities in the order in which they need attention. Unknown severity ranks between high and medium:
 * `docs/decisions/0065-order-of-actions.md`.
 */
export const severities: readonly Severity[] = ["critical", "high", "unknown", "medium", "low", "negligible"];

/** The origin of a package: the base image, the layers on top of it, or unknown. */
export type Origin = "base" | "own" | "unknown";

/**
 * The findings that one action answers: those of a package that an upgrade fixes, or those that stay open after it; of
 * several packages that were built and fixed together.
 */
export interface PackageGroup {
  readonly type: PackageType;
  /** Sorted; several when packages of one version have the same findings, like the packages of one source package. */
  readonly names: readonly string[];
  /** A key for each package; all groups of one package have the same key. */
  readonly packageKeys: readonly string[];
  readonly version: string;
  /** Where any of `findings` is. */
  readonly paths: readonly string[];
  readonly layer: Layer | undefined;
  readonly origin: Origin;
  /** The version that fixes all of `findings`; undefined when no version is known to fix any of them. */
  readonly upgradeTo: string | undefined;
  /** The version of the upgrade after which `findings` stay open; undefined when the package has no upgrade. */
  readonly openAfter: string | undefined;
  /** A fix that only a channel brings, when there is nothing to upgrade to. */
  readonly channelFix: ChannelFix | undefined;
  /** The publisher's status of the fix, without an upgrade: the most final one of `findings`. */
  readonly status: FixStatus;
  /**
   * Worst first, at equal severity those that are known to be exploited. One package's worth: the members of a group
   * have the same.
   */
  readonly findings: readonly Finding[];
}

/**
 * The findings of a report, grouped by package and action, in the order of `docs/decisions/0065-order-of-actions.md`:
 * upgrades that fix a vulnerability known to be exploited, then by the worst severity of the group; at equal severity
 * what is exploited, then what has an upgrade.
 */
export function groupByPackage(report: Report): readonly PackageGroup[] {
  const modules = modulesByPath(report);
  const byPackage = Map.groupBy(report.findings, ({ package: found }) => {
    const { paths } = (found.type === "golang" && modules.get(pathKey(found, found.paths[0]))) || found;
    return JSON.stringify([found.type, found.name, found.version, found.layer, paths]);
  });
  const layers = new Map(report.layers.map((layer) => [layer.index, layer]));
  const groups = [...byPackage].flatMap(([key, findings]) =>
    byAction(findings.toSorted(byWeight)).map((action) => groupOf(action, { key, layers, report })),
  );
  const together = Map.groupBy(groups, (group) =>
    JSON.stringify([
      ...[group.type, group.version, group.upgradeTo, group.openAfter, group.channelFix, group.status],
      ...[group.layer?.index, group.paths],
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

/** The findings of one package that one action answers. */
interface ActionFindings {
  readonly findings: readonly Finding[];
  readonly upgradeTo: string | undefined;
  readonly openAfter: string | undefined;
}

/**
 * Splits the findings of one package by what fixes them: the upgrade to the highest fixed version, then what stays open
 * after it. Fixed versions that cannot be compared with each other are upgrades of their own.
 */
function byAction(findings: readonly Finding[]): readonly ActionFindings[] {
  const actions: ActionFindings[] = [];
  let left = findings;
  let openAfter: string | undefined;
  while (left.length > 0) {
    const upgradeTo = highestFix(left);
    if (upgradeTo === undefined) return [...actions, { findings: left, upgradeTo, openAfter }];
    actions.push({
      findings: left.filter((finding) => isFixedBy(finding, upgradeTo)),
      upgradeTo,
      openAfter: undefined,
    });
    left = left.filter((finding) => !isFixedBy(finding, upgradeTo));
    openAfter ??= upgradeTo;
  }
  return actions;
}

function groupOf(
  { findings, upgradeTo, openAfter }: ActionFindings,
  {
    key,
    layers,
    report,
  }: { readonly key: string; readonly layers: ReadonlyMap<number, Layer>; readonly report: Report },
): PackageGroup {
  const first = findings[0];
  if (!first) throw new RangeError("a group has at least one finding");
  const found = first.package;
  const layer = found.layer === null ? undefined : layers.get(found.layer);
  return {
    type: found.type,
    names: [found.name],
    packageKeys: [key],
    version: found.version,
    paths: pathsOf(findings),
    layer,
    origin: originOf(layer, report),
    upgradeTo,
    openAfter,
    channelFix: upgradeTo === undefined ? findings.find(({ channelFix }) => channelFix)?.channelFix : undefined,
    status: finality.find((status) => findings.some((finding) => finding.status === status)) ?? "affected",
    findings,
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

/** The origin of a layer. It is unknown when no layer is known to be of a base image. */
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

function isFixedBy({ fixedIn, evidence }: Finding, version: string): boolean {
  if (fixedIn === undefined) return false;
  const order = compareVersions(evidence[0]?.ecosystem ?? "", fixedIn, version);
  return fixedIn === version || order === -1 || order === 0;
}

function merge(groups: readonly PackageGroup[]): PackageGroup {
  const first = groups[0];
  if (!first) throw new RangeError("a group has at least one package");
  return {
    ...first,
    names: groups.flatMap(({ names }) => names).toSorted(compareText),
    packageKeys: groups.flatMap(({ packageKeys }) => packageKeys),
  };
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

/** True for an upgrade that fixes a vulnerability that is known to be exploited. */
function endsExploitation({ upgradeTo, findings }: PackageGroup): boolean {
  return upgradeTo !== undefined && findings.some(isExploited);
}

function byUrgency(a: PackageGroup, b: PackageGroup): number {
  return (
    Number(endsExploitation(b)) - Number(endsExploitation(a)) ||
    weight(a.findings[0]) - weight(b.findings[0]) ||
    Number(b.findings.some(isExploited)) - Number(a.findings.some(isExploited)) ||
    Number(a.upgradeTo === undefined) - Number(b.upgradeTo === undefined) ||
    Number(a.origin === "base") - Number(b.origin === "base") ||
    b.findings.length - a.findings.length ||
    compareText(a.names[0] ?? "", b.names[0] ?? "") ||
    compareText(a.version, b.version)
  );
}
