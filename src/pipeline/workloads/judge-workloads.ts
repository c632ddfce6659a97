import { PlimsollError } from "../../model/error.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { JudgedWorkload, Unlisted, Workload, WorkloadReport, WorkloadScan } from "../../model/images/workload.ts";
import { nameInRegistry } from "../../model/packages/name-in-registry.ts";
import { parseReference, referenceText } from "../../model/packages/reference.ts";
import type { Report } from "../../model/reports/report.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";
import { openAdvisories } from "../database/open-advisories.ts";
import { programFailure } from "../image-failure.ts";
import { usesImageName } from "../scan/policy-of-run.ts";
import { countBySeverity, type RecallOptions, recallVerdict } from "../scan/remember-verdict.ts";
import { type ScanOptions, scanTarget } from "../scan/scan.ts";
import { usualContainerdAddresses } from "../targets/engine-access.ts";
import { filesOfTask, statesAt } from "./containerd-tasks.ts";
import { findReferences } from "./find-references.ts";
import {
  type ListedWorkloads,
  type ListWorkloadsOptions,
  listWorkloads,
  type WorkloadPlaces,
} from "./list-workloads.ts";

/** How the images of workloads are judged. */
export interface JudgeWorkloadsOptions
  extends Omit<ScanOptions, "platform" | "manifestDigest" | "alsoKnownAs" | "progress">,
    ListWorkloadsOptions {
  /** True to scan every image that was not scanned yet, or of which a scan may say something else today. */
  readonly scan: boolean;
  /** Called before each scan. */
  readonly scanning?: (progress: { readonly image: string; readonly index: number; readonly total: number }) => void;
}

/**
 * What runs now and what is known of it; with `scan`, every image that lacks a current verdict is scanned first, one
 * after the other, and registries are asked whether tags that a cluster runs have moved. An image that cannot be
 * scanned is in the report's `unlisted`.
 *
 * Errors: those of {@link listWorkloads}, of the advisories, and `cancelled`.
 */
export async function judgeWorkloads(places: WorkloadPlaces, options: JudgeWorkloadsOptions): Promise<WorkloadReport> {
  const listed = await lookUpTags(await listWorkloads(places, options), options);
  const { scans, failures } = await scanMissing(listed, places, options);
  const { workloads, database } = withAdvisoriesOfToday(options, (recall) => ({
    workloads: listed.workloads.map((workload): JudgedWorkload => {
      return { ...workload, scan: scans.get(scanKey(workload, options)) ?? recallVerdict(workload, recall) ?? null };
    }),
    database: { kind: recall.index.status.kind, builtAt: recall.index.status.builtAt },
  }));
  return {
    schemaVersion: 2,
    tool: { name: "plimsoll", version: toolVersion },
    createdAt: options.now.toISOString(),
    engines: listed.engines,
    workloads,
    findings: findReferences(workloads),
    unlisted: [...listed.unlisted, ...failures],
    database,
  };
}

async function lookUpTags(
  listed: ListedWorkloads,
  { scan, registry, offline }: JudgeWorkloadsOptions,
): Promise<ListedWorkloads> {
  if (!scan || !registry || offline) return listed;
  const { withMovedTags } = await import("./with-moved-tags.ts");
  return { ...listed, workloads: await withMovedTags(listed.workloads, registry) };
}

function withAdvisoriesOfToday<T>(options: JudgeWorkloadsOptions, use: (recall: RecallOptions) => T): T {
  const { cache, failOn, policy, environment, now, databaseAge } = options;
  const index = openAdvisoriesOfToday(options);
  try {
    return use({ index, now, databaseAge, failOn, policy, environment, ...(cache !== undefined && { cache }) });
  } finally {
    index.close();
  }
}

function openAdvisoriesOfToday({ database, fetchMissing }: JudgeWorkloadsOptions): AdvisoryIndex {
  try {
    return openAdvisories(database ?? fetchMissing?.database);
  } catch (error) {
    // What a scan would fetch into need not be there yet.
    if (database !== undefined || !(error instanceof PlimsollError) || error.code !== "database-not-found") throw error;
    return openAdvisories(undefined);
  }
}

