import type { ParsedPackageUrl } from "../../model/packages/package-url.ts";

/** The package URL with another version. */
export function withVersion({ canonical }: ParsedPackageUrl, version: string): string {
  const [, name = "", rest = ""] = /^([^@?#]*)(?:@[^?#]*)?(.*)$/s.exec(canonical) ?? [];
  return `${name}@${encodeURIComponent(version)}${rest}`;
}
