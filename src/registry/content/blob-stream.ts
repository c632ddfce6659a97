import type { Hash } from "node:crypto";
import { Interruption } from "../../io/http/patience.ts";
import { PlimsollError } from "../../model/error.ts";
import type { RegistryAnswer } from "../connection/registry-answer.ts";
import { type RegistryReply, readReply } from "../connection/registry-document.ts";
import { failed } from "../connection/registry-failure.ts";
import type { RegistryLimits } from "../connection/registry-settings.ts";
import { pullPurpose, type RepositoryAt } from "../connection/repository-at.ts";
import { registryPatience, retried } from "../connection/retry.ts";
import { type Content, digestMismatch, digestOf, hashFor } from "./content-digest.ts";

/** Which part of a blob is wanted, and how patiently. */
export interface BlobStreamOptions {
  /** The first byte; 0 unless given. */
  readonly from?: number;
  /** The byte after the last; the end of the blob unless given. */
  readonly to?: number;
  /**
   * Fail when the registry sends the blob from its start although a part was asked for; else what lies before is passed
   * over.
   */
  readonly partOnly?: boolean;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}

/** Progress of so many bytes makes the attempts begin again. */
const worthwhile: number = 64 * 1024;

/**
 * The bytes of a blob as they come, from the first place that has it. What breaks off goes on where it ended, at the
 * next place when one fails for good. When the whole blob is requested, its size and digest are proved: the error comes
 * after the last byte, so the bytes must not be trusted before the end.
 *
 * Errors: `image-not-found`, `digest-mismatch`, those of a request.
 */
export async function* streamBlob(
  places: readonly RepositoryAt[],
  content: Content,
  options: BlobStreamOptions,
): AsyncGenerator<Buffer> {
  const from = Math.min(Math.max(0, options.from ?? 0), content.size);
  const to = Math.min(options.to ?? content.size, content.size);
  const hash = from === 0 && to === content.size ? hashFor(content.digest) : undefined;
  const state: State = { content, at: from, to, ranges: true, partOnly: options.partOnly === true };
  for (const [index, place] of places.entries()) {
    state.ranges = true;
    try {
      yield* streamFrom(place, state, { ...options, hash });
      break;
    } catch (cause) {
      if (index === places.length - 1 || !canDifferElsewhere(cause)) throw cause;
    }
  }
  const actual = hash && `${content.digest.split(":")[0]}:${hash.digest("hex")}`;
  if (actual !== undefined && actual !== content.digest) {
    throw digestMismatch("a blob", { wanted: content.digest, actual });
  }
}

/**
 * A small blob as a whole, proved by its digest; nothing but `limit` bounds its size.
 * Errors: `image-not-found`, `digest-mismatch`, `limit-exceeded`, those of a request.
 */
export function fetchBlob(
  place: RepositoryAt,
  { digest }: Pick<Content, "digest">,
  { limit, limits, signal }: { readonly limit: number; readonly limits: RegistryLimits; readonly signal: AbortSignal },
): Promise<Buffer> {
  const attempt = async (): Promise<Buffer> => {
    const answer = await place.host.document(
      { path: blobPath(place, { digest }), ...pullPurpose(place) },
      { limit, what: `the blob ${digest}` },
    );
    if (answer.status !== 200) throw await refusalOf(place, answer, digest);
    const { bytes } = answer;
    const actual = digestOf(bytes, digest);
    if (actual !== digest) throw digestMismatch("a blob", { wanted: digest, actual });
    return bytes;
  };
  return retried(attempt, { registry: place.host.name, limits, signal });
}

/** True when a registry has a blob, by its own word. Errors: those of a request. */
export async function hasBlob(place: RepositoryAt, content: Content): Promise<boolean> {
  const purpose = pullPurpose(place);
  const answer = await place.host.send({ method: "HEAD", path: blobPath(place, content), ...purpose });
  const size = answer.header("content-length");
  return answer.status === 200 && (size === undefined || size === "0" || Number(size) === content.size);
}

interface State {
  readonly content: Content;
  at: number;
  readonly to: number;
  /** False when the server has shown that it cannot start in the middle. */
  ranges: boolean;
  readonly partOnly: boolean;
}