/** What the scans said, by {@link scanKey}, and which images could not be scanned. */
async function scanMissing(
  listed: ListedWorkloads,
  places: WorkloadPlaces,
  options: JudgeWorkloadsOptions,
): Promise<{ readonly scans: ReadonlyMap<string, WorkloadScan>; readonly failures: readonly Unlisted[] }> {
  const scans = new Map<string, WorkloadScan>();
  const failures: Unlisted[] = [];
  if (!options.scan) return { scans, failures };
  const unjudged = withAdvisoriesOfToday(options, (recall) =>
    listed.workloads.filter((workload) => {
      const known = recallVerdict(workload, recall);
      return known === undefined || known.stale !== undefined;
    }),
  );
  const missing = Map.groupBy(unjudged, (workload) => scanKey(workload, options));
  for (const [index, [key, users]] of [...missing].entries()) {
    const candidates = differentlyNamed(users);
    const [first] = candidates;
    if (!first) continue;
    options.scanning?.({ image: first.image, index: index + 1, total: missing.size });
    const result = await scanOneOf(candidates, places, options);
    if (result instanceof PlimsollError) {
      const { message: why, hint } = result;
      const message = `${first.image} (${namesOf([first, ...users])}) was not scanned: ${why}`;
      failures.push({ engine: first.engine, message, ...(hint !== undefined && { hint }) });
    } else if (result) scans.set(key, result);
  }
  return { scans, failures };
}

/** Where one image is tried at most: each may take as long as a registry that does not answer. */
const mostNames = 5;

/**
 * From the workloads that run one image, one for each place where it may lie; workloads that name their place come
 * first.
 */
function differentlyNamed(users: readonly Workload[]): readonly Workload[] {
  const places = Map.groupBy(users, (user) => {
    const { engine, place, image, imageId } = user;
    if (engine === "kubernetes") return JSON.stringify([engine, nameInRegistry(user)]);
    return JSON.stringify([engine, place, engine === "containerd" ? image : (imageId ?? image)]);
  });
  const each = [...places.values()].flatMap(([first]) => (first ? [first] : []));
  return each.sort((a, b) => Number(isFromElsewhere(a)) - Number(isFromElsewhere(b))).slice(0, mostNames);
}

/** True when a cluster has an image from elsewhere than it is named, or does not tell from where. */
function isFromElsewhere(workload: Workload): boolean {
  if (workload.engine !== "kubernetes") return false;
  const name = nameInRegistry(workload);
  return name === undefined || name === workload.pulledFrom;
}

/** What the scan of the first that can be scanned said, else why the first of all cannot be. Error: `cancelled`. */
async function scanOneOf(
  candidates: readonly Workload[],
  places: WorkloadPlaces,
  options: ScanOptions,
): Promise<WorkloadScan | PlimsollError | undefined> {
  let failure: PlimsollError | undefined;
  for (const candidate of candidates) {
    try {
      return scanOfReport(await scanImage(candidate, places, options));
    } catch (error) {
      const reason = error instanceof PlimsollError ? error : programFailure(error);
      if (reason.code === "cancelled" || options.signal.aborted) throw error;
      failure ??= reason;
    }
  }
  return failure;
}

