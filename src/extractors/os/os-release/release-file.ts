import type { Distribution } from "../../../model/packages/distribution.ts";

/** How Red Hat's relatives begin their release file, and their ID in os-release. */
const families: readonly { readonly prefix: string; readonly id: string }[] = [
  { prefix: "AlmaLinux", id: "almalinux" },
  { prefix: "Amazon Linux", id: "amzn" },
  { prefix: "CentOS", id: "centos" },
  { prefix: "Enterprise Linux Enterprise Linux", id: "ol" },
  { prefix: "Fedora", id: "fedora" },
  { prefix: "Oracle Linux", id: "ol" },
  { prefix: "Red Hat Enterprise Linux", id: "rhel" },
  { prefix: "Rocky Linux", id: "rocky" },
  { prefix: "Scientific Linux", id: "scientific" },
];

/**
 * Reads a release file of Red Hat's relatives, `NAME release VERSION (Codename)`; undefined when it names none of them.
 * The codename there is not the one that os-release means, and is part of the name only.
 */
export function readReleaseFile(text: string): Distribution | undefined {
  const line = text.split("\n", 1)[0]?.trim() ?? "";
  const family = families.find(({ prefix }) => line.startsWith(prefix));
  const version = / release (\d+(?:\.\d+)*)(?: |$)/.exec(line)?.[1];
  if (family === undefined || version === undefined) return undefined;
  return { id: family.id, idLike: [], version, name: line };
}
