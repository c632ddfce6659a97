import { formatPackageUrl } from "../../model/packages/package-url.ts";
import { parseReference } from "../../model/packages/reference.ts";
import { isNamedImage } from "../../model/reports/is-named-image.ts";
import type { Report } from "../../model/reports/report.ts";

/**
 * The package URLs by which a VEX document can name a scanned image: `pkg:oci` with each digest, repository and tag.
 * Empty for targets other than images of a registry or an engine.
 */
export function productUrlsOf(
  { kind, name, manifestDigest, platform }: Report["target"],
  { alsoKnownAs = [], imageName }: ProductNames = {},
): readonly string[] {
  if (imageName === undefined && !isNamedImage(kind)) return [];
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
