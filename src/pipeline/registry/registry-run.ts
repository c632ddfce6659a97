import { PlimsollError } from "../../model/error.ts";
import { referenceText } from "../../model/packages/reference.ts";
import type {
  RegistryFailure,
  RegistryImage,
  RegistryReport,
  RegistryScope,
  ScannedImage,
} from "../../model/reports/registry-report.ts";
import type { Decision, Verdict } from "../../model/reports/verdict.ts";
import { counted } from "../../model/text/counted.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { isGate, isThresholdOnly, policyOf } from "../../policy/file/policy.ts";
import type { PolicyContext } from "../../policy/rules/finding-facts.ts";
import { type Gate, judgeFindings } from "../../policy/rules/judge-findings.ts";
import { ungated } from "../../policy/threshold.ts";
import { waiveVulnerabilities } from "../../policy/waivers/waive-vulnerabilities.ts";
import { hostPlatform } from "../../sources/image/image-choice.ts";
import { limitsOf } from "../database/limits-of.ts";
import { forEachInParallel } from "../for-each-in-parallel.ts";
import { imageFailure } from "../image-failure.ts";
import { checkSignal } from "../scan/examine-target.ts";
import { countBySeverity } from "../scan/remember-verdict.ts";
import { compareTags } from "./compare-tags.ts";
import type { FinishedScan, FinishedScans, JudgeableImage } from "./finished-scans.ts";
import { gapsIn, isLasting } from "./gaps-in.ts";
import { HeldManifests } from "./held-manifests.ts";
import { isWhole, JudgedImages } from "./judged-images.ts";
import { type KnownImage, KnownImages } from "./known/known-images.ts";
import { rememberRun } from "./known/remember-run.ts";
import type { RegistryListing } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";
import { failuresAt, type ImageDecision, type Job, mayTryMore, PlaceSearch } from "./place-search.ts";
import type { RegistryProgress } from "./scan-registry.ts";
import { type RegistryScanOptions, scanRegistryImage } from "./scan-registry-image.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a {@link RegistryRun} is made with. */
export interface RegistryRunOptions extends Omit<RegistryScanOptions, "downloaded" | "manifests" | "judged"> {
  readonly finished: FinishedScans;
  /** Images that are scanned at a time. */
  readonly atOnce: number;
  /** True to scan again what an earlier run finished. */
  readonly fresh: boolean;
  readonly runProgress?: (progress: RegistryProgress) => void;
  /** True to add the packages of each image to the report; requires a cache. */
  readonly listPackages?: boolean;
}

const byGravity: readonly Decision[] = ["denied", "cannot-tell", "not-judged", "warned", "allowed"];

/** The images of a registry, scanned as they are found, several at a time. */
export class RegistryRun {
  /** Those of images that wait for their turn. */
  readonly manifests: HeldManifests = new HeldManifests();
  readonly #options: RegistryRunOptions;
  readonly #queue = new WorkQueue<Job>();
  readonly #jobs = new Map<string, Job>();
  readonly #judged: JudgedImages;
  readonly #places: PlaceSearch;
  readonly #resumed = new Set<string>();
  #done = 0;
  #isNew = false;
  #bytes = 0;
  #current = "";
  #listing: RegistryListing | undefined;
  /** The listing so far. */
  #listedSoFar: Pick<RegistryListing, "repositories" | "tags"> | undefined;
  /** What ended the run. */
  #end: { readonly cause: unknown } | undefined;

  constructor(options: RegistryRunOptions) {
    this.#options = options;
    this.#judged = new JudgedImages(options.finished);
    const { layers, signal } = options;
    this.#places = new PlaceSearch({ layers, signal, scanAt: (place) => this.#scanAt(place), keep: this.#keep });
  }

