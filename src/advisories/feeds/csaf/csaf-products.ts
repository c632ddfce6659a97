import type { CsafDocument, CsafProduct, CsafVulnerability } from "./csaf-document.ts";

// A product of a VEX document is mostly a combination: the package `openssl-1:3.0.7-16.el9_2.x86_64` as a component of
// the product `Red Hat Enterprise Linux BaseOS (v. 9)`. A modular package is combined twice: with its module, and that
// with the product; either side of a combination may be a combination again.

/** How many combinations may stand inside each other. */
const deepestCombination = 16;

/** What a product id stands for. */
export interface ResolvedProduct {
  /** The id of the innermost component: the package. */
  readonly component: string;
  /** The ids of what lies between the package and its platform, outermost last: a module. */
  readonly through: readonly string[];
  /** The id of the platform; undefined for a product that is not a combination. */
  readonly platform: string | undefined;
}

/**
 * Follows the combinations of a product id (CSAF 2.0, section 3.2.2.4). A product that is not a combination is its own
 * component.
 * Undefined when the combinations run in a circle or too deep.
 */
export function resolveProduct(
  { relationships }: Pick<CsafDocument, "relationships">,
  id: string,
): ResolvedProduct | undefined {
  const outermost = relationships.get(id);
  if (!outermost) return { component: id, through: [], platform: undefined };
  const component = innermostComponent(relationships, outermost.component);
  const through: string[] = [];
  let platform = outermost.platform;
  for (let depth = 0; depth < deepestCombination; depth++) {
    const next = relationships.get(platform);
    if (!next) return component === undefined ? undefined : { component, through, platform };
    const between = innermostComponent(relationships, next.component);
    if (between === undefined) return undefined;
    through.push(between);
    platform = next.platform;
  }
  return undefined;
}

function innermostComponent(relationships: CsafDocument["relationships"], id: string): string | undefined {
  let component = id;
  for (let depth = 0; depth < deepestCombination; depth++) {
    const next = relationships.get(component);
    if (!next) return component;
    component = next.component;
  }
  return undefined;
}

/** True when any product stands under a status, read or not. */
export function saysOfProducts({ status, unknownStatuses }: CsafVulnerability): boolean {
  return unknownStatuses !== undefined || Object.values(status).some((ids) => ids.length > 0);
}

/** What names no product is looked at for each product, so that only so much of it is kept. */
const mostEverywhere = 100;

/** A list of statements about products, by product: what names no product (the first hundred) stands under every id. */
export class ByProduct<T extends { readonly products: readonly string[] | undefined }> {
  readonly #items = new Map<string, T[]>();
  readonly #everywhere: T[] = [];

  constructor(items: Iterable<T>) {
    for (const item of items) {
      if (item.products === undefined) {
        if (this.#everywhere.length < mostEverywhere) this.#everywhere.push(item);
      } else for (const id of item.products) this.#add(id, item);
    }
  }

  /** In the order of the document, what names the product before what names none. */
  of(id: string): readonly T[] {
    const named = this.#items.get(id);
    if (!named) return this.#everywhere;
    return this.#everywhere.length === 0 ? named : [...named, ...this.#everywhere];
  }

  #add(id: string, item: T): void {
    const items = this.#items.get(id);
    if (!items) this.#items.set(id, [item]);
    else if (items.at(-1) !== item) items.push(item);
  }
}

/** The text of the first note of one of these categories, the vulnerability's notes before the document's. */
export function noteText(
  document: Pick<CsafDocument, "notes">,
  vulnerability: Pick<CsafVulnerability, "notes">,
  categories: readonly string[],
): string | undefined {
  for (const category of categories) {
    for (const notes of [vulnerability.notes, document.notes]) {
      const note = notes.find((candidate) => candidate.category === category && candidate.text !== "");
      if (note) return note.text;
    }
  }
  return undefined;
}

/** The product of an id, in the tree or as a combination; undefined when the document does not define it. */
export function productOf(document: CsafDocument, id: string): CsafProduct | undefined {
  return document.products.get(id) ?? document.relationships.get(id)?.product;
}
