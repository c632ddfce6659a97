import { formatPackageUrl } from "../../model/packages/package-url.ts";
import { parseReference } from "../../model/packages/reference.ts";
import type { Report, TargetKind } from "../../model/reports/report.ts";

const imageKinds: ReadonlySet<TargetKind> = new Set([
  ...(["docker", "podman", "containers-storage", "containerd", "registry"] as const),
]);

/**
 * The package URLs by which a VEX document can name a scanned image: `pkg:oci` with each digest, repository and tag.
 * Empty for targets other than images of a registry or an engine: the names in an archive are written by its maker.
 */
export function productUrlsOf(
  { kind, name, manifestDigest, platform }: Report["target"],
  { alsoKnownAs = [], imageName }: ProductNames = {},
): readonly string[] {
  if (imageName === undefined && !imageKinds.has(kind)) return [];
  const reference = parseReference(imageName ?? name);
  if (!reference) return [];
  const { registry, repository, tag = reference.digest === undefined ? "latest" : undefined, digest } = reference;
  const hosts = registry === "docker.io" ? ["docker.io", "index.docker.io"] : [registry];
  const digests = new Set([manifestDigest, digest, ...alsoKnownAs]);
  const arch = platform?.split("/")[1];
  const qualifiers = { ...(tag !== undefined && { tag }), ...(arch !== undefined && { arch }) };
  return [...digests].flatMap((version) =>
    hosts.flatMap((host) => {
      const parts = { type: "oci", name: repository.split("/").at(-1) ?? repository, version };
      const url = formatPackageUrl({
        ...parts,
        qualifiers: { ...qualifiers, repository_url: `${host}/${repository}` },
      });
      return url === undefined ? [] : [url];
    }),
  );
}

interface ProductNames {
  readonly alsoKnownAs?: readonly string[] | undefined;
  /** The name of the image, where it is scanned by another one. */
  readonly imageName?: string | undefined;
}
