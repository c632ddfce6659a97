import { formatPackageUrl } from "../../model/packages/package-url.ts";
import type { Target } from "../../model/reports/report.ts";

/** `pkg:oci/<name>@<digest>?repository_url=<repository>`, for an image with a manifest and a name. */
export function imagePackageUrl({ tags, manifestDigest }: Target): string | undefined {
  const [reference] = (tags?.[0] ?? "").split("@", 1);
  if (!reference || manifestDigest === undefined) return undefined;
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  const [stem, tag] = name.split(":", 2);
  if (!stem) return undefined;
  const repository = reference.slice(0, reference.length - name.length) + stem;
  const qualifiers = { repository_url: repository, ...(tag ? { tag } : {}) };
  return formatPackageUrl({ type: "oci", name: stem, version: manifestDigest, qualifiers });
}
