import type { Extraction } from "../../extractors/extractor.ts";
import { isInDependency } from "../../extractors/is-in-dependency.ts";
import { findProgram } from "../../io/processes/child-process.ts";
import { PlimsollError } from "../../model/error.ts";
import type { SecretFinding } from "../../model/findings/secret.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { counted } from "../../model/text/counted.ts";
import { isShallow, readGitHistory } from "../../sources/git/git-history.ts";
import { largestText, ownSecretExtractor } from "../inventory/secret-extractor.ts";

/** How Git is found, and what it sees. */
export interface GitAccess {
  /** Folders as `PATH` has them. */
  readonly searchPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The history to search, and what is known already. */
export interface HistoryOptions extends GitAccess {
  readonly folder: string;
  /** The secrets in the folder as it is now, which are not reported once more. */
  readonly present: readonly SecretFinding[];
  readonly signal: AbortSignal;
  /** Told of the bytes that were searched so far. */
  readonly progress?: (bytes: number) => void;
}

/**
 * The secrets that are only in the Git history of a folder, each with the oldest commit that has it, and what was not
 * searched. Errors: `program-failed`, `cancelled`, `limit-exceeded`.
 */
export async function historySecrets({
  folder,
  searchPath,
  environment,
  present,
  signal,
  progress,
}: HistoryOptions): Promise<{ readonly secrets: readonly SecretFinding[]; readonly problems: readonly Problem[] }> {
  const program = await findProgram("git", searchPath);
  if (program === undefined) {
    throw new PlimsollError("program-failed", "git was not found, which --git-history needs", { hint: "Install Git." });
  }
  const place = { program, folder, environment, signal };
  const known = new Set(present.map(secretKey));
  const secrets: SecretFinding[] = [];
  const problems: Problem[] = [];
  let missing = 0;
  let done = 0;
  for await (const { path, commit, bytes } of readGitHistory({ ...place, largest: largestText, isWanted })) {
    if (!bytes) missing++;
    if (!bytes || bytes.length === 0) continue;
    done += bytes.length;
    progress?.(done);
    const note = (problem: Problem) =>
      void problems.push({ ...problem, message: `commit ${commit}: ${problem.message}` });
    for (const extraction of ownSecretExtractor.extract(fileOf(path, bytes), { signal, problem: note })) {
      const secret = secretOf(extraction, { path, commit });
      if (!secret || known.has(secretKey(secret))) continue;
      known.add(secretKey(secret));
      secrets.push(secret);
    }
  }
  return { secrets, problems: [...problems, ...lacking({ missing, isShallow: await isShallow(place) })] };
}

/** A state that is in a dependency and in the project is found in the project. */
function isWanted(path: string): boolean {
  return !isInDependency(path);
}

function secretOf(
  extraction: Extraction,
  { path, commit }: { readonly path: string; readonly commit: string },
): SecretFinding | undefined {
  return extraction.kind === "secret" ? { kind: "secret", ...extraction.secret, path, layer: null, commit } : undefined;
}

/** A secret that moves within its file stays the same. */
function secretKey({ rule, path, fingerprint, shape }: SecretFinding): string {
  return JSON.stringify([rule, path, fingerprint ?? shape]);
}

function fileOf(path: string, bytes: Buffer): OpenFile {
  return {
    ...{ path, size: bytes.length, mode: 0o644 },
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

function lacking({
  missing,
  isShallow,
}: {
  readonly missing: number;
  readonly isShallow: boolean;
}): readonly Problem[] {
  const gaps = [
    ...(isShallow ? ["the clone is shallow, so older commits were not searched; use git fetch --unshallow"] : []),
    ...(missing > 0 ? [`the clone lacks ${counted(missing, "old state")} of files, which were not searched`] : []),
  ];
  return gaps.map((message): Problem => ({ code: "not-examined", message }));
}
