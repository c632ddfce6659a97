import { type AdvisoryIndex, type Affected, affectedExtension } from "../../model/advisory.ts";
import type { Distribution } from "../../model/distribution.ts";
import { ecosystemBase } from "../../model/package-name.ts";

// Red Hat files its advisories by product, named by CPE, and each of its repositories is a set of products:
//
//   cpe:/a:redhat:enterprise_linux:9::appstream         CPE 2.2
//   cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:…   CPE 2.3, the same
//   Red Hat:enterprise_linux:9::appstream               OSV's ecosystem
//
// All three are compared from the product on. A name that stops earlier stands for everything below it.

/**
 * The products of an image whose repositories are known, as `rhel_eus:9.4`; undefined when they are not known or the database
 * does not know them. The repositories of one release are not told apart: which of them brought a package is not known, and
 * what is installed later may come from one that the image does not name.
 *
 * Source: Red Hat, repository-to-cpe.json; the content sets of an image's build.
 */
export function productsOfImage(
  distribution: Distribution | null,
  index: Pick<AdvisoryIndex, "repositoryCpes">,
): ReadonlySet<string> | undefined {
  const cpes = (distribution?.repositories ?? []).flatMap((repository) => index.repositoryCpes(repository));
  const products = cpes.flatMap((cpe) => productOf(cpe)?.replace(repositoryOfRelease, "$1") ?? []);
  return products.length === 0 ? undefined : new Set(products);
}

/**
 * Whether an entry is about a product of the image. `ours` is the ecosystem of the release, whose main repositories count
 * when `products` is absent. What has no fix is filed under the release as a whole and is meant wherever that is the ground.
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

function productsOfEntry(entry: Affected): readonly string[] {
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
  return parts
    ?.map((part) => (part === "*" || part === "-" ? "" : part.replaceAll("\\", "")))
    .join(":")
    .replace(/:+$/, "");
}