function namesOf(workloads: readonly Workload[]): string {
  const [first, ...others] = new Set(workloads.map(({ name }) => name));
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more`;
}

function scanOfReport({ createdAt, database, layers, findings, problems, verdict }: Report): WorkloadScan {
  const { kind, builtAt } = database;
  const layersInPart = layers.filter(({ inPart }) => inPart).length;
  return {
    scannedAt: createdAt,
    database: { kind, builtAt },
    findings: countBySeverity(findings),
    problems: problems.length,
    ...(layersInPart > 0 && { layersInPart }),
    verdict,
  };
}

async function scanImage(workload: Workload, places: WorkloadPlaces, options: ScanOptions): Promise<Report> {
  const { engine, image, imageId, manifestDigest, digest, platform, pulledFrom } = workload;
  if (imageId === undefined && digest === undefined && !parseReference(image)) throw noImage(workload);
  const alsoKnownAs = [imageId, manifestDigest, digest].filter((one) => one !== undefined);
  const all = { ...options, alsoKnownAs, imageName: image };
  const own = platform === undefined ? {} : { platform };
  switch (engine) {
    case "docker": {
      // An id is that of an image for several platforms only where the engine tells the manifest too.
      const which = manifestDigest === undefined ? {} : own;
      const access = places.docker && { docker: places.docker };
      return scanTarget(`docker:${imageId ?? image}`, { ...all, ...which, ...access });
    }
    case "podman":
      // An id means the same wherever it is found.
      return scanTarget(`podman:${imageId ?? image}`, {
        ...all,
        ...(places.podman && { podman: { ...places.podman, isNamed: false } }),
      });
    case "containerd":
      return scanInContainerd(workload, {
        ...all,
        ...own,
        ...(places.containerd && { containerd: places.containerd }),
      });
    case "kubernetes": {
      const name = nameInRegistry(workload);
      if (name === undefined) throw nowhere("the cluster does not report its source registry", onNode);
      const scan = async (): Promise<Report> => {
        const { registry, offline } = options;
        if (platform === undefined && registry && !offline) {
          const { refuseSeveralPlatforms } = await import("./refuse-several-platforms.ts");
          await refuseSeveralPlatforms(name, registry);
        }
        return scanTarget(`registry:${name}`, { ...all, ...own });
      };
      if (name !== pulledFrom) return scan();
      return insteadOf(nowhere(`the cluster has it from ${name.replace(/@.*/, "")}`, onNode), scan);
    }
  }
}

/**
 * By its digest or id where its name is another image's; from its registry where containerd has discarded its layers,
 * or has removed it.
 */
async function scanInContainerd(
  { container, image, imageId, digest, manifestDigest, pinned, place, moved }: Workload,
  options: ScanOptions,
): Promise<Report> {
  const from = pinned === undefined ? undefined : parseReference(pinned);
  const scanNamed = (name: string): Promise<Report> =>
    scanTarget(`containerd:${name}`, {
      ...options,
      // The platform of its config need not be the one by which its index lists it.
      ...(manifestDigest !== undefined && { manifestDigest }),
      containerd: { ...options.containerd, ...(place !== undefined && { namespace: place }) },
    });
  const orFiles = (hint: string): string =>
    [hint, ...filesOf({ namespace: place ?? "default", id: container }, options)].join(" ");
  const own = digest ?? imageId;
  if (moved && own === undefined) throw nowhere("its name now refers to another image", orFiles(newStart));
  try {
    return await scanNamed((moved ? own : undefined) ?? image).catch((error: unknown) => {
      const isOther = isNotFound(error) || (error instanceof PlimsollError && error.code === "usage");
      if (!isOther || own === undefined || moved) throw error;
      return scanNamed(own);
    });
  } catch (error) {
    const obstacle = isNotFound(error) ? nowhere(removed, orFiles(pullAgain), error) : error;
    const isGone = isNotFound(error) || error instanceof DiscardedLayersError;
    if (!(obstacle instanceof PlimsollError) || !isGone) throw error;
    if (from?.digest === undefined || !options.registry || options.offline) throw obstacle;
    const { registry, repository } = from;
    const name = referenceText({ registry, repository, digest: manifestDigest ?? from.digest });
    return insteadOf(obstacle, () => scanTarget(`registry:${name}`, options));
  }
}

/** What else can be scanned of a container. It is not done without being asked: a container can change its files. */
function filesOf(task: { readonly namespace: string; readonly id: string }, { containerd }: ScanOptions): string[] {
  const { address, usualAddresses = usualContainerdAddresses } = containerd ?? {};
  const folder = filesOfTask(task, (address === undefined ? usualAddresses : [address]).flatMap(statesAt));
  return folder === undefined
    ? []
    : [`Or scan its current files, including those that it has written: plimsoll scan dir:${folder}`];
}

/** `obstacle` is why it was not scanned where it lies. */
async function insteadOf(obstacle: PlimsollError, scan: () => Promise<Report>): Promise<Report> {
  try {
    return await scan();
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    const { code, message, hint } = cause;
    throw new PlimsollError(code, `${obstacle.message}, and ${message}`, {
      cause,
      ...(hint !== undefined && { hint }),
    });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof PlimsollError && error.code === "image-not-found";
}

function noImage({ engine, place, image }: Workload): PlimsollError {
  if (engine === "containerd" && place === "moby") return nowhere("Docker keeps its image", askDocker);
  return nowhere("it was started from a folder, not from an image", `Scan the folder: plimsoll scan dir:${image}`);
}

const askDocker = "Include Docker: remove --engine, or set DOCKER_HOST to its socket.";
const onNode = "Scan it on the machine that runs it.";
const newStart = "Start the container again: it then runs the image that the name now refers to.";
const removed = "containerd has removed all or part of it";
const pullAgain = "Pull it again, or start the container again with an image that exists.";

function nowhere(why: string, hint: string, cause?: unknown): PlimsollError {
  return new PlimsollError("image-not-found", why, { hint, cause });
}

/** {@link imageKey}, and the name as well where the policy can decide by it. */
function scanKey(workload: Workload, { policy }: Pick<ScanOptions, "policy">): string {
  const key = imageKey(workload);
  return usesImageName(policy) ? JSON.stringify([key, workload.image]) : key;
}

/**
 * Equal for workloads that run the same image, wherever they do. Where nothing but a name is known, it is the same
 * image in one place alone.
 */
function imageKey({ imageId, manifestDigest, digest, image, platform, engine, place, moved }: Workload): string {
  return JSON.stringify([manifestDigest ?? imageId ?? digest ?? [engine, place, image, moved], platform]);
}
