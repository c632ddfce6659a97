import { PlimsollError } from "../../model/error.ts";

/** True when `wanted` names the platform: a wanted variant must be equal, an absent one matches any. */
export function matchesPlatform(platform: string, wanted: string): boolean {
  return platform === wanted || platform.startsWith(`${wanted}/`);
}

/** The platform of the images that run on this machine: Linux on its architecture. */
export function hostPlatform(): string {
  const names: Record<string, string> = { x64: "amd64", ia32: "386" };
  return `linux/${names[process.arch] ?? process.arch}`;
}

/** `image-not-found` for a reference that none of the names in an archive or layout is; the hint says which there are. */
export function noSuchImage(
  reference: string | undefined,
  { layout, names }: { readonly layout: string; readonly names: readonly string[] },
): PlimsollError {
  return new PlimsollError("image-not-found", `${layout} holds no image named ${reference}`, {
    hint: names.length === 0 ? "Its images have no names." : `It holds: ${names.slice(0, 10).join(", ")}.`,
  });
}
