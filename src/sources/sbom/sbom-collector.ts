import { PlimsollError } from "../../model/error.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package } from "../../model/packages/package.ts";
import { normaliseName } from "../../model/packages/package-name.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import type { Context } from "../../model/plugin.ts";
import { sameDistribution } from "./distribution-name.ts";
import { withLongTermSupport } from "./long-term-support.ts";
import { addRepository, OwnRepositories } from "./own-repositories.ts";
import { readEntry, type SbomEntry } from "./sbom-package.ts";

/** The parts of a document that matter for a scan. */
export interface SbomContents {
  readonly format: "cyclonedx" | "spdx";
  /** In the document's order; never with a layer. */
  readonly packages: readonly Package[];
  /** Null when the document names none. */
  readonly distribution: Distribution | null;
  /** True when the document says of itself that things are missing from it, which is a problem too. */
  readonly incomplete: boolean;
}

/** What a document as a whole says of its entries. */
export interface SbomNature {
  readonly format: SbomContents["format"];
  /** A package without a source is taken to be its own. */
  readonly namesOtherSources: boolean;
  readonly incomplete: boolean;
}

const mostEntries = 1_000_000;
const examplesNamed = 3;
/** More than any document about one target has: each is compared with each. */
const mostDistributions = 100;
/** Number of packages of a distribution among which some are always built from a source of another name. */
const enoughToTell = 10;
/** Their advisories name the packages that are installed. */
const namedByBinaries: ReadonlySet<string> = new Set(["almalinux", "amzn", "ol"]);

/** Gathers what the entries of a document say, and says once what could not be judged. */
export class SbomCollector {
  readonly #context: Context;
  readonly #packages: Package[] = [];
  readonly #fromPackages: Distribution[] = [];
  readonly #examples: string[] = [];
  readonly #declared: Distribution[] = [];
  #described: Distribution | undefined;
  /** Repositories of the target as a whole. */
  readonly #repositories = new Set<string>();
  readonly #ownRepositories = new OwnRepositories();
  readonly #contents = new Map<string, string>();
  readonly #conflicting = new Set<string>();
  #entries = 0;
  #unknown = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Call for each component before reading it. Throws `limit-exceeded` beyond a million, `cancelled` on abort. */
  count(): void {
    this.#entries += 1;
    if (this.#entries > mostEntries) {
      throw new PlimsollError("limit-exceeded", `the SBOM has more than ${mostEntries} components`, {
        hint: "Split the document.",
      });
    }
    if (this.#context.signal.aborted) {
      throw new PlimsollError("cancelled", "reading the SBOM was cancelled", { cause: this.#context.signal.reason });
    }
  }

  /**
   * Call for each component that has an id of its own in the document, with what it says of itself. Ids are unique in
   * both formats: when two components share one and differ, a reference to it is ambiguous.
   */
  identify(id: string, contents: string): void {
    const known = this.#contents.get(id);
    if (known === undefined) this.#contents.set(id, contents);
    else if (known !== contents) this.#conflicting.add(id);
  }

  /** A distribution that the document declares; what names only a kind of system is passed over. */
  declare(distribution: Distribution): void {
    if (kindsOfSystem.has(distribution.id) || this.#declared.length === mostDistributions) return;
    if (!this.#declared.some((other) => isEqual(other, distribution))) this.#declared.push(distribution);
  }

  /** The system that the document is about as a whole, which may be a product built on a distribution. */
  describe(distribution: Distribution): void {
    if (!kindsOfSystem.has(distribution.id)) this.#described = distribution;
  }

  /**
   * Adds the entry if it is a package. `expected` says that it is there to be judged, so that it is a problem if it
   * cannot be. Gives the package, or undefined.
   */
  add(entry: SbomEntry, expected: boolean): Package | undefined {
    const reading = readEntry(entry);
    if (reading.kind === "unknown" && expected) {
      this.#unknown += 1;
      if (this.#examples.length < examplesNamed) this.#examples.push(exampleOf(entry));
    }
    if (reading.kind !== "package") return undefined;
    this.#packages.push(reading.package);
    for (const name of entry.repositories) addRepository(this.#repositories, name);
    this.#ownRepositories.add(reading.package, reading.repository);
    const { distribution } = reading;
    const isFull = this.#fromPackages.length === mostDistributions;
    if (distribution && !isFull && !this.#fromPackages.some((other) => sameDistribution(other, distribution))) {
      this.#fromPackages.push(distribution);
    }
    return reading.package;
  }

  /**
   * Adds what the document is about, after all others, where it is a package of a language with a version. Where the
   * document lists it too, in whatever form of package URL, that is the one, and a main module if this is one.
   */
  addRoot(entry: SbomEntry): void {
    const reading = readEntry({ ...entry, ownProject: true });
    if (reading.kind !== "package") return;
    const root = reading.package;
    // A name without a version, `latest` or a branch, would match records without end; Go has words of its own.
    const isVersion = /\d/.test(root.version) || root.type === "golang";
    if (isDistributionType(root.type) || !isVersion) return;
    let isListed = false;
    for (const [index, listed] of this.#packages.entries()) {
      if (!isSamePackage(listed, root)) continue;
      isListed = true;
      if (root.mainModule) this.#packages[index] = { ...listed, mainModule: true };
    }
    if (!isListed) this.#packages.push(root);
  }

  /** The contents, after the last entry. Reports the problems. */
  finish({ format, namesOtherSources, incomplete }: SbomNature): SbomContents {
    const packages = this.#packages;
    const distribution = this.#distribution();
    if (this.#unknown > 0) {
      const components = this.#entries === 1 ? "component" : "components";
      const which = `${this.#unknown} of ${this.#entries} ${components} in the SBOM`;
      const examples = `${this.#unknown > this.#examples.length ? "for example " : ""}${this.#examples.join(", ")}`;
      this.#context.problem({
        code: "unreadable",
        message: `${which} could not be compared without a version or supported package URL: ${examples}`,
      });
    }
    const [conflicting] = this.#conflicting;
    if (conflicting !== undefined) {
      const more = this.#conflicting.size > 1 ? ` and ${this.#conflicting.size - 1} more` : "";
      this.#context.problem({
        code: "unreadable",
        message: `components with different contents share one id in the SBOM, so it contradicts itself: ${conflicting.slice(0, 100)}${more}`,
      });
    }
    if (incomplete) {
      const message = "the SBOM is marked as incomplete, so the target may contain packages that it does not list";
      this.#context.problem({ code: "not-examined", message });
    }
    this.#reportMissingSources(distribution, namesOtherSources ? enoughToTell : 1);
    const others = this.#fromPackages.filter((other) => distribution && !sameDistribution(other, distribution));
    if (distribution && others.length > 0) {
      const names = others.slice(0, examplesNamed).map(({ name }) => name);
      this.#context.problem({
        code: "unknown-distribution",
        message: `the SBOM also lists packages of ${names.join(", ")}, but they are compared as packages of ${distribution.name}`,
      });
    }
    return { format, packages, distribution, incomplete };
  }

