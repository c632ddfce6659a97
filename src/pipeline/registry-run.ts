import { PlimsollError } from "../model/error.ts";
import type { RegistryFailure, RegistryImage, RegistryReport, RegistryScope } from "../model/registry-report.ts";
import { toolVersion } from "../model/tool-version.ts";
import type { Decision, Verdict } from "../model/verdict.ts";
import { judge, type Threshold } from "../policy/threshold.ts";
import { hostPlatform } from "../sources/image/image-choice.ts";
import { limitsOf } from "./advisory-source.ts";
import { compareTags } from "./compare-tags.ts";
import { checkSignal } from "./examine-target.ts";
import type { FinishedScan, FinishedScans, JudgeableImage } from "./finished-scans.ts";
import { forEachInParallel } from "./in-parallel.ts";
import { failureOf, type RegistryListing } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";
import type { RegistryProgress } from "./scan-registry.ts";
import { type RunOptions, scanRegistryImage } from "./scan-registry-image.ts";

/** What a {@link RegistryRun} is made with. */
export interface RegistryRunOptions extends Omit<RunOptions, "downloaded"> {
  readonly finished: FinishedScans;
  /** Images that are scanned at a time. */
  readonly atOnce: number;
  /** True to scan again what an earlier run finished. */
  readonly fresh: boolean;
  readonly runProgress?: (progress: RegistryProgress) => void;
}

/** What one digest stands for, and who has it. */
interface Job {
  readonly key: string;
  /** Never empty. */
  readonly places: readonly TaggedImage[];
}

/** Repositories that are asked for an image before it has failed. */
const mostPlaces = 3;
/** Failures in a row to reach the registry after which the rest is not tried. */
const mostUnreachable = 5;

/** The images of a listing, scanned one after the other and several at a time. */
export class RegistryRun {
  readonly #listing: RegistryListing;
  readonly #options: RegistryRunOptions;
  readonly #jobs: readonly Job[];
  readonly #failures = new Map<Job, FinishedScan["failures"]>();
  readonly #decisions: Record<Decision, number> = { allowed: 0, denied: 0, "cannot-tell": 0 };
  #done = 0;
  #resumed = 0;
  #artifacts = 0;
  #bytes = 0;
  #current = "";
  #unreachable = 0;
  #gaveUp: PlimsollError | undefined;

