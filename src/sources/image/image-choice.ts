import { PlimsollError } from "../../model/error.ts";
import { meansSamePlatform, parsePlatform } from "../../model/packages/platform.ts";

/**
 * True when `wanted` names the platform, under whichever of its usual names: variants must be equal, one that is absent
 * on either side matches any.
 */
export function matchesPlatform(platform: string, wanted: string): boolean {
  const [own, asked] = [parsePlatform(platform), parsePlatform(wanted)];
  if (!own || !asked) return platform === wanted;
  if (own.os !== asked.os) return false;
  if (asked.architecture === undefined) return true;
  if (own.architecture !== asked.architecture) return false;
  return own.variant === undefined || asked.variant === undefined || own.variant === asked.variant;
}

/** The first for the very platform, else the first that {@link matchesPlatform}. */
export function firstForPlatform<Item extends { readonly platform?: string }>(
  items: readonly Item[],
  wanted: string,
): Item | undefined {
  const matching = items.filter(({ platform = "" }) => matchesPlatform(platform, wanted));
  return matching.find(({ platform }) => meansSamePlatform(platform, wanted)) ?? matching[0];
}

/** `platform-not-found`; the hint says for which platforms there are images. */
export function noSuchPlatform(
  platform: string,
  { what, platforms }: { readonly what: string; readonly platforms: readonly (string | undefined)[] },
): PlimsollError {
  const names = [...new Set(platforms.map((name) => name ?? "unknown"))];
  return new PlimsollError("platform-not-found", `${what} has no image for ${platform}`, {
    hint: `Available platforms: ${names.slice(0, 30).join(", ")}.`,
  });
}

/** The platform of the images that run on this machine: Linux on its architecture. */
export function hostPlatform(): string {
  const names: Record<string, string> = { x64: "amd64", ia32: "386" };
  return `linux/${names[process.arch] ?? process.arch}`;
}

/**
 * `image-not-found` for a reference that none of the names in an archive or layout is; the hint says which there are.
 */
export function noSuchImage(
  reference: string | undefined,
  { layout, names }: { readonly layout: string; readonly names: readonly string[] },
): PlimsollError {
  return new PlimsollError("image-not-found", `${layout} contains no image named ${reference}`, {
    hint: names.length === 0 ? "Its images have no names." : `Available images: ${names.slice(0, 10).join(", ")}.`,
  });
}
