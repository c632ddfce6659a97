import { ecosystemBase } from "../../../model/packages/package-name.ts";

/**
 * Whether a record's ecosystem is about the release of `ours`, as `ecosystemOf` gives it. A record without a release is
 * about all. A channel that continues a release after its end (`Ubuntu:Pro`, the LTSS of SUSE) is about that release;
 * whether the target uses the channel is another question. What Red Hat sells for a minor release (EUS, AUS) is not
 * about the major one.
 *
 * Source: OSV schema, "affected[].package", the suffixes of the ecosystems.
 */
export function coversRelease(theirs: string, ours: string): boolean {
  if (theirs === ours) return true;
  const base = ecosystemBase(theirs);
  if (base !== ecosystemBase(ours)) return false;
  if (theirs === base) return true;
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
  if (base === "SUSE") return coversProduct(withoutLongTerm(suffix), release);
  return false;
}

/** Ecosystems as records write them, one of which a database has if it knows the release of `ours` at all. */
export function ecosystemsOfRelease(ours: string): string[] {
  const base = ecosystemBase(ours);
  if (base === "Ubuntu") return [ours, withoutSupport(ours), `Ubuntu:Pro:${ours.slice(base.length + 1)}`];
  if (base === "Red Hat") return [...redHatSuffixes.map((suffix) => `${ours}${suffix}`), ours];
  const pack = base === "SUSE" ? servicePack.exec(ours)?.[0] : undefined;
  return pack ? [ours, `SUSE:Linux Enterprise Module for Basesystem ${pack}`, `${ours}-LTSS`] : [ours];
}

/** Suffixes of 8 and 9, of 6 and 7, and from 10 on. */
const redHatSuffixes: readonly string[] = ["::baseos", "::appstream", "::server", ".0", ".1", ".2"];

/** `15 SP5`, and from 16 on `16.0`. */
const servicePack = /(?<!\d)\d+(?:\.\d+| SP\d+)?$/;

/**
 * A release of Ubuntu without what does not tell it apart: `Pro:`, which is a channel, the names of the channels and
 * kernels below, and `:LTS`. Other words stay, and so make it another release. `Pro:22.04:LTS` and
 * `Pro:FIPS-updates:22.04:LTS` are about 22.04. So are the kernels that Ubuntu builds beside those
 * of a release, in both ways of writing: `Pro:22.04:LTS:Realtime:Kernel`, `Pro:Realtime:24.04:LTS`,
 * `22.04:LTS:for:NVIDIA:BlueField`, `Nvidia-BlueField:22.04:LTS`. Their source packages are called after them
 * (`linux-realtime`, `linux-bluefield`), so the name tells which packages may be meant.
 *
 * Source: Ubuntu's description of its OSV records, "The ecosystem field".
 */
function withoutSupport(release: string): string {
  return release
    .replace(/^(?:Pro:)?(?:(?:FIPS|FIPS-updates|FIPS-preview|Realtime|Nvidia-BlueField):)?/, "")
    .replace(/:(?:Realtime:Kernel|for:NVIDIA:BlueField)$/, "")
    .replace(/:LTS$/, "");
}

function withoutLongTerm(suffix: string): string {
  return suffix.replace(/-(?:LTSS|ESPOS|BCL)\b.*$/, "");
}

/**
 * Packages installed beside a product of SUSE come from modules and extensions of the same service pack; the modules of
 * release 12 were the same for all of its service packs.
 */
function coversProduct(suffix: string, release: string): boolean {
  if (suffix === release) return true;
  const pack = servicePack.exec(release)?.[0];
  const of = pack && addition.exec(suffix)?.[1];
  return of !== undefined && (of === pack || (of === "12" && pack?.startsWith("12 ") === true));
}

const addition =
  /^(?:Linux Enterprise (?:Module for .+|Software Development Kit|Workstation Extension|High Availability Extension)|Package Hub) (\d+(?:\.\d+| SP\d+)?)$/;
