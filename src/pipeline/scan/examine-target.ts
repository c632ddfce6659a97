import { join } from "node:path";
import type { Extractor } from "../../extractors/extractor.ts";
import { PlimsollError } from "../../model/error.ts";
import type { FileFinding } from "../../model/findings/file-finding.ts";
import type { MalwareFinding } from "../../model/findings/malware.ts";
import type { SecretFinding } from "../../model/findings/secret.ts";
import type { Package, PackageOwner } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { Contents } from "../../model/reports/report.ts";
import { isFolder } from "../../model/reports/target-form.ts";
import type { Scanner } from "../../model/scanner.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";
import { readSbom } from "../../sources/sbom/read-sbom.ts";
import type { SbomContents } from "../../sources/sbom/sbom-collector.ts";
import { type ContentSearch, noContentSearch } from "../inventory/content-search.ts";
import { contentExtractors, imageExtractors } from "../inventory/image-extractors.ts";
import { type Inventory, inventory, type SharedInventories } from "../inventory/inventory.ts";
import { InventoryCache } from "../inventory/inventory-cache.ts";
import { isBuiltByDistribution } from "../inventory/is-built-by-distribution.ts";
import type { LayerWorkers } from "../inventory/layer-workers.ts";
import { namesOfImage } from "../inventory/name-budget.ts";
import { type OpenSbom, type OpenTargetOptions, type OpenTree, openTarget } from "../targets/open-target.ts";
import type { GitAccess } from "./history-secrets.ts";
import { joinCopies } from "./join-copies.ts";
import { layersOnlyInConfig } from "./layers-only-in-config.ts";
import { openElsewhere } from "./open-elsewhere.ts";

/** How far the work on a target is. */
export interface TargetProgress {
  readonly stage: "opening" | "reading" | "matching";
  /** Stored bytes that were read, and how many there are; both 0 when unknown. */
  readonly done: number;
  readonly total: number;
}

/** What a target is examined with. */
export interface ExamineOptions extends Omit<OpenTargetOptions, "isKnownLayer"> {
  /** Where inventories of layers are kept; without it nothing is kept. */
  readonly cache?: string;
  /** Known layers in a run over several targets; it is used in place of `cache`. */
  readonly shared?: SharedInventories;
  /** The present. */
  readonly now: Date;
  /** Vulnerabilities alone when absent. */
  readonly scanners?: readonly Scanner[] | undefined;
  /** YARA files, and folders of them, beside the rules that are built in. */
  readonly malwareRules?: readonly string[] | undefined;
  /** Files with the digests of malicious files. */
  readonly malwareHashes?: readonly string[] | undefined;
  /** A clamd that scans every file for malware too: `auto`, the path of its socket, or `HOST:PORT`. */
  readonly clamd?: string | undefined;
  /** Packages that only development needs count too. */
  readonly includeDevelopment?: boolean | undefined;
  /** The Git history of a folder is searched for secrets too. */
  readonly gitHistory?: GitAccess | undefined;
  readonly progress?: (progress: TargetProgress) => void;
}

type Found = Pick<
  Contents,
  | "distro"
  | "layers"
  | "packages"
  | "unread"
  | "developmentLeftOut"
  | "secrets"
  | "malware"
  | "malwareEngines"
  | "problems"
>;

/**
 * Opens a target and takes stock of it: which packages are inside, from where, and what could not be examined. An image
 * of which containerd has discarded layers is read there as long as they are known and need not be walked once more,
 * else elsewhere, as {@link openElsewhere} tells.
 *
 * Errors: those of {@link openTarget}, `sbom-malformed`, `cancelled`.
 */
export async function examineTarget(text: string, given: ExamineOptions): Promise<Contents> {
  checkSignal(given.signal);
  given.progress?.({ stage: "opening", done: 0, total: 0 });
  const search = await contentSearchOf(given);
  const options = search.malware?.clamd ? withoutCache(given) : given;
  const cache = new InventoryCache(options.cache, await imageExtractors(search));
  using target = await openTarget(text, { ...options, isKnownLayer: (digest) => cache.get(digest) !== undefined });
  try {
    // Awaited here: the target must stay open until it was examined.
    return await examineOpen(target, options, search);
  } catch (error) {
    if (!(error instanceof DiscardedLayersError) || target.form === "sbom") throw error;
    using other = await openElsewhere(target, text, options);
    return await examineOpen(other, options, search);
  }
}

/** A clamd does not tell when signatures of the user's own have changed, so what it found before says nothing. */
function withoutCache({ cache, ...options }: ExamineOptions): ExamineOptions {
  return options;
}

/** Takes stock of an open target. Errors: `sbom-malformed`, `cancelled`. */
export async function examineOpen(
  target: OpenTree | OpenSbom,
  options: ExamineOptions,
  search: ContentSearch = noContentSearch,
): Promise<Contents> {
  const found = target.form === "sbom" ? readListed(target, options) : await readTree(target, { ...options, search });
  return {
    tool: { name: "plimsoll", version: toolVersion },
    createdAt: options.now.toISOString(),
    target: target.target,
    ...found,
  };
}

