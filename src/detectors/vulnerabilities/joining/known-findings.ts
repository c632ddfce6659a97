import type { AdvisoryIndex } from "../../../model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../model/findings/finding.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import type { PackageMatches } from "../matching/match-package.ts";

/** What advisories say of one package in one distribution. */
export interface KnownPackage extends Pick<PackageMatches, "where" | "unclear"> {
  /** By id. */
  readonly findings: readonly VulnerabilityFinding[];
}

const defaultRoom = 100_000;

/**
 * What was found for packages of other targets of a run, for targets that share them: the same object stands for the
 * same package in the same place. All of it is of one index; of another one nothing is known.
 */
export class KnownFindings {
  readonly #room: number;
  #index: AdvisoryIndex | undefined;
  #byDistribution = new Map<string, WeakMap<Package, KnownPackage>>();
  #left: number;

  /** `room` is how many findings, open records and packages are remembered before all are forgotten. */
  constructor(room: number = defaultRoom) {
    this.#room = room;
    this.#left = room;
  }

  /** Reads and adds what is known in a distribution. */
  in(
    distribution: Distribution | null,
    index: AdvisoryIndex,
  ): { get(subject: Package): KnownPackage | undefined; set(subject: Package, known: KnownPackage): void } {
    if (index !== this.#index) this.#forget(index);
    const key = JSON.stringify(distribution);
    return {
      get: (subject) => this.#byDistribution.get(key)?.get(subject),
      set: (subject, known) => {
        this.#left -= 1 + known.findings.length + known.unclear.length;
        if (this.#left < 0) this.#forget(index);
        let packages = this.#byDistribution.get(key);
        if (!packages) {
          packages = new WeakMap();
          this.#byDistribution.set(key, packages);
        }
        packages.set(subject, known);
      },
    };
  }

  #forget(index: AdvisoryIndex): void {
    this.#index = index;
    this.#byDistribution = new Map();
    this.#left = this.#room;
  }
}
