import { type AdvisoryIndex, type Affected, affectedExtension } from "../../../model/findings/advisory.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import { distributionId } from "../ecosystems/distribution-ecosystem.ts";

// Red Hat files its advisories by product, named by CPE, and each of its repositories is a set of products:
//
//   cpe:/a:redhat:enterprise_linux:9::appstream         CPE 2.2
//   cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:…   CPE 2.3, the same
//   Red Hat:enterprise_linux:9::appstream               OSV's ecosystem
//
// All three are compared from the product on. A name that stops earlier stands for everything below it.

/** Which products an image of Red Hat has, as far as its repositories tell. */
export interface ImageProducts {
  /** As `rhel_eus:9.4`; undefined when no repository tells one: then the main channel counts. */
  readonly products: ReadonlySet<string> | undefined;
  /** Why the image may have packages of other products too, as a clause; undefined when its repositories tell. */
  readonly doubt: ProductDoubt | undefined;
}

/** Why it is not known from which products packages come. */
export interface ProductDoubt {
  /** Whether the target names no repositories, or some that the database does not know. */
  readonly kind: "unnamed" | "unknown";
  /** A clause. */
  readonly reason: string;
}

/**
 * The products of an image of Red Hat. The repositories of one release are not told apart: which of them brought a
 * package is not known, and what is installed later may come from one that the image does not name. Those of the main
 * channel are known by their names; who rebuilds Red Hat's packages has no other products.
 *
 * Source: Red Hat, repository-to-cpe.json; the content sets of an image's build.
 */
export function productsOfImage(
  distribution: Distribution | null,
  index: Pick<AdvisoryIndex, "repositoryCpes">,
): ImageProducts {
  const repositories = distribution?.repositories ?? [];
  const unknown: string[] = [];
  const products = new Set<string>();
  for (const repository of repositories) {
    const ofRepository = index.repositoryCpes(repository).flatMap((cpe) => productOf(cpe) ?? []);
    if (ofRepository.length === 0 && !mainRepository.test(repository)) unknown.push(repository);
    for (const product of ofRepository) products.add(product.replace(repositoryOfRelease, "$1"));
  }
  const mayHaveOthers = distribution !== null && distributionId(distribution) === "rhel";
  return {
    products: products.size === 0 ? undefined : products,
    doubt: mayHaveOthers ? doubtAbout(repositories, unknown) : undefined,
  };
}

function doubtAbout(repositories: readonly string[], unknown: readonly string[]): ProductDoubt | undefined {
  if (repositories.length === 0) {
    return { kind: "unnamed", reason: "the target does not list the repositories of its packages" };
  }
  if (unknown.length === 0) return undefined;
  const some = unknown.slice(0, mostNamed).join(", ");
  const more = unknown.length > mostNamed ? ` and ${unknown.length - mostNamed} more` : "";
  const which = unknown.length === 1 ? "repository" : "repositories";
  return { kind: "unknown", reason: `the database has no products for the ${which} ${some}${more}` };
}

const mostNamed = 3;

/**
 * `rhel-9-for-x86_64-baseos-rpms`, `ubi-8-appstream-debug-rpms`; not those of extended updates, `…-baseos-eus-rpms`.
 */
const mainRepository =
  /^(?:rhel|ubi)-\d+(?:-for-[a-z0-9_]+)?-(?:baseos|appstream|codeready-builder)(?:-debug|-source)?(?:-rpms)?$/;

/**
 * Whether an entry is about a product that an image of this release may have besides the main one: no other release of
 * the distribution, and nothing that is built for another (`::el8`).
 */
export function mayBeInstalled(entry: Affected, ours: string): boolean {
  const release = /:(\d+)/.exec(ours.slice(ecosystemBase(ours).length + 1))?.[0]?.slice(1);
  return productsOfEntry(entry).some((product) => {
    const built = /:el(\d+)(?![\d_])/.exec(product)?.[1] ?? releaseOfDistribution.exec(product)?.[1];
    return built === undefined || built === release;
  });
}

/** The names under which Red Hat sells its distribution, and the release. */
const releaseOfDistribution =
  /^(?:enterprise_linux\w*|rhel_(?:eus|aus|tus|e4s|e2s|els|extras|eus_long_life|mission_critical)):(\d+)/;

/**
 * Whether an entry is about a product of the image. `ours` is the ecosystem of the release, whose main repositories
 * count when `products` is absent. What has no fix is filed under the release as a whole and is meant wherever that is
 * the ground.
 */
export function coversProducts(entry: Affected, ours: string, products: ReadonlySet<string> | undefined): boolean {
  const main = ours.slice(ecosystemBase(ours).length + 1);
  const wanted = products ? [...products, ...(hasFix(entry) ? [] : [main])] : [main];
  return productsOfEntry(entry).some((theirs) => wanted.some((product) => meets(theirs, product)));
}

/** Whether an entry names a fixed version. */
export function hasFix({ ranges = [] }: Affected): boolean {
  return ranges.some(({ events }) => events.some(({ fixed }) => fixed !== undefined));
}

const repositoryOfRelease = /^(enterprise_linux:\d+|rhel_[a-z0-9]+:[\d.]+)[.:].*$/;

/** What an entry names, from the product on: `openshift:4.14::el9`. */
export function productsOfEntry(entry: Affected): readonly string[] {
  const { cpes } = affectedExtension(entry);
  if (cpes) return cpes.flatMap((cpe) => productOf(cpe) ?? []);
  const ecosystem = entry.package?.ecosystem ?? "";
  return [ecosystem.slice(ecosystemBase(ecosystem).length + 1)];
}

function meets(theirs: string, product: string): boolean {
  if (theirs === "" || theirs === product) return true;
  return theirs.startsWith(`${product}:`) || theirs.startsWith(`${product}.`) || product.startsWith(`${theirs}:`);
}

/** The part of a CPE of Red Hat after the vendor, in the form of CPE 2.2; undefined for another vendor's. */
function productOf(cpe: string): string | undefined {
  const old = /^cpe:\/[aoh]:redhat:(.+)$/.exec(cpe)?.[1];
  if (old !== undefined) return old;
  const parts = /^cpe:2\.3:[aoh]:redhat:(.+)$/.exec(cpe)?.[1]?.split(":");
  const plain = parts?.map((part) => (part === "*" || part === "-" ? "" : part.replaceAll("\\", "")));
  return plain && trimEnd(plain.join(":"), ":");
}
