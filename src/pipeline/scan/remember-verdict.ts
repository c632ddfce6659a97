import { extractors } from "../../extractors/builtin.ts";
import { unreadFormats } from "../../extractors/unread-formats.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Finding, Severity } from "../../model/findings/finding.ts";
import type { Workload, WorkloadScan } from "../../model/images/workload.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import { isSamePlatform, parsePlatform } from "../../model/packages/platform.ts";
import { parseReference } from "../../model/packages/reference.ts";
import type { Report, TargetKind } from "../../model/reports/report.ts";
import type { Verdict } from "../../model/reports/verdict.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { isThresholdOnly, type Policy, policyOf } from "../../policy/file/policy.ts";
import type { PolicyContext } from "../../policy/rules/finding-facts.ts";
import { judgeFindings, type PolicyResults } from "../../policy/rules/judge-findings.ts";
import { environments } from "../../policy/rules/policy-rule.ts";
import { judge, thresholds } from "../../policy/threshold.ts";
import { type VerdictRecord, VerdictStore } from "../../store/verdict-store.ts";
import { type DatabaseAgeLimits, daysOfOldSeverities } from "../database/database-age.ts";
import { imageNames, type PolicyOptions, verdictKey } from "./policy-of-run.ts";
import { stateOnDay } from "./state-on-day.ts";

/** Engines that hold the layers of an image against its config before they run it. */
const provingEngines: ReadonlySet<TargetKind> = new Set(["docker", "podman", "containers-storage"]);

/**
 * Whether the layers are known to be those of the config by which the image is called. A manifest may name the config
 * of another image beside layers of its own, and what runs by that name is the other one.
 */
function provesConfig({ target, layers }: Pick<Report, "target" | "layers">): boolean {
  if (provingEngines.has(target.kind)) return true;
  return (
    layers.length > 0 &&
    layers.every(({ digest = null, diffId }) => diffId !== undefined && (digest ?? diffId) === diffId)
  );
}

/** Where a verdict is remembered, and what it was made from. */
export interface RememberOptions {
  /** The cache folder; without it nothing is remembered. */
  readonly cache?: string;
  readonly results: PolicyResults;
  readonly policy: Policy;
  readonly context: PolicyContext;
  /** Further digests of the same image. */
  readonly alsoKnownAs?: readonly string[];
  /**
   * The platform for which the further digests stand for it: of an index the one by which it lists the image, which its
   * config need not tell. Without it as the report says.
   */
  readonly platform?: string | undefined;
}

const noThreshold = "none";

/**
 * Remembers the verdict on an image for `ps`, for every threshold, and for the policy in every environment. Only an
 * image of which every layer was compared with its digest is remembered: an archive or an SBOM may lie about what it
 * holds, and what runs under that digest is another thing. By its config's digest it counts for what goes by the same
 * repository, unless the layers are known to be that config's.
 */
export function rememberVerdict(report: Report, options: RememberOptions): void {
  const { cache, results, alsoKnownAs = [], platform: listed } = options;
  const { imageId, manifestDigest, name, platform, attachedSbom } = report.target;
  if (attachedSbom) return;
  if (cache === undefined || imageId === undefined || !report.layers.every(({ verified }) => verified)) return;
  const record: VerdictRecord = {
    name,
    ...(platform !== undefined && { platform }),
    scannedAt: report.createdAt,
    revision: answerRevision,
    database: { kind: report.database.kind, builtAt: report.database.builtAt },
    distro: report.packages.some(({ type }) => isDistributionType(type)) ? report.distro : null,
    findings: countBySeverity(results.findings),
    problems: results.problems.length,
    verdicts: Object.fromEntries([
      ...[undefined, ...thresholds].map((threshold) => [threshold ?? noThreshold, judge(results, threshold)] as const),
      ...verdictsByRules(options),
    ]),
  };
  const store = new VerdictStore(cache);
  if (manifestDigest !== undefined) store.set([manifestDigest], record);
  if (provesConfig(report)) store.set([imageId], record);
  else {
    // The name of a file says nothing.
    const believedOf = isNamedAsInRegistries(report.target) ? repositoryOf(name) : undefined;
    if (believedOf !== undefined) store.set([imageId], { ...record, believedOf });
  }
  const others = alsoKnownAs.filter((digest) => digest !== imageId && digest !== manifestDigest);
  store.set(others, ofIndex(record, listed));
}

function verdictsByRules({ results, policy, context }: RememberOptions): readonly (readonly [string, Verdict])[] {
  if (isThresholdOnly(policy)) return [];
  return environments.map((environment) => {
    const there = { ...context, environment };
    return [verdictKey(policy, there), judgeFindings(results, { policy, context: there })];
  });
}

function isNamedAsInRegistries({ kind }: Report["target"]): boolean {
  return kind === "registry" || kind === "containerd";
}

/** As a registry names it; undefined for what is not a reference of an image. */
function repositoryOf(name: string): string | undefined {
  const { registry, repository } = parseReference(name) ?? {};
  return registry === undefined ? undefined : `${registry}/${repository}`;
}