async function* streamFrom(
  place: RepositoryAt,
  state: State,
  { hash, limits, signal }: BlobStreamOptions & { readonly hash: Hash | undefined },
): AsyncGenerator<Buffer> {
  const patience = registryPatience({ registry: place.host.name, limits, signal });
  while (state.at < state.to) {
    const start = state.at;
    try {
      for await (const piece of requestRest(place, state)) {
        hash?.update(piece);
        state.at += piece.length;
        if (state.at - start >= worthwhile) patience.renew();
        yield piece;
      }
      if (state.at < state.to) throw new Interruption("the connection was lost");
    } catch (cause) {
      await patience.afterFailure(cause);
    }
  }
}

async function* requestRest(place: RepositoryAt, state: State): AsyncGenerator<Buffer> {
  const { content, at, to } = state;
  if (state.partOnly && !state.ranges) throw sendsNoParts(place, content);
  const ranged = state.ranges && (at > 0 || to < content.size);
  const answer = await place.host.stream({
    path: blobPath(place, content),
    ...(ranged && { headers: { range: `bytes=${at}-${to - 1}` } }),
    ...pullPurpose(place),
  });
  let skip = await firstByte(place, { state, answer });
  let left = to - at;
  // An answer that ends by itself leaves a connection that can be used again.
  const ends = answer.status === 206 && answer.header("content-length") === String(left);
  for await (const piece of answer.body()) {
    if (skip >= piece.length) {
      skip -= piece.length;
      continue;
    }
    const wanted = piece.subarray(skip);
    skip = 0;
    if (wanted.length > left && to === content.size) throw wrongSize(content, "more");
    yield wanted.subarray(0, left);
    left -= Math.min(left, wanted.length);
    if (left === 0 && to < content.size && !ends) return;
  }
}

/** Judges the head of an answer: how many of its bytes come before those that are wanted. */
async function firstByte(
  place: RepositoryAt,
  { state, answer }: { readonly state: State; readonly answer: RegistryAnswer },
): Promise<number> {
  const { content, at } = state;
  if (answer.status === 206) {
    const range = /^bytes (\d{1,15})-/.exec(answer.header("content-range") ?? "")?.[1];
    if (range !== undefined && Number(range) === at) return 0;
    state.ranges = false;
    await readReply(answer);
    throw new Interruption("it sends a different part of the blob than requested");
  }
  if (answer.status === 200 && state.partOnly && at > 0) {
    await readReply(answer);
    throw sendsNoParts(place, content);
  }
  if (answer.status === 200) {
    const length = answer.header("content-length");
    const encoded = (answer.header("content-encoding") ?? "identity") !== "identity";
    if (length === undefined || encoded || Number(length) === content.size) return at;
    await readReply(answer);
    throw wrongSize(content, length);
  }
  if (answer.status === 416 && state.ranges) {
    state.ranges = false;
    await readReply(answer);
    throw new Interruption("it does not send parts of the blob");
  }
  throw await refusalOf(place, await readReply(answer), content.digest);
}

/** What an answer without a blob means; an {@link Interruption} when it may pass. */
async function refusalOf(place: RepositoryAt, answer: RegistryReply, digest: string): Promise<Error> {
  if (answer.status === 404) {
    return new PlimsollError("image-not-found", `${place.host.name}/${place.repository} lacks the blob ${digest}`, {
      hint: "Push the image again. Non-distributable layers are not stored in registries.",
    });
  }
  const own = await place.host.address("/v2/");
  if (answer.url.origin !== own.origin) {
    return new Interruption(
      `its redirect target ${place.host.hide(answer.url.host)} returned HTTP status ${answer.status}`,
    );
  }
  return place.host.refusal(answer, `the blob ${digest}`, pullPurpose(place));
}

function sendsNoParts({ host }: RepositoryAt, { digest }: Content): PlimsollError {
  return failed(`a request for a part of the blob ${digest}`, {
    registry: host.name,
    reason: "it does not send parts of a blob",
  });
}

/** True for a failure that another place may not have. */
function canDifferElsewhere(cause: unknown): boolean {
  return cause instanceof PlimsollError && !["cancelled", "file-malformed", "target-unreadable"].includes(cause.code);
}

function wrongSize({ digest, size }: Content, actual: string): PlimsollError {
  return new PlimsollError("digest-mismatch", `the blob ${digest} should have ${size} bytes but has ${actual}`, {
    hint: "The registry or a proxy changed the content: do not use it.",
  });
}

function blobPath({ repository }: RepositoryAt, { digest }: Pick<Content, "digest">): string {
  return `/v2/${repository}/blobs/${digest}`;
}
