import type { Problem } from "../../../model/reports/problem.ts";
import { shortenText } from "../../shorten-text.ts";
import type { CsafDocument } from "./csaf-document.ts";

/** Statuses that say where a vulnerability begins or ends; publishers of packages do not use them so far. */
const withoutMeaning = ["first_affected", "last_affected"] as const;

const mostNames = 10;

/**
 * Counts what documents say of products under statuses that are not read: what is left out in silence looks like "not
 * affected".
 */
export class PassedOverStatuses {
  readonly #products = new Map<string, number>();
  #first = "";

  /** True when the document, which has the path, says something that is left out. */
  note({ vulnerabilities }: CsafDocument, path: string): boolean {
    let found = 0;
    for (const { status, unknownStatuses = {} } of vulnerabilities) {
      const counts = [
        ...withoutMeaning.map((name) => [name, status[name].length] as const),
        ...Object.entries(unknownStatuses),
      ];
      for (const [name, products] of counts) {
        this.#add(name, { products, path });
        found += products;
      }
    }
    return found > 0;
  }

  /** One problem for all of them; undefined when there was nothing. */
  problem(publisher: string): Problem | undefined {
    if (this.#products.size === 0) return undefined;
    const counts = [...this.#products].map(([name, products]) => `${name} ${products}`).join(", ");
    const message = `documents from ${publisher} contain unsupported product statuses (${counts}), first in ${this.#first}`;
    return { code: "unreadable", message, path: this.#first };
  }

  #add(status: string, { products, path }: { readonly products: number; readonly path: string }): void {
    if (products === 0) return;
    const name = JSON.stringify(shortenText(status.slice(0, 40)));
    const known = this.#products.get(name);
    if (known === undefined && this.#products.size === mostNames) return;
    if (this.#first === "") this.#first = path;
    this.#products.set(name, (known ?? 0) + products);
  }
}