/** The image for which further digests are remembered. */
export interface RememberUnderOptions extends Pick<RememberOptions, "cache" | "platform"> {
  readonly manifestDigest: string;
}

/** Remembers what is known of an image under further digests that stand for it too. */
export function rememberUnder(
  digests: readonly string[],
  { cache, manifestDigest, platform }: RememberUnderOptions,
): void {
  const others = digests.filter((digest) => digest !== manifestDigest);
  if (cache === undefined || others.length === 0) return;
  const store = new VerdictStore(cache);
  const record = store.get(manifestDigest).find(({ isOfIndex }) => !isOfIndex);
  if (record) store.set(others, ofIndex(record, platform));
}

function ofIndex(record: VerdictRecord, platform: string | undefined): VerdictRecord {
  return { ...record, ...(platform !== undefined && { platform }), isOfIndex: true };
}

/** What verdicts are recalled with. */
export interface RecallOptions extends Omit<PolicyOptions, "imageName"> {
  /** The cache folder. */
  readonly cache?: string;
  /** The advisories of today. */
  readonly index: AdvisoryIndex;
  readonly now: Date;
  /** When severities count as old. */
  readonly databaseAge?: DatabaseAgeLimits | undefined;
}

/**
 * What a scan of the image that a workload runs said; undefined when there was none, or when several images go by the
 * digest and the workload's platform is not known. A scan that is not stale is preferred.
 */
export function recallVerdict(workload: Workload, options: RecallOptions): WorkloadScan | undefined {
  const { cache } = options;
  if (cache === undefined) return undefined;
  const store = new VerdictStore(cache);
  const digests = [workload.imageId, workload.manifestDigest, workload.digest].filter((digest) => digest !== undefined);
  const repository = repositoryOf(workload.image);
  const scans = digests.flatMap((digest) => {
    const believed = store.get(digest).filter(({ believedOf = repository }) => believedOf === repository);
    const record = chooseRecord(believed, workload.platform);
    return record ? scanOf(record, { ...options, imageName: workload.image }) : [];
  });
  return scans.find(({ stale }) => stale === undefined) ?? scans[0];
}

/** What an answer depends on besides the image and the advisories. */
export const answerRevision: string = JSON.stringify([
  toolVersion,
  extractors.map(({ id, revision }) => [id, revision]),
  unreadFormats.map(({ packagesOf, kind }) => [packagesOf, kind]),
]);

function chooseRecord(records: readonly VerdictRecord[], text: string | undefined): VerdictRecord | undefined {
  const wanted = text === undefined ? undefined : parsePlatform(text);
  const fitting = records.filter(({ platform, isOfIndex }) => {
    if (wanted === undefined && isOfIndex) return false;
    const theirs = platform === undefined ? undefined : parsePlatform(platform);
    return wanted === undefined || theirs === undefined || isSamePlatform(wanted, theirs);
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

function scanOf(record: VerdictRecord, options: RecallOptions & PolicyOptions): WorkloadScan[] {
  const verdict = record.verdicts[keyOf(options)];
  if (!verdict) return [];
  const stale = staleness(record, options);
  return [
    {
      scannedAt: record.scannedAt,
      database: record.database,
      findings: record.findings,
      problems: record.problems,
      verdict,
      ...(stale && { stale }),
    },
  ];
}

function keyOf({ environment = "build", imageName = "", now, ...options }: RecallOptions & PolicyOptions): string {
  const policy = policyOf(options);
  if (isThresholdOnly(policy)) return policy.failOn ?? noThreshold;
  return verdictKey(policy, { environment, images: imageNames(imageName), now, layers: [], feeds: [] });
}

function staleness(record: VerdictRecord, options: RecallOptions): WorkloadScan["stale"] {
  if (record.revision !== answerRevision) return "program";
  const { kind, builtAt } = record.database;
  const today = options.index.status;
  if (kind !== today.kind || Date.parse(builtAt) < Date.parse(today.builtAt)) return "database";
  const said = dayStateOf(record, options);
  return said(new Date(record.scannedAt)) === said(options.now) ? undefined : "day";
}

/** With the feeds of all ecosystems: which of them the image needs is not remembered, and they rarely stand still. */
function dayStateOf({ distro }: VerdictRecord, { index, databaseAge: limits }: RecallOptions): (day: Date) => string {
  const ecosystems = index.status.ecosystems.map(({ ecosystem }) => ecosystem);
  return (now) => {
    const areSeveritiesOld = daysOfOldSeverities(index.status, { now, limits }) !== undefined;
    return `${areSeveritiesOld} ${stateOnDay({ distro, ecosystems, index }, now)}`;
  };
}

/** How many findings there are of each severity that occurs. */
export function countBySeverity(findings: readonly Pick<Finding, "severity">[]): Partial<Record<Severity, number>> {
  const groups = Map.groupBy(findings, ({ severity }) => severity);
  return Object.fromEntries([...groups].map(([severity, all]) => [severity, all.length]));
}
