import { createHash } from "node:crypto";
import { join } from "node:path";
import type { DatabaseStatus } from "../model/advisory.ts";
import type { RegistryFailure, ScannedImage } from "../model/registry-report.ts";
import { packRecord, RecordStore, unpackRecord } from "../store/record-store.ts";
import { answerRevision } from "./remember-verdict.ts";
import type { RunAdvisories } from "./run-advisories.ts";

/** An image with what a verdict under any threshold needs. */
export interface JudgeableImage extends ScannedImage {
  /** What the advisories cannot tell about it, as {@link Results.limits}. */
  readonly limits: readonly string[];
  /** Why its severities are in doubt, as {@link Results.severityLimits}. */
  readonly severityLimits: readonly string[];
  /** Whose advisories its packages are compared with, as `neededEcosystems` tells. */
  readonly ecosystems: readonly string[];
}

/** What came of scanning what one digest stands for. */
export interface FinishedScan {
  /** Several where each image of an index was wanted. */
  readonly images: readonly JudgeableImage[];
  /** What could not be scanned of it, as if of no repository. */
  readonly failures: readonly Pick<RegistryFailure, "platform" | "code" | "message" | "hint">[];
  /** True for what is no image. */
  readonly artifact: boolean;
}

interface Stored {
  readonly format: number;
  readonly revision: string;
  /** What tells one state of the advisories from another. */
  readonly database: string;
  readonly scan: FinishedScan;
}

/** Raise it when {@link FinishedScan} changes its shape or its meaning. */
const format = 5;

/**
 * The scans of a run that are finished: compressed in memory until the report is written, and in the cache folder, so that a run
 * that is started again goes on where this one ended. One that was made by another version of the program or with other advisories
 * counts as absent.
 */
export class FinishedScans {
  readonly #store: RecordStore | undefined;
  readonly #packed = new Map<string, Buffer>();

  /** `folder` is the cache folder; without one nothing outlives the run. */
  constructor(folder: string | undefined) {
    this.#store = folder === undefined ? undefined : new RecordStore(join(folder, "registry-scans"));
  }

  /**
   * What an earlier run finished; from then on it is one of this run. As for a new scan the advisories are prepared first: what is missing
   * is fetched, and what came counts as other advisories.
   *
   * Errors: those of {@link RunAdvisories.prepare}.
   */
  async recall(key: string, advisories: Pick<RunAdvisories, "index" | "prepare">): Promise<FinishedScan | undefined> {
    const packed = this.#store?.get(key);
    const stored = packed && unpackRecord<Partial<Stored>>(key, packed);
    if (!packed || !stored?.scan || stored.format !== format || stored.revision !== answerRevision) return undefined;
    const isCurrent = (): boolean => stored.database === stateOf(advisories.index.status);
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
    const stored: Stored = { format, revision: answerRevision, database: stateOf(options.database), scan };
    const packed = packRecord(key, stored);
    this.#packed.set(key, packed);
    if (options.lasting) this.#store?.set(key, packed);
  }

  /** A scan of this run. */
  get(key: string): FinishedScan | undefined {
    const packed = this.#packed.get(key);
    return packed && unpackRecord<Stored>(key, packed)?.scan;
  }
}

const states = new WeakMap<DatabaseStatus, string>();

/** Two databases of one date may be of other parts: those are named with when they changed. */
function stateOf(status: DatabaseStatus): string {
  const known = states.get(status);
  if (known !== undefined) return known;
  const { kind, builtAt, records, ecosystems, parts, behind } = status;
  const text = JSON.stringify([kind, builtAt, records, ecosystems, parts, behind]);
  const state = createHash("sha256").update(text).digest("hex");
  states.set(status, state);
  return state;
}
