import { createHash } from "node:crypto";
import { join } from "node:path";
import type { AdvisoryIndex, DatabaseStatus } from "../../model/findings/advisory.ts";
import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { RegistryFailure, RegistryFinding, ScannedImage } from "../../model/reports/registry-report.ts";
import type { PolicyFinding } from "../../policy/rules/finding-facts.ts";
import { packRecord, RecordStore, unpackRecord } from "../../store/record-store.ts";
import type { AdvisoriesOfRun } from "../database/advisories-of-run.ts";
import { type DatabaseAgeLimits, daysOfOldSeverities } from "../database/database-age.ts";
import { answerRevision } from "../scan/remember-verdict.ts";
import { stateOnDay } from "../scan/state-on-day.ts";

/** A finding with what the rules of a policy need beside. */
export type JudgeableFinding = RegistryFinding & Pick<PolicyFinding, "published" | "severities" | "facts">;

/** An image with what a verdict under any policy needs. */
export interface JudgeableImage extends Omit<ScannedImage, "findings"> {
  readonly findings: readonly JudgeableFinding[];
  /** What the advisories cannot tell about it, as {@link Results.limits}. */
  readonly limits: readonly string[];
  /** Why its severities are in doubt, as {@link Results.severityLimits}. */
  readonly severityLimits: readonly string[];
  /** The ecosystems whose advisories its packages are compared with, as `neededEcosystems` gives them. */
  readonly ecosystems: readonly string[];
  /**
   * Digests of the layers that its repository could not give and another one may: as a whole, or again for what only
   * the whole image asks for. Absent where there are none.
   */
  readonly lostLayers?: readonly string[];
}

/** What came of scanning what one digest stands for. */
export interface FinishedScan {
  /** Several where each image of an index was wanted. */
  readonly images: readonly JudgeableImage[];
  /** What could not be scanned of it, as if of no repository. */
  readonly failures: readonly Pick<RegistryFailure, "platform" | "code" | "message" | "hint">[];
  /** True for what is not an image. */
  readonly artifact: boolean;
  /** Number of images of the index that were skipped because they are for other platforms; absent for none. */
  readonly otherPlatforms?: number;
}

interface Stored {
  readonly format: number;
  readonly revision: string;
  /** What tells one state of the advisories from another. */
  readonly database: string;
  /** RFC 3339: for when it was judged. */
  readonly judgedAt: string;
  readonly scan: FinishedScan;
}

/** For when, and under which limits, images are judged. */
export interface Judging {
  readonly now: Date;
  readonly databaseAge?: DatabaseAgeLimits | undefined;
}

/** Raise it when {@link FinishedScan} changes its shape or its meaning. */
const format = 13;

/**
 * The scans of a run that are finished: compressed in memory until the report is written, and in the cache folder, so
 * that a run that is started again goes on where this one ended. A scan by another version of the program or with other
 * advisories counts as absent, and so does one whose answer is another today: when the support of its distribution has
 * ended, for example.
 */
export class FinishedScans {
  readonly #store: RecordStore | undefined;
  readonly #packed = new Map<string, Buffer>();
  readonly #judging: Judging;

  /** `folder` is the cache folder; without one nothing outlives the run. */
  constructor(folder: string | undefined, judging: Judging) {
    this.#judging = judging;
    this.#store = folder === undefined ? undefined : new RecordStore(join(folder, "registry-scans"));
  }

  /**
   * What an earlier run finished; from then on it is one of this run. As for a new scan the advisories are prepared
   * first: missing ones are fetched, and new ones count as other advisories.
   *
   * Errors: those of {@link AdvisoriesOfRun.prepare}.
   */
  async recall(key: string, advisories: Pick<AdvisoriesOfRun, "index" | "prepare">): Promise<FinishedScan | undefined> {
    const packed = this.#store?.get(key);
    const stored = packed && unpackRecord<Partial<Stored>>(key, packed);
    if (!packed || !isReadable(stored)) return undefined;
    const isCurrent = (): boolean =>
      stored.database === stateOf(advisories.index.status) && this.#isUpToDate(stored, advisories.index);
    if (!isCurrent()) return undefined;
    for (const { ecosystems } of stored.scan.images) await advisories.prepare({ ecosystems });
    if (!isCurrent()) return undefined;
    this.#packed.set(key, packed);
    return stored.scan;
  }

  /** `lasting` says whether a later run would find the same. */
  keep(
    key: string,
    scan: FinishedScan,
    options: { readonly lasting: boolean; readonly database: DatabaseStatus },
  ): void {
    const database = stateOf(options.database);
    const stored: Stored = {
      format,
      revision: answerRevision,
      database,
      judgedAt: this.#judging.now.toISOString(),
      scan,
    };
    const packed = packRecord(key, stored);
    this.#packed.set(key, packed);
    if (options.lasting) this.#store?.set(key, packed);
  }

  /** Whether what depends on the day is the same as when it was judged. */
  #isUpToDate({ judgedAt, scan }: Pick<Stored, "judgedAt" | "scan">, index: AdvisoryIndex): boolean {
    const { now, databaseAge: limits } = this.#judging;
    if (daysOfOldSeverities(index.status, { now, limits }) !== undefined) return false;
    if (scan.images.some(({ severityLimits }) => severityLimits.length > 0)) return false;
    const said = ({ distro, ecosystems }: JudgeableImage, day: Date): string =>
      stateOnDay({ distro, ecosystems, index }, day);
    return scan.images.every((image) => said(image, new Date(judgedAt)) === said(image, now));
  }

  /** A scan of this run. */
  get(key: string): FinishedScan | undefined {
    const packed = this.#packed.get(key);
    return packed && unpackRecord<Stored>(key, packed)?.scan;
  }
}

function isReadable(stored: Partial<Stored> | undefined): stored is Stored {
  const { format: written, revision, scan, judgedAt } = stored ?? {};
  return written === format && revision === answerRevision && scan !== undefined && judgedAt !== undefined;
}

/** Two databases of one date may be of other parts: those are named with when they changed. */
const stateOf = rememberedFor(({ kind, builtAt, records, ecosystems, parts, behind }: DatabaseStatus): string => {
  const text = JSON.stringify([kind, builtAt, records, ecosystems, parts, behind]);
  return createHash("sha256").update(text).digest("hex");
});