  /**
   * Scans what `list` finds, while it is looking for more.
   * Errors: those of `list`, `database-malformed`, `cancelled`; its hint tells what becomes of what was finished.
   */
  async scanAll(list: (run: RegistryRun) => Promise<RegistryListing>): Promise<void> {
    const { atOnce, signal, cache } = this.#options;
    try {
      const listing = this.#list(list);
      const scanning = forEachInParallel(this.#queue, atOnce, (job) => this.#scan(job).catch(this.#stop));
      await Promise.all([listing, scanning]);
      if (this.#end) throw this.#end.cause;
      checkSignal(signal);
    } catch (cause) {
      if (!signal.aborted || cache === undefined || this.#done === 0) throw cause;
      const many = `${this.#done} of ${this.#jobs.size} images are finished`;
      throw new PlimsollError("cancelled", "the scan was cancelled", {
        cause,
        hint: `${many}; run the same command again to continue with the others.`,
      });
    }
  }

  /** Takes images into the run. Error: what ended the run. */
  add(images: readonly TaggedImage[]): void {
    if (this.#end) throw this.#end.cause;
    for (const image of images) this.#addOne(image);
  }

  /** Notes how much is listed so far, for the progress. */
  noteListed({ repositories, tags }: Pick<RegistryListing, "repositories" | "tags">): void {
    this.#listedSoFar = { repositories, tags };
    this.#tell();
  }

  /** True while every image that had its turn was new: so will be the others. */
  get expectsNew(): boolean {
    return this.#isNew && this.#resumed.size === 0;
  }

  #addOne(image: TaggedImage): void {
    const known = this.#jobs.get(image.digest);
    if (known) {
      known.places.push(image);
      if (mayTryMore(known)) this.#again(known);
      return;
    }
    const { platform = hostPlatform(), allPlatforms, largestLayer, verifyDigests, lazy = false } = this.#options;
    const which = allPlatforms ? "all" : [platform, this.#options.platform === undefined];
    const key = JSON.stringify([image.digest, which, largestLayer, verifyDigests, lazy]);
    const job: Job = {
      key,
      places: [image],
      tried: 0,
      asked: 0,
      failures: new Map(),
      result: undefined,
      state: "waiting",
    };
    this.#jobs.set(image.digest, job);
    this.#queue.add(job);
  }

  /** Another repository may have what those before it could not give. */
  #again(job: Job): void {
    job.state = "waiting";
    this.#done--;
    this.#queue.add(job);
  }

  async #list(list: (run: RegistryRun) => Promise<RegistryListing>): Promise<void> {
    try {
      this.#listing = await list(this);
      this.#queue.close();
    } catch (cause) {
      this.#stop(cause);
    }
  }

  readonly #stop = (cause: unknown): void => {
    this.#end ??= { cause };
    this.#queue.abandon();
  };

  /** The report on what {@link scanAll} scanned. */
  report(scope: RegistryScope): RegistryReport {
    const { now, advisories, databaseAge, layers } = this.#options;
    const { kind, path, builtAt, records } = advisories.index.status;
    const limits = limitsOf(advisories.index.status, { now, limits: databaseAge }).all;
    const failures = this.#allFailures();
    const rows = this.#rows();
    const decisions = isThresholdOnly(policyOf(this.#options)) ? this.#decisions() : this.#decisionsByName(rows);
    const { repositories, tags, attached, empty, unknown } = this.#listed();
    return {
      schemaVersion: 2,
      tool: { name: "plimsoll", version: toolVersion },
      createdAt: now.toISOString(),
      scope,
      images: { [Symbol.iterator]: () => this.#images(rows) },
      failures,
      empty,
      unknown,
      totals: {
        repositories,
        tags,
        images: decisions.size,
        resumed: this.#resumed.size,
        artifacts: [...this.#jobs.values()].filter(({ result }) => result?.artifact).length + attached,
        failures: failures.length,
        layers: layers.counts,
        bytes: this.#bytes,
      },
      database: {
        kind,
        ...(path !== undefined && { path }),
        builtAt,
        records,
        limits: [...limits, ...advisories.failures],
      },
      verdict: verdictOf([...decisions.values()], {
        failures: failures.length,
        hasGate: isGate(policyOf(this.#options)),
      }),
    };
  }

  /** Stores in the cache which repository has which images, for a later search. An unfinished run is stored too. */
  remember(scope: RegistryScope): void {
    const { cache, now } = this.#options;
    if (cache === undefined) return;
    const listing = this.#end || this.#options.signal.aborted ? undefined : this.#listing;
    rememberRun(cache, { startedAt: now.toISOString(), scope, listing, images: this.#knownImages() });
  }

  *#knownImages(): IterableIterator<KnownImage & { readonly repository: string }> {
    for (const job of this.#jobs.values()) {
      const { result, places } = job;
      if (result?.artifact && result.decisions.length === 0) continue;
      for (const place of places) {
        const { repository, tags, digest } = place;
        const failed = failuresAt(place, job).map(({ message }) => message);
        const gaps = failed.length === 0 && !result ? ["the image was not scanned"] : failed;
        const others = result?.otherPlatforms ?? 0;
        if (others > 0) gaps.push(`${counted(others, "image")} for other platforms not scanned (--all-platforms)`);
        yield { repository, tags, digest, manifests: (result?.decisions ?? []).map((one) => one.digest), gaps };
      }
    }
  }

  async #scan(job: Job): Promise<void> {
    const { fresh } = this.#options;
    const place = job.places[job.tried];
    if (!place) return;
    this.#current = `${place.repository}${place.tags.length === 0 ? "" : `:${place.tags.at(-1)}`}`;
    this.#tell();
    const recalled = fresh ? undefined : await this.#recall(job);
    this.#isNew ||= !recalled;
    if (recalled) {
      this.#take(job, recalled, place);
      job.state = "done";
      for (const { manifestDigest } of recalled.images) this.#resumed.add(manifestDigest);
    } else await this.#places.search(job);
    this.#done++;
    this.#tell();
  }

  /** Takes a finished scan for what its digest stands for, in place of what was known of it. */
  #take(job: Job, scan: FinishedScan, place: TaggedImage): void {
    const { images, failures, artifact } = scan;
    this.#judged.note(job.key, scan);
    const decisions = images.map((image) => {
      return {
        digest: image.manifestDigest,
        decision: judgeFindings(image, this.#gate(image, place)).decision,
        isWhole: isWhole(image),
      };
    });
    job.result = { artifact, otherPlatforms: scan.otherPlatforms ?? 0, decisions, gaps: gapsIn(scan) };
    job.failures.clear();
    if (failures.length > 0) job.failures.set(place, failures);
  }

  #gate(image: JudgeableImage, { registry, repository, tags, digest }: TaggedImage): Gate {
    const { environment = "registry", now, advisories } = this.#options;
    const repositoryName = { registry, repository };
    const context: PolicyContext = {
      environment,
      images: [
        ...tags.map((tag) => referenceText({ ...repositoryName, tag })),
        referenceText({ ...repositoryName, digest }),
      ],
      now,
      layers: image.layers,
      feeds: advisories.index.status.parts.map(({ feed }) => feed),
    };
    return { policy: policyOf(this.#options), context };
  }

  async #recall({ key }: Job): Promise<FinishedScan | undefined> {
    const { finished, advisories } = this.#options;
    try {
      return await finished.recall(key, advisories);
    } catch (cause) {
      // A fault of the program will be met again, and told, by the scan.
      imageFailure(cause, this.#options);
      return undefined;
    }
  }

  #scanAt(place: TaggedImage): Promise<FinishedScan> {
    return scanRegistryImage(place, {
      ...this.#options,
      manifests: this.manifests,
      judged: this.#judged,
      downloaded: (bytes) => {
        this.#bytes += bytes;
        this.#tell();
      },
    });
  }

  readonly #keep = (job: Job, scan: FinishedScan, place: TaggedImage): void => {
    const { finished, advisories } = this.#options;
    finished.keep(job.key, scan, { lasting: isLasting(scan), database: advisories.index.status });
    this.#take(job, scan, place);
  };

  #tell(): void {
    const { runProgress, layers } = this.#options;
    if (!this.#listing) {
      if (this.#listedSoFar) runProgress?.({ stage: "listing", ...this.#listedSoFar, done: this.#done });
      return;
    }
    const numbers = { done: this.#done, total: this.#jobs.size, bytes: this.#bytes, layers: layers.counts };
    runProgress?.({ stage: "scanning", ...numbers, current: this.#current });
  }

  #rows(): readonly Row[] {
    const rows = [...this.#jobs.values()].flatMap(({ key, places }) => places.map((place): Row => ({ key, place })));
    return rows.sort(({ place: a }, { place: b }) => comparePlaces(a, b));
  }

  *#images(rows: readonly Row[]): IterableIterator<RegistryImage> {
    const { finished, cache, listPackages } = this.#options;
    const known = listPackages && cache !== undefined ? new KnownImages(cache) : undefined;
    for (const { key, place } of rows) {
      const { repository, tags, digest } = place;
      for (const asHere of finished.get(key)?.images ?? []) {
        const image = this.#judged.fullest(asHere);
        const packageList = known?.packages(image.manifestDigest)?.packages;
        const gate = this.#gate(image, place);
        const verdict = judgeFindings(image, gate);
        const shown = withoutWaived(image, gate);
        yield { repository, tags, digest, ...shown, verdict, ...(packageList && { packageList }) };
      }
    }
  }

  #allFailures(): readonly RegistryFailure[] {
    const ofImages = [...this.#jobs.values()].flatMap((job) =>
      job.places.flatMap((place) => {
        const { repository, tags, digest } = place;
        return failuresAt(place, job).map((failure): RegistryFailure => ({ ...failure, repository, tags, digest }));
      }),
    );
    return [...this.#listed().failures, ...ofImages].sort(comparePlaces);
  }

  #listed(): RegistryListing {
    if (!this.#listing) throw new Error("a report is asked for before the run has ended");
    return this.#listing;
  }

  /** As {@link #decisions}, for rules that can decide by the name: the worst of all names of an image. */
  #decisionsByName(rows: readonly Row[]): ReadonlyMap<string, Decision> {
    const all = Array.from(this.#images(rows), ({ manifestDigest, verdict }) => {
      return { digest: manifestDigest, decision: verdict.decision, isWhole: true };
    });
    return worstOf(all);
  }

  /** By the digests of the images' own manifests: the worst one of each, of whole readings where there are any. */
  #decisions(): ReadonlyMap<string, Decision> {
    const known = [...this.#jobs.values()].flatMap(({ result }) => result?.decisions ?? []);
    const ofWhole = worstOf(known.filter((one) => one.isWhole));
    return new Map([...worstOf(known.filter((one) => !one.isWhole)), ...ofWhole]);
  }
}

function worstOf(decisions: readonly ImageDecision[]): ReadonlyMap<string, Decision> {
  const worst = new Map<string, Decision>();
  for (const { digest, decision } of decisions) {
    const known = worst.get(digest);
    if (known === undefined || byGravity.indexOf(decision) < byGravity.indexOf(known)) worst.set(digest, decision);
  }
  return worst;
}

function verdictOf(
  decisions: readonly Decision[],
  { failures, hasGate }: { readonly failures: number; readonly hasGate: boolean },
): Verdict {
  const count = (wanted: Decision): number => decisions.filter((decision) => decision === wanted).length;
  const [denied, open] = [count("denied"), count("cannot-tell")];
  const reasons = [
    ...(denied > 0 ? [`${counted(denied, "image")} denied`] : []),
    ...(open > 0 ? [`${counted(open, "image")} could not be fully examined`] : []),
    ...(failures > 0 ? [`${counted(failures, "failure")} to list or scan something`] : []),
  ];
  if (denied > 0) return { decision: "denied", reasons };
  if (!hasGate) return ungated(reasons, counted(decisions.length, "image"));
  if (reasons.length > 0) return { decision: "cannot-tell", reasons };
  const warned = count("warned");
  const allowed = `${counted(count("allowed"), "image")} allowed`;
  if (warned > 0) return { decision: "warned", reasons: [`${counted(warned, "image")} with warnings`, allowed] };
  return { decision: "allowed", reasons: [allowed] };
}

/** An image without the findings that the policy waives, and without what only its verdict needs. */
function withoutWaived(image: JudgeableImage, gate: Gate): ScannedImage {
  const { counting, waived } = waiveVulnerabilities(image.findings, gate);
  if (waived.length === 0) return withoutGrounds(image);
  const severities = countBySeverity(counting);
  return { ...withoutGrounds({ ...image, findings: counting, severities }), waived: waived.length };
}

/** An image without what only its verdict needs. */
function withoutGrounds(image: JudgeableImage): ScannedImage {
  const { limits: _limits, severityLimits: _severity, ecosystems: _ecosystems, lostLayers: _lost, ...scanned } = image;
  const findings = scanned.findings.map(
    ({ published: _published, severities: _all, facts: _facts, ...shown }) => shown,
  );
  return { ...scanned, findings };
}

interface Row {
  readonly key: string;
  readonly place: TaggedImage;
}

type Place = Pick<RegistryFailure, "repository" | "tags" | "digest" | "platform">;

function comparePlaces(a: Place, b: Place): number {
  const text = ({ repository = "" }: Place): string => repository;
  const rest = ({ digest = "", platform = "" }: Place): string => `${digest} ${platform}`;
  if (text(a) !== text(b)) return text(a) < text(b) ? -1 : 1;
  return compareTags(a.tags[0] ?? "", b.tags[0] ?? "") || (rest(a) < rest(b) ? -1 : 1);
}
