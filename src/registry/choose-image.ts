import { PlimsollError } from "../model/error.ts";
import { isSamePlatform, type Platform, parsePlatform, runsOn } from "../model/platform.ts";
import type { Descriptor } from "./descriptor.ts";

/**
 * The image of an index for a platform, by what descriptors say: the same platform, then any variant of one that was
 * named without, then a lower variant, which runs there too. Undefined when none says that it is for it. Error: `usage`
 * for what names no platform.
 */
export function imageFor(platform: string, images: readonly Descriptor[]): Descriptor | undefined {
  const wanted = parsePlatform(platform);
  if (!wanted) throw new PlimsollError("usage", `${platform} is no platform`, { hint: "Write it as linux/amd64." });
  const known = images.map((image) => ({ image, own: parsePlatform(image.platform ?? "") }));
  const firstOf = (fits: (own: Platform) => boolean): Descriptor | undefined =>
    known.find(({ own }) => own && fits(own))?.image;
  const { variant: _, ...anyVariant } = wanted;
  return (
    firstOf((own) => isSamePlatform(own, wanted)) ??
    (wanted.variant === undefined
      ? firstOf(({ variant: _, ...own }) => isSamePlatform(own, anyVariant))
      : firstOf((own) => own.os === wanted.os && runsOn(own, wanted)))
  );
}

/** Which platforms there are, where the one that was asked for is not; of `entries` in the index some are `images`. */
export function noImageFor(
  platform: string,
  {
    what,
    images,
    entries,
  }: { readonly what: string; readonly images: readonly Descriptor[]; readonly entries: number },
): PlimsollError {
  const platforms = [...new Set(images.map((image) => image.platform ?? "unknown"))];
  return new PlimsollError("platform-not-found", `${what} holds no image for ${platform}`, {
    hint: platforms.length === 0 ? withoutImages(entries) : `It holds: ${platforms.slice(0, 30).join(", ")}.`,
  });
}

function withoutImages(entries: number): string {
  if (entries === 0) return "Its index is empty.";
  return "Its index holds no image, only what belongs to one, such as attestations.";
}

/**
 * One image that says for what it is, and is for something else, is not what was asked for. Error:
 * `platform-not-found`.
 */
export function refuseOther(
  what: string,
  { platform, wanted }: { readonly platform: string | undefined; readonly wanted: string },
): void {
  const [own, asked] = [parsePlatform(platform ?? ""), parsePlatform(wanted)];
  if (!own || !asked) return;
  const { variant: _, ...anyVariant } = own;
  if (asked.variant === undefined ? isSamePlatform(anyVariant, asked) : runsOn(own, asked)) return;
  throw new PlimsollError("platform-not-found", `${what} holds no image for ${wanted}`, {
    hint: `It is one image, for ${platform}.`,
  });
}
