import { type BenchArchives, tagOf } from "./images/archives.ts";
import type { BenchImage } from "./images/bench-images.ts";

export const sourceKinds = ["oci-archive", "docker-archive", "engine", "registry"] as const;

/** From where an image is scanned. */
export type SourceKind = (typeof sourceKinds)[number];

/** An image at one place. */
export interface ScanSource {
  readonly kind: SourceKind;
  readonly image: BenchImage;
  readonly archives: BenchArchives;
  /** Of the registry, or the engine's `DOCKER_HOST`. */
  readonly host?: string;
}

/** The image's name in the registry. */
export function registryName({ host = "", image }: Pick<ScanSource, "host" | "image">): string {
  return `${host}/${tagOf(image)}`;
}

/** The image at its place, by the schemes that Plimsoll and Syft share. */
export function withScheme(source: ScanSource): string {
  const { kind, archives, image } = source;
  switch (kind) {
    case "oci-archive":
      return `oci-archive:${archives.ociArchive}`;
    case "docker-archive":
      return `docker-archive:${archives.dockerArchive}`;
    case "engine":
      return `docker:${tagOf(image)}`;
    case "registry":
      return `registry:${registryName(source)}`;
  }
}

/** What a program that speaks to an engine must have in its environment. */
export function engineEnvironment({ kind, host }: ScanSource): Readonly<Record<string, string>> {
  return kind === "engine" && host !== undefined ? { DOCKER_HOST: host } : {};
}