/** Error: `cancelled` when the signal is aborted. */
export function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
}

/** Those that search files. */
const contentScanners = ["secrets", "malware"] as const satisfies readonly Scanner[];

function readListed(target: OpenSbom, { signal, scanners = [] }: ExamineOptions): Found {
  const problems: Problem[] = contentScanners
    .filter((scanner) => scanners.includes(scanner))
    .map((scanner) => ({ code: "not-examined", message: `an SBOM has no files, so ${scanner} cannot be looked for` }));
  const sbom = readSbom(target.bytes, { signal, problem: (problem) => void problems.push(problem) });
  const packages = joinCopies(withOwnersThatCount(sbom));
  return { distro: sbom.distribution, packages, problems, layers: [] };
}

/**
 * As in all other targets, an owner that the distribution did not build does not count: no feed of the distribution
 * covers it.
 */
function withOwnersThatCount({ packages, distribution }: SbomContents): readonly Package[] {
  const counts = new Map<string, boolean>();
  const keyOf = ({ type, name }: PackageOwner) => `${type} ${name}`;
  for (const found of packages) {
    if (!isDistributionType(found.type)) continue;
    counts.set(keyOf(found), counts.get(keyOf(found)) === true || isBuiltByDistribution(found, distribution));
  }
  return packages.map((found) => {
    const { ownedBy, ...unowned } = found;
    return ownedBy && counts.get(keyOf(ownedBy)) === false ? unowned : found;
  });
}

interface TreeOptions extends ExamineOptions {
  readonly search: ContentSearch;
}

async function readTree(target: OpenTree, options: TreeOptions): Promise<Found> {
  const total = target.layers.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const isRepository = target.target.kind === "repo";
  const extractors = await extractorsFor(target, options);
  const taken = await inventory(target.trees, {
    extractors,
    isRepository,
    cache: new InventoryCache(options.cache, extractors),
    shared: options.shared,
    startWorkers: () => startWorkers(options),
    signal: options.signal,
    progress(bytes) {
      done += bytes;
      options.progress?.({ stage: "reading", done, total });
    },
  });
  const inFiles = await fileFindingsOf(target, { inFiles: taken.inFiles, search: options.search });
  const history = await historyOf(target, { present: inFiles.secrets ?? [], options });
  const packages = options.includeDevelopment
    ? taken.packages
    : taken.packages.filter(({ declaration }) => !declaration?.development);
  const developmentLeftOut = taken.packages.length - packages.length;
  const isFolder = target.layers.length === 0;
  return {
    distro: taken.distribution,
    layers: target.layers.map((layer, index) => {
      const verified = taken.verified[index] ?? false;
      return { ...layer, verified, ...(taken.inPart[index] && { inPart: true }) };
    }),
    packages: isFolder ? packages.map((found) => ({ ...found, layer: null })) : packages,
    ...(developmentLeftOut > 0 && { developmentLeftOut }),
    ...(taken.unread.length > 0 && { unread: taken.unread }),
    ...inFiles,
    ...(inFiles.secrets && { secrets: [...inFiles.secrets, ...history.secrets] }),
    problems: [
      ...passedOverPlaces(target),
      ...unexaminedImages(target),
      ...layersOnlyInConfig(target),
      ...unverifiableLayers(target, options),
      ...layersReadInPart(target, taken),
      ...taken.problems,
      ...history.problems,
      ...(options.search.malware?.problems ?? []),
      ...outdatedSignatures(options),
    ],
  };
}

async function contentSearchOf({
  scanners = [],
  malwareHashes = [],
  malwareRules = [],
  clamd,
}: ExamineOptions): Promise<ContentSearch> {
  const secrets = scanners.includes("secrets");
  if (!scanners.includes("malware")) return secrets ? { secrets } : noContentSearch;
  const { loadMalwareSearch } = await import("../malware/load-malware-search.ts");
  return { secrets, malware: await loadMalwareSearch({ rules: malwareRules, hashLists: malwareHashes, clamd }) };
}

async function extractorsFor({ extractors, target }: OpenTree, { search }: TreeOptions): Promise<readonly Extractor[]> {
  if (!extractors) return imageExtractors(search);
  return [...extractors, ...(await contentExtractors(search, { isRepository: target.kind === "repo" }))];
}

