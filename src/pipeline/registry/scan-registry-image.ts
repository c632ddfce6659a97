import { PlimsollError } from "../../model/error.ts";
import type { Finding } from "../../model/findings/finding.ts";
import { usualPlatformName } from "../../model/packages/platform.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import type { Contents, Report } from "../../model/reports/report.ts";
import type { PolicyFinding } from "../../policy/rules/finding-facts.ts";
import type { Results } from "../../policy/threshold.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";
import { ArtifactError } from "../../registry/content/artifact-error.ts";
import { imagesIn, withDigest } from "../../registry/content/images-in.ts";
import { isArtifact } from "../../registry/content/is-artifact.ts";
import { isIndexType, type Manifest } from "../../registry/content/manifest.ts";
import { deepestIndex } from "../../registry/content/open-remote-image.ts";
import { type AdvisoriesOfRun, neededEcosystems } from "../database/advisories-of-run.ts";
import { imageFailure } from "../image-failure.ts";
import { unreadSentence } from "../inventory/unread-files.ts";
import { examineOpen } from "../scan/examine-target.ts";
import { answerRevision, countBySeverity, rememberUnder } from "../scan/remember-verdict.ts";
import { judgeContents, type ScanOptions } from "../scan/scan.ts";
import { openRegistryImage } from "../targets/open-registry-image.ts";
import { type OpenTree, openImage } from "../targets/open-target.ts";
import type { FinishedScan, JudgeableFinding, JudgeableImage } from "./finished-scans.ts";
import type { HeldManifests } from "./held-manifests.ts";
import { isNoImage } from "./is-no-image.ts";
import type { JudgedImages } from "./judged-images.ts";
import { KnownImages } from "./known/known-images.ts";
import { failureOf } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";
import type { SharedLayers } from "./shared-layers.ts";

/** What the images of a run are scanned with. */
export interface RegistryScanOptions extends Omit<ScanOptions, "registry" | "shared" | "progress" | "alsoKnownAs"> {
  readonly client: RegistryClient;
  readonly layers: SharedLayers;
  /** Manifests that are here already. */
  readonly manifests: HeldManifests;
  readonly advisories: AdvisoriesOfRun;
  /** The images that were judged in the run. */
  readonly judged: JudgedImages;
  /** True to scan every image of an index. */
  readonly allPlatforms: boolean;
  /** Called with the bytes of layers that came since the last call. */
  readonly downloaded: (bytes: number) => void;
}

/** The most images of one index; those that exist have some ten. */
const mostPlatforms = 100;

/**
 * Scans what a digest in a repository stands for: an image, one of an index, or all of an index. Content that is not an
 * image is distinguished from a broken image.
 *
 * Errors: those of {@link openRegistryImage}, `database-malformed`, `database-outdated`; with all platforms an image
 * that cannot be opened is among the failures instead.
 */
export async function scanRegistryImage(image: TaggedImage, options: RegistryScanOptions): Promise<FinishedScan> {
  const { registry, repository, digest } = image;
  const reference = { registry, repository, digest };
  const manifest = options.manifests.take(digest) ?? (await options.client.manifest(reference));
  const images = manifest.kind === "index" ? imagesIn(manifest) : undefined;
  const isNone = images ? images.length === 0 : await isArtifact(options.client, reference, manifest);
  if (isNone) return artifact;
  if (!images || !options.allPlatforms) {
    try {
      const scanned = await scanOne(image, reference, { ...options, manifest });
      const otherPlatforms = (images?.length ?? 1) - 1;
      return { images: [scanned], failures: [], artifact: false, ...(otherPlatforms > 0 && { otherPlatforms }) };
    } catch (cause) {
      if (await isNoImage(cause, options.client, { reference, manifest })) return artifact;
      throw cause;
    }
  }
  const scanned: JudgeableImage[] = [];
  const failures: IndexFailure[] = [];
  let artifacts = 0;
  const fail = (cause: unknown, platform: string | undefined): void => {
    const { code, message, hint } = failureOf(imageFailure(cause, options), { tags: [] });
    failures.push({ ...(platform !== undefined && { platform }), code, message, ...(hint !== undefined && { hint }) });
  };
  const waiting = images.map((descriptor) => ({ descriptor, depth: 1 }));
  const met = new Set(waiting.map(({ descriptor }) => descriptor.digest));
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { descriptor, depth } = next;
    if (scanned.length + failures.length + artifacts >= mostPlatforms) {
      fail(tooMany(), undefined);
      break;
    }
    try {
      const place = withDigest(reference, descriptor.digest);
      if (!isIndexType(descriptor.mediaType)) {
        // An image is what it is, whatever the index says that it is for.
        const namedPlatform = descriptor.platform;
        scanned.push(await scanOne(image, place, { ...options, platform: undefined, namedPlatform }));
        continue;
      }
      if (depth >= deepestIndex) throw new PlimsollError("manifest-malformed", "its indexes are nested too deeply");
      const inner = imagesIn(await options.client.manifest(place)).filter(({ digest: own }) => !met.has(own));
      for (const { digest: own } of inner) met.add(own);
      waiting.unshift(...inner.map((each) => ({ descriptor: each, depth: depth + 1 })));
    } catch (cause) {
      if (cause instanceof ArtifactError) artifacts++;
      else fail(cause, descriptor.platform && usualPlatformName(descriptor.platform));
    }
  }
  return { images: scanned, failures, artifact: scanned.length + failures.length === 0 };
}

const artifact: FinishedScan = { images: [], failures: [], artifact: true };

type IndexFailure = FinishedScan["failures"][number];

