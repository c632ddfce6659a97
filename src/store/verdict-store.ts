import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeCacheFile } from "../io/files/cache-file.ts";
import type { DatabaseStatus } from "../model/findings/advisory.ts";
import type { Severity } from "../model/findings/finding.ts";
import { isJsonObject } from "../model/objects/json-object.ts";
import type { Distribution } from "../model/packages/distribution.ts";
import { meansSamePlatform } from "../model/packages/platform.ts";
import type { Verdict } from "../model/reports/verdict.ts";

/** Remembered facts about the scan of an image. */
export interface VerdictRecord {
  /** The image as it was named for the scan. */
  readonly name: string;
  /**
   * `linux/amd64`: under an image's own digest as its config says, under others as an index lists it; absent when
   * neither does.
   */
  readonly platform?: string;
  /** True under a digest that may be an index's: then it is known of this platform only. */
  readonly isOfIndex?: true;
  /**
   * The repository, with its registry, from which the image came whose manifest names the config, under the digest of
   * which this is: whoever fills it could name any config. Absent where the layers are known to be those of the image.
   */
  readonly believedOf?: string;
  /** RFC 3339. */
  readonly scannedAt: string;
  /**
   * What the answer depends on besides the image and the advisories, as one text; another one makes a verdict stale.
   */
  readonly revision: string;
  /** The advisories that the packages were compared with. */
  readonly database: Pick<DatabaseStatus, "kind" | "builtAt">;
  /** The distribution whose support counts; null when no package is of it. */
  readonly distro: Distribution | null;
  /** How many findings there are of each severity that occurs. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
  /** How many parts could not be examined. */
  readonly problems: number;
  /** The verdict for each threshold that may be asked for; that without a threshold under `none`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Raise it when {@link VerdictRecord} changes its shape or its meaning. */
const format = 8;
const largestFile: number = 4 * 1024 * 1024;
const mostPlatforms = 100;

/**
 * Verdicts on disk by the digests of images: one small file for each digest, with a record for each platform, since the
 * digest of an index stands for one image on each. A file that cannot be read counts as absent; see
 * {@link writeCacheFile}.
 */
export class VerdictStore {
  readonly #folder: string;

  /** `folder` is the cache folder; verdicts lie in one of their own in it. */
  constructor(folder: string) {
    this.#folder = join(folder, "verdicts");
  }

  /**
   * Remembers a record under each digest. What a digest is once known to be alone, one image and no index, it stays.
   */
  set(digests: Iterable<string>, record: VerdictRecord): void {
    for (const digest of new Set(digests)) {
      const path = this.#pathOf(digest);
      if (path === undefined) continue;
      const known = readRecords(path, digest);
      const others = known.filter(({ platform }) => !meansSamePlatform(platform, record.platform));
      const { isOfIndex, ...own } = record;
      const isAlone = !isOfIndex || known.some((one) => !one.isOfIndex && !others.includes(one));
      const records = [isAlone ? own : record, ...others].slice(0, mostPlatforms);
      writeCacheFile(path, () => JSON.stringify({ format, digest, records }));
    }
  }

  /** The records of a digest, one for each platform. */
  get(digest: string): readonly VerdictRecord[] {
    const path = this.#pathOf(digest);
    return path === undefined ? [] : readRecords(path, digest);
  }

  #pathOf(digest: string): string | undefined {
    const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest) ?? [];
    return algorithm === undefined || hex === undefined ? undefined : join(this.#folder, `${algorithm}-${hex}.json`);
  }
}

function readRecords(path: string, digest: string): readonly VerdictRecord[] {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined || size > largestFile) return [];
    const stored: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(stored) || stored["format"] !== format || stored["digest"] !== digest) return [];
    const { records } = stored;
    return Array.isArray(records) ? records.slice(0, mostPlatforms).filter(isRecord) : [];
  } catch {
    return [];
  }
}

function isRecord(record: unknown): record is VerdictRecord {
  if (!isJsonObject(record)) return false;
  const { name, scannedAt, revision, database, distro, findings, problems, verdicts } =
    record as Partial<VerdictRecord>;
  return (
    typeof name === "string" &&
    typeof scannedAt === "string" &&
    typeof revision === "string" &&
    isJsonObject(database) &&
    typeof database["builtAt"] === "string" &&
    (distro === null || isJsonObject(distro)) &&
    isJsonObject(findings) &&
    typeof problems === "number" &&
    isJsonObject(verdicts) &&
    Object.values(verdicts).every(
      (verdict) =>
        isJsonObject(verdict) && typeof verdict["decision"] === "string" && Array.isArray(verdict["reasons"]),
    )
  );
}
