import {
  type Advisory,
  type AffectedExtension,
  extensionKey,
  type PackageStatement,
} from "../../../model/findings/advisory.ts";
import type { VexProduct } from "../../../model/findings/vex.ts";
import type { Package } from "../../../model/packages/package.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import { parsePackageUrl } from "../../../model/packages/package-url.ts";
import type { LookUp, PackageEcosystem } from "../ecosystems/ecosystem-of.ts";
import { entriesAbout, type Subject } from "../matching/evaluate.ts";
import { type MatchOptions, placeOf } from "../matching/match-package.ts";

/** A statement, and the name of the package under which it is kept. */
export interface StatementAbout {
  readonly statement: PackageStatement;
  readonly lookUp: LookUp;
}

/** Finds publishers' statements about packages that are not an advisory; statements under one name are read once. */
export class PublisherStatements {
  readonly #options: MatchOptions;
  readonly #places = new WeakMap<Package, PackageEcosystem>();
  readonly #kept = new Map<string, ReadonlyMap<string, readonly PackageStatement[]>>();

  constructor(options: MatchOptions) {
    this.#options = options;
  }

  /**
   * The statements that name a vulnerability by one of `names`, in any case, and are kept for the release of the
   * package, by the rules for the entries of a record. Their products are limited to those that are of the package's
   * module stream and name its source where they state one.
   */
  about(found: Package, names: Iterable<string>): readonly StatementAbout[] {
    const where = this.#places.get(found) ?? placeOf(found, this.#options);
    this.#places.set(found, where);
    if (!("ecosystem" in where)) return [];
    const { ecosystem, lookUps, unmarked, products } = where;
    const { architecture, module } = found;
    const wanted = [...new Set([...names].map((name) => name.toLowerCase()))];
    return lookUps.flatMap((lookUp) => {
      const kept = this.#statements(ecosystemBase(ecosystem), lookUp.name);
      const named = new Set(wanted.flatMap((name) => kept.get(name) ?? []));
      const subject: Subject = {
        ...{ ecosystem, name: lookUp.name, version: lookUp.version },
        ...(lookUp.kind && { kind: lookUp.kind }),
        ...(unmarked && { unmarked }),
        ...(architecture !== undefined && { architecture }),
        ...(module !== undefined && { module }),
        ...(products && { products }),
      };
      return [...named].flatMap((statement) => {
        const { products } = statement;
        if (products.length === 0) return isAbout({}, statement, subject) ? { statement, lookUp } : [];
        const meant = products.filter((product) => isAbout(extensionOf(product), statement, subject));
        return meant.length === 0 ? [] : { statement: { ...statement, products: meant }, lookUp };
      });
    });
  }

  #statements(ecosystem: string, name: string): ReadonlyMap<string, readonly PackageStatement[]> {
    const key = `${ecosystem}\n${name}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const byName = new Map<string, PackageStatement[]>();
    for (const statement of this.#options.index.statements(ecosystem, name)) {
      const { name: id, aliases = [] } = statement.vulnerability;
      for (const text of new Set([id, ...aliases].map((word) => word.toLowerCase()))) {
        byName.set(text, [...(byName.get(text) ?? []), statement]);
      }
    }
    this.#kept.set(key, byName);
    return byName;
  }
}

/** Whether the entry of a record in the statement's place, with this extension, would be about the package. */
function isAbout(extension: AffectedExtension, { ecosystem }: PackageStatement, subject: Subject): boolean {
  const affected = [
    { package: { ecosystem, name: subject.name }, database_specific: { [extensionKey]: extension } },
  ] satisfies Advisory["affected"];
  return entriesAbout({ id: "", modified: "", affected }, subject).length > 0;
}

/** What the qualifiers of a product say that the extension of an entry has a field for. */
function extensionOf({ "@id": id }: VexProduct): AffectedExtension {
  const { rpmmod: module, arch } = parsePackageUrl(id)?.qualifiers ?? {};
  return { ...(module && { module }), ...((arch === "source" || arch === "src") && { names: "source" }) };
}
