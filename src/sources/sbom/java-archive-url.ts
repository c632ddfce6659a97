import {
  formatPackageUrl,
  type ParsedPackageUrl,
  packageUrl,
  parsePackageUrl,
} from "../../model/packages/package-url.ts";

/** Stands for the group while the rest is read. */
const anyGroup = "any";

/**
 * The package URL of a Java archive whose group nothing tells, `pkg:maven/<artifact>@<version>` with or without
 * qualifiers, which breaks the rule of its type that there is one. Undefined for any other. The group counts where the
 * document has it among `names`, as `group:artifact`.
 */
export function javaArchiveUrl(text: string, names: readonly string[]): ParsedPackageUrl | undefined {
  const [, rest] = /^pkg:maven\/([^/?#@]{1,1024}(?:@[^/?#@]{1,1024})?(?:\?[^#]{0,8192})?)$/.exec(text) ?? [];
  const read = rest === undefined ? undefined : parsePackageUrl(`pkg:maven/${anyGroup}/${rest}`);
  if (!read) return undefined;
  const { version, qualifiers, canonical } = read;
  const artifact = read.name.slice(anyGroup.length + 1);
  const name = names.find((candidate) => candidate.endsWith(`:${artifact}`)) ?? artifact;
  const group = name === artifact ? undefined : name.slice(0, -artifact.length - 1);
  const own =
    group === undefined
      ? canonical.replace(`${anyGroup}/`, "")
      : formatPackageUrl({ type: "maven", namespace: group, name: artifact, version, qualifiers });
  return {
    type: "maven",
    namespace: group,
    name,
    version,
    qualifiers,
    subpath: undefined,
    canonical: own ?? packageUrl({ type: "maven", name, version: version ?? "" }),
  };
}