async function fileFindingsOf(
  { config, layers }: OpenTree,
  { inFiles, search }: Pick<Inventory, "inFiles"> & Pick<TreeOptions, "search">,
): Promise<Pick<Contents, "secrets" | "malware" | "malwareEngines">> {
  const found = inFiles.map((one): FileFinding => (layers.length === 0 ? { ...one, layer: null } : one)).sort(byPlace);
  const secrets = found.filter((one): one is SecretFinding => one.kind === "secret");
  const malware = found.filter((one): one is MalwareFinding => one.kind === "malware");
  return {
    ...(search.secrets && { secrets: [...(await secretsOfConfig(config)), ...secrets] }),
    ...(search.malware && { malware, malwareEngines: search.malware.engines }),
  };
}

async function secretsOfConfig(config: OpenTree["config"]): Promise<readonly SecretFinding[]> {
  if (!config) return [];
  const { configSecrets } = await import("./config-secrets.ts");
  return configSecrets(config);
}

async function historyOf(
  { target: { kind, name } }: OpenTree,
  {
    present,
    options: { gitHistory, signal, progress },
  }: { readonly present: readonly SecretFinding[]; readonly options: TreeOptions },
): Promise<{ readonly secrets: readonly SecretFinding[]; readonly problems: readonly Problem[] }> {
  if (!gitHistory) return { secrets: [], problems: [] };
  if (!isFolder(kind)) {
    throw new PlimsollError("usage", `--git-history requires a folder in a Git repository, and ${name} is none`, {
      hint: "Scan the folder, for example: plimsoll scan . --scanners secrets --git-history.",
    });
  }
  const { historySecrets } = await import("./history-secrets.ts");
  return historySecrets({
    ...{ ...gitHistory, folder: name, present, signal },
    progress: (done) => progress?.({ stage: "reading", done, total: 0 }),
  });
}

function byPlace(a: FileFinding, b: FileFinding): number {
  const lineOf = (finding: FileFinding) => (finding.kind === "secret" ? finding.line : 0);
  return (
    (a.layer ?? 0) - (b.layer ?? 0) ||
    compareText(a.path, b.path) ||
    lineOf(a) - lineOf(b) ||
    compareText(a.rule, b.rule)
  );
}

async function startWorkers({ cache, signal, search }: TreeOptions): Promise<LayerWorkers | undefined> {
  const { LayerWorkers, threadCount } = await import("../inventory/layer-workers.ts");
  const count = threadCount();
  return count > 1 ? new LayerWorkers({ folder: cache, names: namesOfImage, count, signal, search }) : undefined;
}

const signaturesAreOutdatedAfter = 7 * 24 * 60 * 60 * 1000;

function outdatedSignatures({ search, now }: TreeOptions): Problem[] {
  return (search.malware?.engines ?? []).flatMap(({ name, builtAt }): Problem[] => {
    if (builtAt === undefined || now.getTime() - Date.parse(builtAt) <= signaturesAreOutdatedAfter) return [];
    const message = `the signatures of ${name} are of ${builtAt.slice(0, 10)}, so newer malware was not looked for`;
    return [{ code: "not-examined", message }];
  });
}

function passedOverPlaces({ passedOver = [], target: { kind, name } }: OpenTree): Problem[] {
  const advice = `another image of this name may be meant; use ${kind}:${name} for this one`;
  return passedOver.map((clause) => ({ code: "not-examined", message: `${clause}, so ${advice}` }));
}

function unexaminedImages({ unexamined, target }: OpenTree): Problem[] {
  if (unexamined.length === 0) return [];
  const names = unexamined.slice(0, 5).join(", ");
  const [count, name] = [unexamined.length, target.name];
  const how = unexamined.every(namesItself) ? "" : `; scan one with ${target.kind}:${name}:NAME`;
  const message = isFolder(target.kind)
    ? `${name} contains ${count === 1 ? "an image that was" : `${count} images that were`} not scanned: ${names}; scan one with ${join(name, "NAME")}, or use ${target.kind}:${name} to scan only the files`
    : `${name} contains ${count === 1 ? "one more image that was" : `${count} more images that were`} not scanned: ${names}${how}`;
  return [{ code: "not-examined", message }];
}

/** Whether the text about an unexamined entry already says how to name it, or the entry cannot be named. */
function namesItself(entry: string): boolean {
  return /^(?:docker|oci)-archive:|manifest\.json/.test(entry);
}

/** The table of contents is the word of whoever made the image: engines that unpack the tar may run other files. */
function layersReadInPart({ trees }: OpenTree, { inPart }: Pick<Inventory, "inPart">): Problem[] {
  return trees
    .filter((_, index) => inPart[index])
    .map(({ name }) => ({
      code: "not-examined",
      message: `${name}: read by its table of contents (--lazy); files that only its tar contains were not examined`,
    }));
}

/** Layers that were to be compared with a digest for which the image gives none. */
function unverifiableLayers({ trees, layers }: OpenTree, { verifyDigests }: ExamineOptions): Problem[] {
  if (!verifyDigests || layers.length === 0) return [];
  return trees
    .filter(({ verifies }) => !verifies)
    .map(({ name }) => ({ code: "unreadable", message: `${name}: there is no digest to verify it with` }));
}
