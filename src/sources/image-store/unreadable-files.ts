import { PlimsollError } from "../../model/error.ts";

/** The most files that are named as unreadable before the layer is given up. */
const mostUnreadable = 1_000;

/**
 * The files of an unpacked layer that a walk could not read: it goes on without them, and fails when all others were
 * told.
 */
export class UnreadableFiles {
  readonly #folder: string;
  readonly #reasons = new Map<string, string>();

  /** `folder` is how the error names the layer. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get size(): number {
    return this.#reasons.size;
  }

  has(path: string): boolean {
    return this.#reasons.has(path);
  }

  /** Error: `target-unreadable` when there are too many. */
  note(path: string, reason: string): void {
    if (this.#reasons.size >= mostUnreadable) {
      throw new PlimsollError(
        "target-unreadable",
        `more than ${mostUnreadable} of the layer's files cannot be read: ${reason}`,
      );
    }
    this.#reasons.set(path, reason);
  }

  /** Error: `target-unreadable` when a file was noted. */
  fail(): void {
    const [first] = this.#reasons;
    if (!first) return;
    const [path, reason] = first;
    throw new PlimsollError(
      "target-unreadable",
      `${this.size} of the layer's files in ${this.#folder} cannot be read; the first is ${JSON.stringify(path)}: ${reason}${reason === "permission denied" ? adviceForUsers : ""}`,
    );
  }
}

/** A problem has no place for a hint. */
const adviceForUsers = "; run Plimsoll as root, or inside podman unshare";
