import type { Distribution } from "../model/distribution.ts";
import type { FoundPackage } from "../model/package.ts";

/** By id of a distribution, how its own packages name their vendor (rpm) or maintainer (deb). */
const makers: Readonly<Record<string, RegExp>> = {
  almalinux: /almalinux/i,
  amzn: /amazon/i,
  azurelinux: /microsoft/i,
  centos: /centos|red hat/i,
  debian: /debian/i,
  fedora: /fedora/i,
  mariner: /microsoft/i,
  ol: /oracle/i,
  photon: /vmware|broadcom/i,
  rhel: /red hat/i,
  rocky: /rocky/i,
  sled: /suse/i,
  sles: /suse/i,
  ubuntu: /ubuntu|canonical|debian/i,
};

/**
 * Whether the distribution itself built a package, as far as its vendor or maintainer tells. A package from elsewhere (Docker's,
 * Google's, EPEL's) is not in the distribution's advisories, so what lies in its files must be judged by its own ecosystem's. Debian's
 * few packages whose maintainer gives a private address count as from elsewhere: the error is a finding too many, never one too few.
 */
export function isBuiltByDistribution({ vendor }: FoundPackage, distribution: Distribution | null): boolean {
  if (vendor === undefined || distribution === null) return true;
  const id = distribution.id.startsWith("opensuse") ? "sles" : distribution.id;
  const maker = Object.hasOwn(makers, id) ? makers[id] : undefined;
  if (maker) return maker.test(vendor);
  return vendor.toLowerCase().includes(id) || /debian|ubuntu|red hat|fedora|suse/i.test(vendor);
}
