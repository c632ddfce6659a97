import type { FinishedScan, FinishedScans, JudgeableImage } from "./finished-scans.ts";

/**
 * The images of a run by the digests of their own manifests: one that several names reach, alone and through indexes,
 * is judged once.
 */
export class JudgedImages {
  readonly #finished: Pick<FinishedScans, "get">;
  /** In which finished scan an image is. */
  readonly #keys = new Map<string, string>();
  /** Scans of images, until what they give is in a finished one. */
  readonly #underWay = new Map<string, Promise<JudgeableImage>>();
  /** The finished scan that was unpacked last: images that share one come one after the other. */
  #unpacked: { readonly key: string; readonly scan: FinishedScan | undefined } | undefined;

  constructor(finished: Pick<FinishedScans, "get">) {
    this.#finished = finished;
  }

  /** Takes note of the images in a scan that is among the finished ones. */
  note(key: string, { images }: FinishedScan): void {
    if (this.#unpacked?.key === key) this.#unpacked = undefined;
    for (const image of images) {
      // What came in part is under way for another name perhaps.
      if (!isWhole(image)) continue;
      this.#keys.set(image.manifestDigest, key);
      this.#underWay.delete(image.manifestDigest);
    }
  }

  /**
   * The known answer for an image, or the one that `scan` gives. What was not read whole is not an answer for others:
   * their repository may hold what another one refuses. Errors: those of `scan`.
   */
  async judge(manifestDigest: string, scan: () => Promise<JudgeableImage>): Promise<Judged> {
    for (;;) {
      const image = this.#known(manifestDigest);
      if (image) return { image, isShared: true };
      const other = this.#underWay.get(manifestDigest);
      if (!other) break;
      const theirs = await other.catch(() => undefined);
      if (theirs && isWhole(theirs)) return { image: theirs, isShared: true };
    }
    const own = scan();
    this.#underWay.set(manifestDigest, own);
    // A whole image stays here until its scan is noted: for an index that may be much later.
    const image = await own.catch((cause: unknown) => {
      this.#underWay.delete(manifestDigest);
      throw cause;
    });
    if (!isWhole(image)) this.#underWay.delete(manifestDigest);
    return { image, isShared: false };
  }

  /**
   * The known result of an image that was read whole elsewhere, under the platform that it has here; else the image.
   */
  fullest(image: JudgeableImage): JudgeableImage {
    const known = isWhole(image) ? undefined : this.#known(image.manifestDigest);
    if (!known || !isWhole(known)) return image;
    const { platform } = image;
    return { ...known, ...(platform !== undefined && { platform }) };
  }

  #known(manifestDigest: string): JudgeableImage | undefined {
    const key = this.#keys.get(manifestDigest);
    if (key === undefined) return undefined;
    if (this.#unpacked?.key !== key) this.#unpacked = { key, scan: this.#finished.get(key) };
    return this.#unpacked.scan?.images.find((image) => image.manifestDigest === manifestDigest);
  }
}

/** An image that was judged, and whether it was for another name. */
export interface Judged {
  readonly image: JudgeableImage;
  readonly isShared: boolean;
}

/**
 * True when a later look would find the same: nothing is missing, or no layer was lost and all that was read of each is
 * proved.
 */
export function isWhole({ layers, problems, lostLayers }: JudgeableImage): boolean {
  if (problems.length === 0) return true;
  return lostLayers === undefined && layers.every(({ verified, inPart }) => verified || inPart);
}
