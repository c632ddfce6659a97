import { type ImageReference, isDigest, parseReference, referenceText } from "../../model/packages/reference.ts";
import type { PulledImage } from "../../sources/image-store/containers-storage.ts";

/** What names an image that runs. */
export interface NamedDigest {
  /** As `Workload` has it. */
  readonly digest: string;
  /** As `Workload` has it; undefined when the repository that was asked for is not known to have the image. */
  readonly pinned?: string;
  /** As `Workload` has it; undefined when it is the same as `digest`, or not known. */
  readonly manifestDigest?: string;
}

/** That of a name with a digest, which stays true when the engine forgets under which names it has the image. */
export function ownDigest(asked: ImageReference & { readonly digest: string }): NamedDigest {
  return namedDigest(asked.digest, { asked, isThere: true });
}

/** That of an image in a store of Podman: of the index where it was picked from one, which other platforms can use. */
export function digestOfPulled({ digest, index, name }: PulledImage, asked: ImageReference | undefined): NamedDigest {
  const from = name === undefined ? undefined : parseReference(name);
  const named = namedDigest(index ?? digest, { asked, isThere: isSame(from, asked) });
  return index === undefined ? named : { ...named, manifestDigest: digest };
}

/**
 * The digest under which the repository of the reference has the image, or else any of these, each `NAME@sha256:…` or
 * `sha256:…`; undefined when there is none.
 */
export function digestAmong(
  repoDigests: readonly string[],
  asked: ImageReference | undefined,
): NamedDigest | undefined {
  const known = repoDigests.flatMap((text) => {
    const name = isDigest(text) ? undefined : parseReference(text);
    const digest = isDigest(text) ? text : name?.digest;
    return digest === undefined ? [] : [{ digest, name }];
  });
  const same = known.find(({ name }) => isSame(name, asked));
  const digest = (same ?? known[0])?.digest;
  return digest === undefined ? undefined : namedDigest(digest, { asked, isThere: same !== undefined });
}

function isSame(one: ImageReference | undefined, asked: ImageReference | undefined): boolean {
  return one !== undefined && one.registry === asked?.registry && one.repository === asked.repository;
}

function namedDigest(
  digest: string,
  { asked, isThere }: { readonly asked: ImageReference | undefined; readonly isThere: boolean },
): NamedDigest {
  // What Podman builds is at `localhost/`, where no registry is.
  if (!isThere || asked === undefined || asked.registry === "localhost") return { digest };
  return { digest, pinned: referenceText({ ...asked, digest }, { familiar: true }) };
}
