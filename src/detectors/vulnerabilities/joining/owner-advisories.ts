import type { AdvisoryIndex } from "../../../model/findings/advisory.ts";
import type { Package, PackageOwner } from "../../../model/packages/package.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import { coversRelease } from "../matching/release-scope.ts";
import { vulnerabilitiesOf } from "../names/vulnerability-names.ts";

/** The place of a distribution's advisories about a package that owns others. */
export interface OwnerPlace {
  /** With the suffix of the release. */
  readonly ecosystem: string;
  readonly owner: PackageOwner;
  /** The names of the vulnerabilities of which they speak, whatever they say: fixed, not affected or open. */
  readonly names: ReadonlySet<string>;
}

/** Lists the vulnerabilities that a distribution's advisories cover for packages that own others. */
export class OwnerAdvisories {
  readonly #ecosystem: string;
  readonly #index: AdvisoryIndex;
  readonly #sources: ReadonlyMap<string, string>;
  readonly #places = new Map<string, OwnerPlace>();

  /**
   * `ecosystem` is with the suffix of the release; `packages` are those of the target, of which owners have their
   * sources.
   */
  constructor(ecosystem: string, { index, packages }: { index: AdvisoryIndex; packages: readonly Package[] }) {
    this.#ecosystem = ecosystem;
    this.#index = index;
    this.#sources = new Map(
      packages.flatMap(({ type, name, source }) => (source ? [[keyOf({ type, name }), source.name]] : [])),
    );
  }

  of(owner: PackageOwner): OwnerPlace {
    const key = keyOf(owner);
    let place = this.#places.get(key);
    if (!place) {
      const spokenOf = [owner.name, this.#sources.get(key) ?? owner.name];
      const names = new Set([...new Set(spokenOf)].flatMap((name) => this.#namesFor(name)));
      place = { ecosystem: this.#ecosystem, owner, names };
      this.#places.set(key, place);
    }
    return place;
  }

  /** Another release does not prove anything: an issue that is fixed there may be open here. */
  #namesFor(name: string): string[] {
    const base = ecosystemBase(this.#ecosystem);
    const matchesRelease = (ecosystem: string): boolean => coversRelease(ecosystem, this.#ecosystem);
    const records = this.#index
      .find(base, name)
      .filter(({ affected = [] }) =>
        affected.some((entry) => entry.package && matchesRelease(entry.package.ecosystem)),
      );
    const statements = this.#index.statements(base, name).filter(({ ecosystem }) => matchesRelease(ecosystem));
    return [
      ...records.flatMap((advisory) => vulnerabilitiesOf(advisory).flat()),
      ...statements.flatMap(({ vulnerability: { name: id, aliases = [] } }) => [id, ...aliases]),
    ];
  }
}

function keyOf({ type, name }: PackageOwner): string {
  return `${type} ${name}`;
}
