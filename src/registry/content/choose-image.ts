import { PlimsollError } from "../../model/error.ts";
import { isSamePlatform, type Platform, parsePlatform, runsOn } from "../../model/packages/platform.ts";
import type { Descriptor } from "./descriptor.ts";

/**
 * The image of an index for a platform, by what descriptors say: the same platform, then the highest variant below it,
 * which runs there too, then any variant of one that was named without. Where a version of Windows is named, it is the
 * very version, else the newest that runs there. Undefined when none says that it is for the platform. Error: `usage`
 * for what names no platform.
 */
export function imageFor(platform: string, images: readonly Descriptor[]): Descriptor | undefined {
  const wanted = parsePlatform(platform);
  if (!wanted)
    throw new PlimsollError("usage", `${platform} is not a platform`, { hint: "Use a platform such as linux/amd64." });
  const candidates = images.flatMap((image): Candidate[] => {
    const own = candidatePlatform(image, wanted);
    return own && own.os === wanted.os ? [{ image, own }] : [];
  });
  const running = candidates.filter(({ own }) => runsOn(own, wanted));
  let best = running[0];
  for (const one of running) if (best && isBetter(one.own, best.own, wanted)) best = one;
  if (best || wanted.variant !== undefined) return best?.image;
  return candidates.find(({ own: { variant: _, ...own } }) => isSamePlatform(own, wanted))?.image;
}

interface Candidate {
  readonly image: Descriptor;
  readonly own: Platform;
}

/** What an image is for; without the version of its system, which rules nothing out, where none was named. */
function candidatePlatform({ platform = "", osVersion }: Descriptor, wanted: Platform): Platform | undefined {
  const own = parsePlatform(platform);
  return own && wanted.osVersion !== undefined && osVersion !== undefined ? { ...own, osVersion } : own;
}

/** Compares two platforms that run where one is wanted. */
function isBetter(own: Platform, best: Platform, wanted: Platform): boolean {
  const [isSame, wasSame] = [isSamePlatform(own, wanted), isSamePlatform(best, wanted)];
  if (isSame !== wasSame) return isSame;
  const [runsHigher, runsLower] = [runsOn(best, own), runsOn(own, best)];
  if (runsHigher !== runsLower) return runsHigher;
  const [version = "", before = ""] = [own.osVersion, best.osVersion];
  if (version === before || before === wanted.osVersion) return false;
  return version === wanted.osVersion || inNumbers.compare(version, before) > 0;
}

const inNumbers = new Intl.Collator("en", { numeric: true });

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
  return new PlimsollError("platform-not-found", `${what} has no image for ${platform}`, {
    hint:
      platforms.length === 0 ? withoutImages(entries) : `Available platforms: ${platforms.slice(0, 30).join(", ")}.`,
  });
}

function withoutImages(entries: number): string {
  if (entries === 0) return "The image index is empty.";
  return "The image index contains no images, only related artifacts such as attestations.";
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
  throw new PlimsollError("platform-not-found", `${what} has no image for ${wanted}`, {
    hint: `The only image is for ${platform}.`,
  });
}
