import type { Channel } from "../../../model/findings/advisory.ts";

// Package URLs of Ubuntu's feeds have a qualifier `distro` that says for which archive a statement is meant:
//
//   jammy                                   the archive of the release
//   esm-infra/focal, esm-apps/focal         Ubuntu Pro
//   esm-infra-legacy/trusty, trusty/esm     Ubuntu Pro of the oldest release
//   fips-updates/jammy, …                   further products
//
// OSV writes the same as an ecosystem: `Ubuntu:22.04:LTS`, `Ubuntu:Pro:20.04:LTS`, `Ubuntu:Pro:FIPS-updates:22.04:LTS`.

/** Releases by code name that the feeds keep up to date. Source: distro-info-data, ubuntu.csv. */
const releases: readonly (readonly [string, string])[] = [
  ["trusty", "14.04:LTS"],
  ["xenial", "16.04:LTS"],
  ["bionic", "18.04:LTS"],
  ["focal", "20.04:LTS"],
  ["jammy", "22.04:LTS"],
  ["noble", "24.04:LTS"],
  ["questing", "25.10"],
  ["resolute", "26.04:LTS"],
];

/** For these two the feeds hold only remains; no data is better than a little, which would look complete. */
const abandoned: ReadonlySet<string> = new Set(["24.10", "25.04"]);

/** The archive that an ecosystem stands for. */
export interface UbuntuArchive {
  /** The ecosystem of the release itself: `Ubuntu:20.04:LTS`. */
  readonly base: string;
  /** Absent for the archive that everybody has. */
  readonly channel?: Channel;
}

/**
 * What an ecosystem stands for; undefined for one whose packages are not compared: real-time kernels, network cards,
 * releases that the feeds gave up.
 */
export function ubuntuArchive(ecosystem: string): UbuntuArchive | undefined {
  const [, product, release] = /^Ubuntu:(?:(Pro(?::FIPS[A-Za-z-]*)?):)?(\d\d\.\d\d(?::LTS)?)$/.exec(ecosystem) ?? [];
  if (release === undefined || abandoned.has(release.slice(0, 5))) return undefined;
  const base = `Ubuntu:${release}`;
  if (product === undefined) return { base };
  return { base, channel: product === "Pro" ? "esm" : "fips" };
}

/** The ecosystem of Ubuntu Pro for a release's own: `Ubuntu:Pro:20.04:LTS` for `Ubuntu:20.04:LTS`. */
export function proEcosystem(base: string): string {
  return base.replace(/^Ubuntu:/, "Ubuntu:Pro:");
}

/**
 * What `distro` of a package URL stands for as an ecosystem. Knows the releases above and learns others from OSV's
 * records.
 */
export class DistroNames {
  readonly #ecosystems = new Map<string, string>();

  constructor() {
    for (const [name, release] of releases) {
      this.#ecosystems.set(name, `Ubuntu:${release}`);
      for (const distro of [`esm-infra/${name}`, `esm-apps/${name}`, `esm-infra-legacy/${name}`, `${name}/esm`]) {
        this.#ecosystems.set(distro, `Ubuntu:Pro:${release}`);
      }
    }
  }

  ecosystemOf(distro: string): string | undefined {
    return this.#ecosystems.get(distro);
  }

  /** Takes down that a record uses both for the same archive. */
  learn(distro: string, ecosystem: string): void {
    if (this.#ecosystems.size < mostNames) this.#ecosystems.set(distro, ecosystem);
  }
}

const mostNames = 1000;