  constructor(listing: RegistryListing, options: RegistryRunOptions) {
    this.#listing = listing;
    this.#options = options;
    const { platform = hostPlatform(), allPlatforms, largestLayer, verifyDigests } = options;
    const byDigest = Map.groupBy(listing.images, ({ digest }) => digest);
    this.#jobs = [...byDigest].map(([digest, places]) => {
      const isAny = options.platform === undefined;
      const which = allPlatforms ? "all" : [platform, isAny];
      return { key: JSON.stringify([digest, which, largestLayer, verifyDigests]), places };
    });
  }

  /** Errors: `database-malformed`, `cancelled`; its hint tells what becomes of what was finished. */
  async scanAll(): Promise<void> {
    const { atOnce, signal, cache } = this.#options;
    try {
      await forEachInParallel(this.#jobs, atOnce, (job) => this.#scan(job));
      checkSignal(signal);
    } catch (cause) {
      if (!signal.aborted || cache === undefined || this.#done === 0) throw cause;
      const many = `${this.#done} of ${this.#jobs.length} images are finished`;
      throw new PlimsollError("cancelled", "the scan was cancelled", {
        cause,
        hint: `${many}; the same command goes on with the others.`,
      });
    }
  }

  /** The report on what {@link scanAll} scanned. */
  report(scope: RegistryScope): RegistryReport {
    const { now, advisories, databaseAge, layers } = this.#options;
    const { kind, path, builtAt, records } = advisories.index.status;
    const limits = limitsOf(advisories.index.status, { now, limits: databaseAge }).all;
    const failures = this.#allFailures();
    const rows = this.#rows();
    const { repositories, tags, attached, empty } = this.#listing;
    const images = this.#decisions.allowed + this.#decisions.denied + this.#decisions["cannot-tell"];
    return {
      schemaVersion: 1,
      tool: { name: "plimsoll", version: toolVersion },
      createdAt: now.toISOString(),
      scope,
      images: { [Symbol.iterator]: () => this.#images(rows) },
      failures,
      empty,
      totals: {
        repositories,
        tags,
        images,
        resumed: this.#resumed,
        artifacts: this.#artifacts + attached,
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
      verdict: this.#verdict(failures.length),
    };
  }

  async #scan(job: Job): Promise<void> {
    const { finished, fresh, advisories, failOn } = this.#options;
    const [place] = job.places;
    if (!place) return;
    this.#current = `${place.repository}${place.tags.length === 0 ? "" : `:${place.tags.at(-1)}`}`;
    this.#tell();
    const recalled = fresh ? undefined : finished.recall(job.key, advisories.index.status);
    const scan = recalled ?? (await this.#scanAnywhere(job));
    if (scan) {
      this.#resumed += recalled ? scan.images.length : 0;
      this.#artifacts += scan.artifact ? 1 : 0;
      for (const image of scan.images) this.#decisions[verdictOn(image, failOn).decision]++;
      if (scan.failures.length > 0) this.#failures.set(job, scan.failures);
    }
    this.#done++;
    this.#tell();
  }

  /** Scans an image where it can be had; undefined when it is nowhere. */
  async #scanAnywhere(job: Job): Promise<FinishedScan | undefined> {
    const { finished, advisories } = this.#options;
    let failure: PlimsollError | undefined = this.#gaveUp;
    for (const place of this.#gaveUp ? [] : job.places.slice(0, mostPlaces)) {
      try {
        const scan = await scanRegistryImage(place, {
          ...this.#options,
          downloaded: (bytes) => {
            this.#bytes += bytes;
            this.#tell();
          },
        });
        this.#unreachable = 0;
        finished.keep(job.key, scan, { lasting: isLasting(scan), database: advisories.index.status });
        return scan;
      } catch (cause) {
        if (!(cause instanceof PlimsollError) || !isOfImage(cause)) throw cause;
        failure = cause;
        this.#note(cause);
      }
    }
    if (failure) this.#failures.set(job, [failureOf(failure, { tags: [] })]);
    return undefined;
  }

  #note(cause: PlimsollError): void {
    this.#unreachable = cause.code === "registry-unreachable" ? this.#unreachable + 1 : 0;
    if (this.#unreachable < mostUnreachable || this.#gaveUp) return;
    this.#gaveUp = new PlimsollError(cause.code, `it was not tried any more: ${cause.message}`, {
      cause,
      hint: "Start the same command again when the registry answers: what is finished is kept.",
    });
  }

  #tell(): void {
    const { runProgress, layers } = this.#options;
    const numbers = { done: this.#done, total: this.#jobs.length, bytes: this.#bytes, layers: layers.counts };
    runProgress?.({ stage: "scanning", ...numbers, current: this.#current });
  }

  #rows(): readonly Row[] {
    const rows = this.#jobs.flatMap(({ key, places }) => places.map((place): Row => ({ key, place })));
    return rows.sort(({ place: a }, { place: b }) => comparePlaces(a, b));
  }

  *#images(rows: readonly Row[]): IterableIterator<RegistryImage> {
    const { finished, failOn } = this.#options;
    for (const { key, place } of rows) {
      const { repository, tags, digest } = place;
      for (const image of finished.get(key)?.images ?? []) {
        const { limits: _limits, ...scanned } = image;
        yield { repository, tags, digest, ...scanned, verdict: verdictOn(image, failOn) };
      }
    }
  }

  #allFailures(): readonly RegistryFailure[] {
    const ofImages = [...this.#failures].flatMap(([{ places }, failures]) =>
      places.flatMap(({ repository, tags, digest }) =>
        failures.map((failure): RegistryFailure => ({ ...failure, repository, tags, digest })),
      ),
    );
    return [...this.#listing.failures, ...ofImages].sort(comparePlaces);
  }

  #verdict(failures: number): Verdict {
    const { denied, "cannot-tell": open, allowed } = this.#decisions;
    const reasons = [
      ...(denied > 0 ? [`${count(denied, "image")} denied`] : []),
      ...(open > 0 ? [`${count(open, "image")} of which nobody can tell`] : []),
      ...(failures > 0 ? [`${count(failures, "failure")} to list or to scan something`] : []),
    ];
    if (denied > 0) return { decision: "denied", reasons };
    if (reasons.length > 0) return { decision: "cannot-tell", reasons };
    return { decision: "allowed", reasons: [`${count(allowed, "image")} allowed`] };
  }
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

function verdictOn({ findings, problems, limits }: JudgeableImage, failOn: Threshold | undefined): Verdict {
  return judge({ findings, problems, limits }, failOn);
}

/** True when a later run would find the same: nothing is missing, or every layer was read to its end and proved. */
function isLasting({ images, failures }: FinishedScan): boolean {
  const whole = ({ layers, problems }: JudgeableImage): boolean =>
    problems.length === 0 || layers.every(({ verified }) => verified);
  return failures.length === 0 && images.every(whole);
}

/** False for what would meet every other image as well. */
function isOfImage({ code }: PlimsollError): boolean {
  return code !== "cancelled" && !code.startsWith("database-");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
