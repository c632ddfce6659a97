import { PlimsollError } from "../../model/error.ts";
import type { Decision } from "../../model/reports/verdict.ts";
import { imageFailure } from "../image-failure.ts";
import type { FinishedScan } from "./finished-scans.ts";
import { areFewer, type Gap, gapsIn, isDigestFailure } from "./gaps-in.ts";
import { failureOf } from "./list-registry-images.ts";
import type { TaggedImage } from "./newest-images.ts";
import type { SharedLayers } from "./shared-layers.ts";

/** What one digest stands for, and who has it. */
export interface Job {
  readonly key: string;
  /** Never empty; more come while others are listed. */
  readonly places: TaggedImage[];
  /** How many of them were asked for it, or need not be. */
  tried: number;
  /** How many of these were asked. */
  asked: number;
  /** What could not be scanned, by the place that was asked. */
  readonly failures: Map<TaggedImage, FinishedScan["failures"]>;
  /** The known result; undefined until a place gives one. */
  result: Result | undefined;
  /** `open` when none of the places could give it whole, and a further one may. */
  state: "waiting" | "done" | "open";
}

/** What the run has to know of a scan that is among the finished ones. */
interface Result {
  readonly artifact: boolean;
  readonly otherPlatforms: number;
  readonly decisions: readonly ImageDecision[];
  /** As {@link gapsIn} tells. */
  readonly gaps: readonly Gap[];
}

/** Result for one image. */
export interface ImageDecision {
  /** Digest of the image's own manifest. */
  readonly digest: string;
  readonly decision: Decision;
  /** Result of `isWhole` for the image. */
  readonly isWhole: boolean;
}

/** What a {@link PlaceSearch} is made with. */
export interface PlaceSearchOptions {
  readonly layers: Pick<SharedLayers, "isLost">;
  readonly scanAt: (place: TaggedImage) => Promise<FinishedScan>;
  /** Takes a scan for what the digest of a job stands for. */
  readonly keep: (job: Job, scan: FinishedScan, place: TaggedImage) => void;
  readonly signal: AbortSignal;
}

/** Repositories that are asked for an image before it has failed. */
const mostPlaces = 3;
/** Failures in a row to reach the registry after which the rest is not tried. */
const mostUnreachable = 5;

/** True when another place should be asked for an image that was not whole in any place. */
export function mayTryMore({ state, asked }: Job): boolean {
  return state === "open" && asked < mostPlaces;
}

/** Looks for images in one place after the other, until the registry cannot be reached any more. */
export class PlaceSearch {
  readonly #options: PlaceSearchOptions;
  #unreachable = 0;
  #gaveUp: PlimsollError | undefined;

  constructor(options: PlaceSearchOptions) {
    this.#options = options;
  }

  /**
   * Scans what a digest stands for where it can be had whole, else takes the fullest of what was read. A digest is the
   * same content wherever it lies, so a whole reading answers for each of its places, also for one that lacks a layer:
   * the order of requests must not change an answer, and known content is not requested elsewhere. So no row says that
   * a repository can give all that it names.
   *
   * Errors: those of {@link imageFailure}.
   */
  async search(job: Job): Promise<void> {
    const { scanAt, keep, signal } = this.#options;
    for (; !this.#gaveUp && job.asked < mostPlaces; job.tried++) {
      const place = job.places[job.tried];
      if (!place) break;
      if (job.result && !this.#mayFill(job.result, place)) continue;
      job.asked++;
      try {
        const scan = await scanAt(place);
        this.#unreachable = 0;
        const gaps = gapsIn(scan);
        if (!job.result || areFewer(gaps, job.result.gaps)) keep(job, scan, place);
        if (gaps.length > 0) continue;
        job.state = "done";
        return;
      } catch (cause) {
        const failure = imageFailure(cause, { signal });
        if (!job.result) job.failures.set(place, [failureOf(failure, { tags: [] })]);
        this.#note(failure);
      }
    }
    const untried = job.places[job.tried];
    if (this.#gaveUp && !job.result && untried && !job.failures.has(untried)) {
      job.failures.set(untried, [failureOf(this.#gaveUp, { tags: [] })]);
    }
    // Here, and not by who waits for it: a repository that has it may be found in between.
    job.state = "open";
  }

  /** False when a place is known to lack a layer of each image that is not whole, from when another one needed it. */
  #mayFill({ gaps }: Result, { repository }: TaggedImage): boolean {
    const { layers } = this.#options;
    return gaps.some(({ lostLayers }) => !lostLayers.some((digest) => layers.isLost(digest, repository)));
  }

  #note(cause: PlimsollError): void {
    this.#unreachable = cause.code === "registry-unreachable" ? this.#unreachable + 1 : 0;
    if (this.#unreachable < mostUnreachable || this.#gaveUp) return;
    this.#gaveUp = new PlimsollError(cause.code, `it was skipped after repeated failures: ${cause.message}`, {
      cause,
      hint: "Run the same command again when the registry responds: finished images are kept.",
    });
  }
}

/** What could not be scanned of an image as a place has it: what came of asking there, or else elsewhere. */
export function failuresAt(place: TaggedImage, { failures }: Job): FinishedScan["failures"] {
  const own = failures.get(place);
  const [asked, theirs] = [...failures].at(-1) ?? [];
  if (own || !asked || !theirs) return own ?? [];
  const [name, other] = [place, asked].map(({ registry, repository }) => `${registry}/${repository}@`);
  return theirs.map((failure) =>
    isDigestFailure(failure) ? { ...failure, message: failure.message.replaceAll(other ?? "", name ?? "") } : failure,
  );
}