function tooMany(): PlimsollError {
  return new PlimsollError("limit-exceeded", `the index has more images than the ${mostPlatforms} that were scanned`);
}

type OneOptions = Omit<RegistryScanOptions, "platform"> & {
  readonly platform?: string | undefined;
  /** The platform for which an index names the image. */
  readonly namedPlatform?: string | undefined;
  readonly manifest?: Manifest | undefined;
};

/** Scans an image, or takes what is known of it: its platform is as this name tells it. */
async function scanOne(
  named: TaggedImage,
  reference: ImageReference,
  { manifest, platform, namedPlatform, ...options }: OneOptions,
): Promise<JudgeableImage> {
  const { client, judged, largestLayer, verifyDigests, lazy, cache } = options;
  const how = { client, platform, namedPlatform, largestLayer, verifyDigests, lazy, manifest };
  const opened = await openRegistryImage(referenceText(reference), how);
  const { registry, repository, tags, digest } = named;
  const tag = tags.at(-1);
  const name = referenceText({ registry, repository, ...(tag === undefined ? { digest } : { tag }) });
  using target = openImage({ name }, "registry", opened);
  const { namedPlatform: listed, reference: own } = opened;
  const manifestDigest = own.digest ?? digest;
  const scan = (): Promise<JudgeableImage> => judgeOpen(named, target, { ...options, namedPlatform: listed });
  const { image, isShared } = await judged.judge(manifestDigest, scan);
  if (!isShared) return image;
  rememberUnder([digest], { ...(cache !== undefined && { cache }), manifestDigest, platform: listed });
  const { platform: reported } = target.target;
  return { ...image, ...(reported !== undefined && { platform: reported }) };
}

async function judgeOpen(
  { repository, digest }: TaggedImage,
  target: OpenTree,
  { namedPlatform, ...options }: Omit<OneOptions, "platform" | "manifest">,
): Promise<JudgeableImage> {
  const { layers, advisories, downloaded } = options;
  let before = 0;
  const lost = new Set<string>();
  const contents = await examineOpen(target, {
    ...options,
    shared: layers.of(repository, { lost: (layer) => void lost.add(layer) }),
    progress({ done }) {
      downloaded(done - before);
      before = done;
    },
  });
  keepPackages(contents, options);
  const ecosystems = await neededEcosystems(contents);
  const open = await advisories.prepare({ ecosystems });
  const { index, failures, known } = advisories;
  const { report, results, findings } = judgeContents(
    { contents, index, failures, open, known },
    { ...options, alsoKnownAs: [digest], ...(namedPlatform !== undefined && { platform: namedPlatform }) },
  );
  return {
    ...judgeable({ ...report, findings }, results),
    ecosystems,
    ...(lost.size > 0 && { lostLayers: [...lost] }),
  };
}

/** Stores the packages in the cache for a later search; does nothing without a cache. */
function keepPackages(contents: Contents, { cache }: Pick<RegistryScanOptions, "cache">): void {
  const { manifestDigest } = contents.target;
  if (cache === undefined || manifestDigest === undefined) return;
  const gap = contents.problems[0]?.message ?? unreadSentence(contents.unread);
  new KnownImages(cache).keepPackages(manifestDigest, {
    scannedAt: contents.createdAt,
    packages: contents.packages.map(({ type, name, version, purl, paths, layer, source }) => {
      return { type, name, version, purl, paths, layer, ...(source && { source }) };
    }),
    layers: contents.layers.map(({ digest }) => digest ?? null),
    ...(gap !== undefined && { gap }),
    revision: answerRevision,
  });
}

function judgeable(
  report: Report,
  { limits, severityLimits = [] }: Results,
): Omit<JudgeableImage, "ecosystems" | "lostLayers"> {
  const { target, distro, layers, packages, findings, suppressed, problems, createdAt } = report;
  const { imageId, manifestDigest, platform, user = "root" } = target;
  if (imageId === undefined || manifestDigest === undefined) {
    throw new PlimsollError("manifest-malformed", `${target.name} has no digests of its own`);
  }
  return {
    manifestDigest,
    imageId,
    ...(platform !== undefined && { platform }),
    user,
    distro,
    scannedAt: createdAt,
    layers: layers.map(({ index, digest, size, base, verified, inPart }) => {
      return { index, ...(digest !== undefined && { digest }), size, base, verified, ...(inPart && { inPart }) };
    }),
    packages: packages.length,
    findings: findings.map(compact),
    severities: countBySeverity(findings),
    suppressed: suppressed.length,
    problems,
    limits,
    severityLimits,
  };
}

function compact(finding: Finding): JudgeableFinding {
  const { kind, id, aliases, severity, score, fixedIn, channelFix, status, statusReason, facts } = finding;
  const { published, severities } = finding;
  const { type, name, version, purl, paths, layer } = finding.package;
  return {
    kind,
    id,
    aliases,
    severity,
    ...(score !== undefined && { score }),
    package: { type, name, version, purl, paths, layer },
    ...(fixedIn !== undefined && { fixedIn }),
    ...(channelFix !== undefined && { channelFix }),
    status,
    ...(statusReason !== undefined && { statusReason }),
    knownExploited: facts?.knownExploited !== undefined,
    ...(published !== undefined && { published }),
    severities: severities.flatMap(({ statement }) => (statement.startsWith("CVSS:") ? [{ statement }] : [])),
    ...(facts && { facts: onlyPredictions(facts) }),
  };
}

function onlyPredictions({
  exploitPrediction,
  knownExploited,
}: NonNullable<Finding["facts"]>): NonNullable<PolicyFinding["facts"]> {
  return { ...(exploitPrediction && { exploitPrediction }), ...(knownExploited && { knownExploited }) };
}
