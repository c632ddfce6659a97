import type { Package } from "../../model/packages/package.ts";
import { ecosystemBase } from "../../model/packages/package-name.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { missingEcosystem, needsNoAdvisories } from "./ecosystems/missing-ecosystem.ts";
import { quietFeedLimit } from "./ecosystems/quiet-feed.ts";
import { fixesOnlyLimit } from "./matching/fixes-only.ts";
import type { MatchOptions, PackageMatches } from "./matching/match-package.ts";
import { compareNames } from "./names/vulnerability-names.ts";
import { ProductGaps } from "./product-gaps.ts";

/** What gaps are judged by. */
interface GapOptions extends MatchOptions {
  /** The day for which the feeds' age is judged; not at all when absent. */
  readonly now?: Date;
}

/** Gathers packages that could not be evaluated, so that each gap is reported once. */
export class Gaps {
  readonly #options: GapOptions;
  readonly #byKind = new Map<string, { code: Problem["code"]; reason: string; packages: number }>();
  readonly #versions = new Map<string, Problem>();
  readonly #missing = new Map<string, string | undefined>();
  readonly #makers = new Map<string, Set<string>>();
  readonly #products = new ProductGaps();
  readonly #isBuiltIn: boolean;
  /** Packages by the ecosystem that the built-in advisories lack. */
  readonly #notBuiltIn = new Map<string, number>();
  /** Packages of languages that are left to the distribution's advisories. */
  #owned = 0;

  constructor(options: GapOptions) {
    this.#options = options;
    this.#isBuiltIn = options.index.status.kind === "built-in";
  }

  add(subject: Package, { where, unclear }: Pick<PackageMatches, "where" | "unclear">): void {
    const needsReport = !needsNoAdvisories(subject, where);
    if ("unknown" in where && needsReport) this.#count(where.code, where.unknown);
    if ("maker" in where && where.maker !== undefined) this.#addMaker(where.maker, subject);
    if ("suppressed" in where && subject.ownedBy) this.#owned++;
    if (!("ecosystem" in where)) return;
    const missing = this.#missingIn(where.ecosystem);
    if (missing !== undefined && needsReport) this.#countMissing(missing);
    if (unclear.length === 0) return;
    const byKind = Map.groupBy(unclear, ({ evaluation }) => evaluation.otherProducts !== undefined);
    this.#products.add(subject, where, byKind.get(true) ?? []);
    const unread = byKind.get(false) ?? [];
    const [first] = unread;
    if (!first) return;
    const ids = unread.map(({ advisory }) => advisory.id).sort(compareNames);
    const some = ids.length > 3 ? `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more` : ids.join(", ");
    const what = subject.version === "" ? subject.name : `${subject.name} ${subject.version}`;
    const message = `${what} cannot be compared with ${some}: ${first.evaluation.reason}`;
    const [path] = subject.paths;
    this.#versions.set(message, { code: "unknown-version", message, ...(path !== undefined && { path }) });
  }

  #missingIn(ecosystem: string): string | undefined {
    if (!this.#missing.has(ecosystem)) {
      this.#missing.set(ecosystem, missingEcosystem(ecosystem, this.#options.index));
    }
    return this.#missing.get(ecosystem);
  }

  /**
   * A gap of a database; the built-in advisories are not a full feed and say so, so their gaps are reported as a limit.
   */
  #countMissing(ecosystem: string): void {
    if (this.#isBuiltIn) this.#notBuiltIn.set(ecosystem, (this.#notBuiltIn.get(ecosystem) ?? 0) + 1);
    else this.#count("no-advisories", `the database has no advisories for ${ecosystem}`);
  }

  #addMaker(maker: string, { name }: Package): void {
    const names = this.#makers.get(maker);
    if (names) names.add(name);
    else this.#makers.set(maker, new Set([name]));
  }

  #count(code: Problem["code"], reason: string): void {
    const gap = this.#byKind.get(reason);
    if (gap) gap.packages++;
    else this.#byKind.set(reason, { code, reason, packages: 1 });
  }

  problems(): Problem[] {
    const kinds = [...this.#byKind.values()].map(({ code, reason, packages }) => ({
      code,
      message: `${reason} (${packagesText(packages)})`,
    }));
    return [...kinds, ...this.#products.problems(), ...this.#versions.values()];
  }

  /** A clause when only the few built-in records were searched, and they do not cover packages of the target. */
  notBuiltIn(): string[] {
    const all = [...this.#notBuiltIn].map(([ecosystem, packages]) => `${ecosystem} (${packagesText(packages)})`);
    return all.length === 0
      ? []
      : [`the built-in advisories do not cover ${all.join(", ")}; run \`plimsoll db update\``];
  }

  /** A clause for each feed that stands still. */
  quietFeeds(): string[] {
    const { index, now } = this.#options;
    if (!now) return [];
    return [...this.#missing.keys()].flatMap((ecosystem) => quietFeedLimit(ecosystem, { index, now }) ?? []);
  }

  /** A clause for each ecosystem that there are advisories of, and that tell fixes alone. */
  fixesOnly(): string[] {
    const held = [...this.#missing].flatMap(([ecosystem, missing]) =>
      missing === undefined ? [ecosystemBase(ecosystem)] : [],
    );
    return held.flatMap((base) => fixesOnlyLimit(base, this.#owned) ?? []);
  }

  /** A clause when records may be about products of Red Hat that the target does not tell. */
  otherProducts(): string[] {
    return this.#products.limits();
  }

  /** A clause for each third party whose packages no feed covers: no other database would change that. */
  makers(): string[] {
    return [...this.#makers].map(([maker, all]) => {
      const names = [...all].sort();
      const some = names.slice(0, mostNamed).join(", ");
      const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
      return `the packages built by ${maker} were not compared, because no advisories for them are known: ${some}${more}`;
    });
  }
}

const mostNamed = 5;

function packagesText(packages: number): string {
  return packages === 1 ? "one package" : `${packages} packages`;
}
