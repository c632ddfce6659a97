import { ecosystemBase } from "../../model/package-name.ts";

/**
 * Whether a record's ecosystem covers packages of the ecosystem `ours`, as `ecosystemOf` gives it. A record without a
 * release covers all; one with a release covers that release. What only a paid channel brings is not covered: `Ubuntu:Pro`,
 * the extended updates of Red Hat, the long-term support of SUSE.
 *
 * Source: OSV schema, "affected[].package", the suffixes of the ecosystems.
 */
export function coversRelease(theirs: string, ours: string): boolean {
  const base = ecosystemBase(theirs);
  if (base !== ecosystemBase(ours)) return false;
  if (theirs === ours || theirs === base) return true;
  const suffix = theirs.slice(base.length + 1);
  const release = ours.slice(base.length + 1);
  // A language's suffix names a registry; coordinates are the same in all of them.
  if (release === "") return true;
  if (base === "Ubuntu") return withoutSupport(suffix) === withoutSupport(release);
  if (base === "AlmaLinux" || base === "Rocky Linux" || base === "Azure Linux") {
    return suffix.split(".", 1)[0] === release;
  }
  // `enterprise_linux:9::appstream` names a repository, `enterprise_linux:10.1` from 10 on a minor release.
  if (base === "Red Hat") return suffix.startsWith(`${release}:`) || suffix.startsWith(`${release}.`);
  if (base === "SUSE") return coversProduct(suffix, release);
  return false;
}

/** Ecosystems as records write them, one of which a database has if it knows the release of `ours` at all. */
export function ecosystemsOfRelease(ours: string): string[] {
  const base = ecosystemBase(ours);
  if (base === "Ubuntu") return [ours, withoutSupport(ours)];
  if (base === "Red Hat") return [...redHatSuffixes.map((suffix) => `${ours}${suffix}`), ours];
  const pack = base === "SUSE" ? servicePack.exec(ours)?.[0] : undefined;
  return pack ? [ours, `SUSE:Linux Enterprise Module for Basesystem ${pack}`] : [ours];
}

/** Of 8 and 9, of 6 and 7, from 10 on. */
const redHatSuffixes: readonly string[] = ["::baseos", "::appstream", "::server", ".0", ".1", ".2"];

const servicePack = /\d+(?: SP\d+)?$/;

function withoutSupport(release: string): string {
  return release.replace(/:LTS$/, "");
}

/** The modules of SUSE Linux Enterprise 15 hold the packages of every product of the same service pack. */
function coversProduct(suffix: string, release: string): boolean {
  const pack = servicePack.exec(release)?.[0];
  return pack !== undefined && suffix.startsWith("Linux Enterprise Module for ") && suffix.endsWith(` ${pack}`);
}
