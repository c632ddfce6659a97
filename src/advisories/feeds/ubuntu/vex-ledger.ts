import { feedOverLimit } from "../../read-feed-file.ts";
import { shortenText } from "../../shorten-text.ts";
import type { UbuntuStatement, UbuntuVexDocument } from "./vex-document.ts";
import { type PackageVerdict, readVerdict } from "./vex-verdict.ts";

/** What the documents say of one source package in one archive. */
export interface LedgerRow {
  /** As package URLs name the archive: `esm-apps/focal`. */
  readonly distro: string;
  readonly name: string;
  readonly verdict: PackageVerdict;
}

/** What the documents say of one CVE. */
export interface LedgerPage {
  readonly description?: string;
  readonly rows: Iterable<LedgerRow>;
}

const mostRows = 50_000_000;
const mostNames = 1 << 20;
const mostDistros = 1 << 12;

/**
 * Remembers what Ubuntu's OpenVEX documents say, millions of statements on single packages, in eight bytes each: one
 * number for package and archive, one for what is said.
 */
export class VexLedger {
  readonly #names = new Numbering<string>("source packages", mostNames);
  readonly #distros = new Numbering<string>("archives", mostDistros);
  readonly #verdicts = new Numbering<PackageVerdict>("statements", mostRows);
  readonly #pages = new Map<string, Omit<LedgerPage, "rows"> & { readonly start: number; readonly end: number }>();
  #rows = new Uint32Array(1 << 16);
  #count = 0;

  /** Takes a document down; of several about one CVE the first one counts. Error: `limit-exceeded`. */
  add({ cve, description, statements }: UbuntuVexDocument): void {
    if (this.#pages.has(cve)) return;
    const start = this.#count;
    for (const statement of statements) this.#addStatement(statement);
    this.#pages.set(cve, {
      ...(description !== undefined && { description: shortenText(description) }),
      start,
      end: this.#count,
    });
  }

  /** What was taken down about a CVE; undefined when nothing was. */
  page(cve: string): LedgerPage | undefined {
    const page = this.#pages.get(cve);
    return page && { ...page, rows: this.#read(page.start, page.end) };
  }

  /** In the order in which they were added. */
  cves(): IterableIterator<string> {
    return this.#pages.keys();
  }

  #addStatement(statement: UbuntuStatement): void {
    const verdict = readVerdict(statement);
    if (!verdict) return;
    const what = this.#verdicts.numberOf(verdict, JSON.stringify(verdict));
    for (const { name, distro } of statement.sources) {
      if (this.#count === mostRows) tooMany("statements on packages", mostRows);
      if (2 * this.#count === this.#rows.length) {
        const larger = new Uint32Array(2 * this.#rows.length);
        larger.set(this.#rows);
        this.#rows = larger;
      }
      this.#rows[2 * this.#count] =
        this.#distros.numberOf(distro, distro) * mostNames + this.#names.numberOf(name, name);
      this.#rows[2 * this.#count + 1] = what;
      this.#count++;
    }
  }

  *#read(start: number, end: number): Generator<LedgerRow> {
    for (let row = start; row < end; row++) {
      const about = this.#rows[2 * row] ?? 0;
      const distro = this.#distros.valueOf(Math.floor(about / mostNames));
      const name = this.#names.valueOf(about % mostNames);
      const verdict = this.#verdicts.valueOf(this.#rows[2 * row + 1] ?? 0);
      if (distro !== undefined && name !== undefined && verdict) yield { distro, name, verdict };
    }
  }
}

/** Gives each value a number from 0 on. */
class Numbering<T> {
  readonly #what: string;
  readonly #limit: number;
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  constructor(what: string, limit: number) {
    this.#what = what;
    this.#limit = limit;
  }

  numberOf(value: T, key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#values.length === this.#limit) tooMany(this.#what, this.#limit);
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(value) - 1;
  }

  valueOf(number: number): T | undefined {
    return this.#values[number];
  }
}

function tooMany(what: string, limit: number): never {
  throw feedOverLimit(`Ubuntu's OpenVEX documents contain more than ${limit} ${what}`);
}
