import { PlimsollError } from "../../model/error.ts";
import { type GitBlob, gitBlobs } from "./git-blobs.ts";
import { type GitPlace, gitOutput } from "./run-git.ts";

/** A state of a file with its bytes. */
export interface HistoricFile extends GitBlob {
  /** Undefined when Git does not have the object, for example in a clone in part. */
  readonly bytes: Buffer | undefined;
}

/** How much of a history is read. */
export interface GitHistoryOptions extends GitPlace {
  /** Larger files are passed over. */
  readonly largest: number;
  /** Whether files at a path are read; all when absent. */
  readonly isWanted?: (path: string) => boolean;
}

const mostBlobs = 5_000_000;

/**
 * Every state that a file below the folder ever had, with its bytes, oldest commits first. Nothing is checked out, so
 * no filter, hook or attribute of the repository runs.
 *
 * Errors: those of {@link gitOutput}, `limit-exceeded`.
 */
export async function* readGitHistory({
  largest,
  isWanted = () => true,
  ...place
}: GitHistoryOptions): AsyncGenerator<HistoricFile> {
  const blobs: GitBlob[] = [];
  for await (const blob of gitBlobs(place, isWanted)) {
    if (blobs.length === mostBlobs) {
      throw new PlimsollError("limit-exceeded", `the history has more than ${mostBlobs} states of files`);
    }
    blobs.push(blob);
  }
  const lines = blobs.values().map(({ id }) => `${id}\n`);
  const reader = new PieceReader(gitOutput(["cat-file", "--batch"], place, lines));
  for (const blob of blobs) {
    const [, type, length] = (await reader.line()).split(" ");
    const size = Number(length);
    if (type === "missing") yield { ...blob, bytes: undefined };
    if (type === "missing" || !Number.isSafeInteger(size)) continue;
    const bytes = await reader.read(size, { keep: type === "blob" && size <= largest });
    await reader.read(1, { keep: false });
    if (bytes) yield { ...blob, bytes };
  }
}

/** Whether the clone lacks older commits. Errors: those of {@link gitOutput}. */
export async function isShallow(place: GitPlace): Promise<boolean> {
  const pieces: Buffer[] = [];
  for await (const piece of gitOutput(["rev-parse", "--is-shallow-repository"], place)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8").trim() === "true";
}

const longestLine = 4096;

/** Reads lines and so many bytes from pieces. */
class PieceReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) return this.#take(end + 1).toString("utf8", 0, end);
      if (this.#rest.length > longestLine) throw new PlimsollError("program-failed", "git answers without end");
      await this.#more();
    }
  }

  /** The next bytes, or undefined where they are not kept. */
  async read(length: number, { keep }: { readonly keep: boolean }): Promise<Buffer | undefined> {
    const kept: Buffer[] = [];
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) await this.#more();
      const piece = this.#take(Math.min(left, this.#rest.length));
      if (keep) kept.push(piece);
      left -= piece.length;
    }
    return keep ? Buffer.concat(kept) : undefined;
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#pieces.next();
    if (done) throw new PlimsollError("program-failed", "git ended before its answer was complete");
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}