  /**
   * The declared one that packages name too, or the described one that they name, else the first declared one, else
   * that of the packages, else the described one; with what the packages know of it and the declaration leaves out.
   */
  #distribution(): Distribution | null {
    const ofPackages = this.#fromPackages;
    const isNamed = (one: Distribution): boolean => ofPackages.some((other) => sameDistribution(one, other));
    const described = this.#described;
    const declared = [...this.#declared, ...(described ? [described] : [])].find(isNamed) ?? this.#declared[0];
    const found = declared ? withRelease(declared, ofPackages) : (ofPackages[0] ?? described);
    if (!found) return null;
    const repositories = new Set([...this.#repositories, ...this.#ownRepositories.all()]);
    const named = found.repositories || repositories.size === 0 ? {} : { repositories: [...repositories].sort() };
    return { ...withLongTermSupport(found, this.#packages), ...named };
  }

  #reportMissingSources(distribution: Distribution | null, enough: number): void {
    for (const type of ["deb", "apk", "rpm"] as const) {
      if (type === "rpm" && distribution && namedByBinaries.has(distribution.id)) continue;
      const ofType = this.#packages.filter((one) => one.type === type);
      const sources = ofType.filter(({ source }) => source !== undefined).length;
      // A package merged from another document does not identify the tool that wrote the others.
      const needsReport = enough === enoughToTell ? sources > 0 : sources * 20 > ofType.length;
      if (ofType.length < enough || needsReport) continue;
      const few = sources === 0 ? "none" : `only ${sources}`;
      const none = ofType.length === 1 ? `the ${type} package` : `${few} of the ${ofType.length} ${type} packages`;
      const names = ofType.length === 1 ? "does not name" : "names";
      this.#context.problem({
        code: "not-examined",
        message: `${none} in the SBOM ${names} its source package, under which advisories are filed, so only those of the same name were compared`,
      });
    }
  }
}

/** What some tools declare beside the distribution, or in its place. */
const kindsOfSystem: ReadonlySet<string> = new Set(["linux", "gnu/linux", "gnu linux", "unix", "unknown", "none"]);

function isSamePackage(one: Package, other: Package): boolean {
  if (one.type !== other.type || one.version !== other.version) return false;
  return one.type === "pypi"
    ? normaliseName("PyPI", one.name) === normaliseName("PyPI", other.name)
    : one.name === other.name;
}

function isEqual(one: Distribution, other: Distribution): boolean {
  return one.id === other.id && one.version === other.version && one.codename === other.codename;
}

function withRelease(declared: Distribution, others: readonly Distribution[]): Distribution {
  if (declared.version !== undefined || declared.codename !== undefined) return declared;
  const known = others.find(({ id, version, codename }) => id === declared.id && (version ?? codename) !== undefined);
  return known ? { ...known, ...declared, name: known.name } : declared;
}

function exampleOf({ names, version }: SbomEntry): string {
  const name = names[0] ?? "a component without a name";
  const text = version ? `${name} ${version}` : name;
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
