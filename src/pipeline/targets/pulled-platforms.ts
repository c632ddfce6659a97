import { PlimsollError } from "../../model/error.ts";
import { withUsualNames } from "../../model/packages/platform.ts";
import { isDigest } from "../../model/packages/reference.ts";
import { matchesPlatform } from "../../sources/image/image-choice.ts";
import type { ContainerdImage, ContainerdIndex } from "../../sources/image-store/find-in-containerd.ts";

const absent: ReadonlySet<string> = new Set(["image-not-found", "platform-not-found"]);

/**
 * In place of the error of an image that containerd does not have for the platform which was asked for: the error,
 * `platform-not-found`, that says for which ones it was pulled. Any other error is given back.
 */
export async function asPulledPlatforms(
  error: unknown,
  {
    index,
    image: { name, digest, namespace },
    platform,
  }: { readonly index: ContainerdIndex; readonly image: ContainerdImage; readonly platform: string | undefined },
): Promise<unknown> {
  if (platform === undefined || !(error instanceof PlimsollError) || !absent.has(error.code)) return error;
  const images = await index.platformImages(digest, namespace).catch(() => []);
  const there = images.flatMap((image) => image.platform ?? []);
  if (there.length === 0 || there.some((one) => matchesPlatform(one, platform))) return error;
  const platforms = [...new Set(there.map(withUsualNames))].slice(0, 30).join(", ");
  const pull = `ctr --namespace ${namespace} images pull --platform ${platform} ${isDigest(name) ? "NAME" : name}`;
  return new PlimsollError("platform-not-found", `containerd has ${name} only for ${platforms}, not for ${platform}`, {
    hint: `Pull it for that platform, if the registry has it: ${pull}.`,
    cause: error,
  });
}
