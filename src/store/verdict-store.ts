import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeCacheFile } from "../io/cache-file.ts";
import type { DatabaseStatus } from "../model/advisory.ts";
import type { Severity } from "../model/finding.ts";
import { isJsonObject } from "../model/json-object.ts";
import type { Verdict } from "../model/verdict.ts";

/** What is remembered of the scan of an image. */
export interface VerdictRecord {
  /** The image as it was named for the scan. */
  readonly name: string;
  /** `linux/amd64`; absent when the image does not say. */
  readonly platform?: string;
  /** RFC 3339. */
  readonly scannedAt: string;
  /** What the answer depends on besides the image and the advisories, as one text; another one makes a verdict stale. */
  readonly revision: string;
  /** The advisories that the packages were compared with. */
  readonly database: Pick<DatabaseStatus, "kind" | "builtAt">;
  /** How many findings there are of each severity that occurs. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
  /** How many parts could not be examined. */
  readonly problems: number;
  /** The verdict for each threshold that may be asked for; that without a threshold under `none`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Raise it when {@link VerdictRecord} changes its shape. */
const format = 1;
const largestRecord = 64 * 1024;
const mostPlatforms = 100;

/**
 * Verdicts on disk by the digests of images: one small file for each digest and platform, since the digest of an index stands for
 * one image on each. A file that cannot be read counts as absent; see {@link writeCacheFile}.
 */
export class VerdictStore {
  readonly #folder: string;

  /** `folder` is the cache folder; verdicts lie in one of their own in it. */
  constructor(folder: string) {
    this.#folder = join(folder, "verdicts");
  }

  /** Remembers a record under each digest. */
  set(digests: Iterable<string>, record: VerdictRecord): void {
    for (const digest of new Set(digests)) {
      const folder = this.#folderOf(digest);
      if (folder === undefined) continue;
      writeCacheFile(join(folder, fileName(record.platform)), () => JSON.stringify({ format, digest, ...record }));
    }
  }

  /** What is remembered of a digest, for each platform. */
  get(digest: string): readonly VerdictRecord[] {
    const folder = this.#folderOf(digest);
    if (folder === undefined) return [];
    return namesIn(folder).flatMap((name) => {
      const record = readRecord(join(folder, name), digest);
      return record ? [record] : [];
    });
  }

  #folderOf(digest: string): string | undefined {
    const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]{64,128})$/.exec(digest) ?? [];
    return algorithm === undefined || hex === undefined ? undefined : join(this.#folder, algorithm, hex);
  }
}

/** A platform comes out of an image, so it is no name for a file. */
function fileName(platform: string | undefined): string {
  const hash = createHash("sha256")
    .update(platform ?? "")
    .digest("hex");
  return `${hash.slice(0, 16)}.json`;
}

function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}\.json$/.test(name));
    return names.sort().slice(0, mostPlatforms);
  } catch {
    return [];
  }
}

function readRecord(path: string, digest: string): VerdictRecord | undefined {
  try {
    if (statSync(path).size > largestRecord) return undefined;
    const record: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(record) || record["format"] !== format || record["digest"] !== digest) return undefined;
    const { format: _format, digest: _digest, ...rest } = record;
    return isRecord(rest) ? rest : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(record: object): record is VerdictRecord {
  const { name, scannedAt, revision, database, findings, problems, verdicts } = record as Partial<VerdictRecord>;
  return (
    typeof name === "string" &&
    typeof scannedAt === "string" &&
    typeof revision === "string" &&
    isJsonObject(database) &&
    typeof database["builtAt"] === "string" &&
    isJsonObject(findings) &&
    typeof problems === "number" &&
    isJsonObject(verdicts) &&
    Object.values(verdicts).every(
      (verdict) =>
        isJsonObject(verdict) && typeof verdict["decision"] === "string" && Array.isArray(verdict["reasons"]),
    )
  );
}
