import { forEachInParallel } from "../for-each-in-parallel.ts";
import { compareTags } from "./compare-tags.ts";

/** Tags of one repository that stand for the same manifest or index. */
export interface TaggedImage {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  /** In their natural order; empty for an image that was named by its digest. */
  readonly tags: readonly string[];
}

/** When an image was made: RFC 3339, null when it does not say, `artifact` for what is not an image, `unreadable`. */
export type ImageDate = string | null | "artifact" | "unreadable";

/** How the newest images are found. */
export interface NewestOptions {
  readonly newest: number;
  readonly dateOf: (image: TaggedImage) => Promise<ImageDate>;
  /** How many dates are asked for at a time. */
  readonly atOnce: number;
}

/** Programs that build the same bytes each time write a date of these first years of computing, or none. */
const earliestDate = Date.UTC(1980, 0, 3);

/**
 * The newest images of one repository, by the date in their config; those without one follow in the natural order of
 * their tags, the highest first. Unreadable entries, which may be new, and entries that are not images are added, so
 * that both are reported. Dates are asked for only when there are more images than are wanted.
 */
export async function newestImages(
  images: readonly TaggedImage[],
  { newest, dateOf, atOnce }: NewestOptions,
): Promise<readonly TaggedImage[]> {
  if (images.length <= newest) return images;
  const dates = new Map<TaggedImage, ImageDate>();
  await forEachInParallel(images, atOnce, async (image) => void dates.set(image, await dateOf(image)));
  const always = images.filter((image) => dates.get(image) === "artifact" || dates.get(image) === "unreadable");
  const rest = images.filter((image) => !always.includes(image));
  const timeOf = (image: TaggedImage): number => {
    const time = Date.parse(dates.get(image) ?? "");
    return time >= earliestDate ? time : Number.NEGATIVE_INFINITY;
  };
  const sorted = rest.toSorted((a, b) => {
    const [one, other] = [timeOf(a), timeOf(b)];
    if (one !== other) return one > other ? -1 : 1;
    return compareTags(b.tags.at(-1) ?? "", a.tags.at(-1) ?? "");
  });
  return [...sorted.slice(0, newest), ...always];
}
