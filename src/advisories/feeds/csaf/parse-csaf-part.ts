import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Advisory } from "../../../model/findings/advisory.ts";
import { isCveId } from "../../../model/findings/cve-id.ts";
import { parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { readFeedArchive } from "../../read-feed-archive.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { type CsafDocument, largestDocument } from "./csaf-document.ts";
import { cveOfPath, readListing } from "./csaf-listing.ts";
import { saysOfProducts } from "./csaf-products.ts";
import { PassedOverStatuses } from "./passed-over-statuses.ts";
import { readCsaf } from "./read-csaf.ts";

// The files of a part, in this order: documents that changed since the archive was made, or since the last update,
// whose paths in the listing are the part's `subjects`; the list of documents that were deleted; the archive. A
// document that is there on its own counts instead of that of the archive. A document that cannot be read, that gives a
// fixed version that cannot be read, or that is empty leaves the known state of its CVE, unless the archive has another
// state of it. Any other unreadable part of a document is reported, at each update until the publisher changes the
// document, and the rest of it counts.

/** How a publisher's documents become items. */
export interface CsafConversion {
  /** As problems and errors name the publisher: `Red Hat`. */
  readonly publisher: string;
  /** The id of the advisory of a CVE. */
  readonly advisoryId: (cve: string) => string;
  /** The advisory and statements of a document about one CVE; nothing when it says nothing about packages. */
  readonly convert: (document: CsafDocument, lose: Lose) => Iterable<FeedItem>;
  /**
   * True when the publisher may have documents that say nothing of any product, although CSAF 2.0, section 4.5, wants
   * one: then only one that changed is a problem, and it is not asked for again.
   */
  readonly mayBeEmpty?: boolean;
  /** True for a document that says that its CVE is none. */
  readonly isRejected?: (document: CsafDocument) => boolean;
}

/**
 * Takes what a document says of a product and cannot be read: `"AppStream-9:tool" has no version`. It is not called for
 * entries that are left out because they are not a package. With `fix` it is the fixed version of a package of a known
 * product; the record from before may have another one, and stays.
 */
export type Lose = (what: string, kind?: "fix") => void;

/** The key of a part's position that says from when deletions count: milliseconds since 1970. */
export const deletedSince = "deleted-since";

/** The key for the documents that are listed and not there, with spaces between their paths. */
export const missingDocuments = "missing";

/** The key for the CVEs whose documents could not be read and are no longer listed, with spaces between. */
export const unlistedDocuments = "unlisted";

/**
 * The items of a part of VEX documents, by the name and the first bytes of each file. Documents are read one at a time.
 *
 * Errors: as `AdvisoryFeed.parse`.
 */
export async function* parseCsafPart(
  part: FeedPart,
  { conversion, context }: { readonly conversion: CsafConversion; readonly context: Context },
): AsyncGenerator<FeedItem> {
  const reader = new PartReader(part, conversion, context);
  for (const [index, file] of part.files.entries()) yield* reader.read(file, part.subjects?.[index]);
  yield* reader.end();
}

interface DocumentPlace {
  readonly cve: string;
  readonly path: string;
}

/** What of a document cannot be read. */
class Losses {
  first: string | undefined;
  count = 0;
  isOfFix = false;

  readonly lose: Lose = (what, kind) => {
    this.first ??= what.slice(0, 300);
    this.count++;
    this.isOfFix ||= kind === "fix";
  };
}

interface ReadInPart {
  readonly advisory: Advisory | undefined;
  readonly items: readonly FeedItem[];
}

class PartReader {
  readonly #part: FeedPart;
  readonly #conversion: CsafConversion;
  readonly #context: Context;
  /** CVE ids whose document in the archive does not count. */
  readonly #superseded = new Set<string>();
  /**
   * CVE ids of which a fix was lost in a document that is newer than that of the archive, and whether something of it
   * stands in.
   */
  readonly #lostInPart = new Map<string, boolean>();
  /** CVE ids whose document says nothing. */
  readonly #silent = new Set<string>();
  readonly #passedOver = new PassedOverStatuses();
  #archives = 0;
  #documents = 0;

  constructor(part: FeedPart, conversion: CsafConversion, context: Context) {
    this.#part = part;
    this.#conversion = conversion;
    this.#context = context;
  }

  async *read(file: string, subject?: string): AsyncGenerator<FeedItem> {
    if (file.endsWith(".csv")) yield* this.#deletions(file);
    else if (file.endsWith(".json")) yield* this.#single(file, subject ?? basename(file));
    else yield* this.#archive(file);
  }

  /** An archive without a single document is not what the publisher gives. */
  *end(): Generator<FeedItem> {
    this.#reportMissing();
    yield* this.#reportUnlisted();
    const passedOver = this.#passedOver.problem(this.#conversion.publisher);
    if (passedOver) this.#context.problem(passedOver);
    if (this.#archives === 0 || this.#documents > 0) return;
    throw feedMalformed(`the archive of ${this.#conversion.publisher}`, "it contains no VEX documents");
  }

  /** Reports them at each update, except those of which the present archive has an older state. */
  #reportMissing(): void {
    const missing = (this.#part.position[missingDocuments] ?? "").split(" ").filter((path) => {
      const cve = cveOfPath(path);
      return cve !== undefined && !this.#superseded.has(cve) && !this.#silent.has(cve);
    });
    const [path] = missing;
    if (path === undefined) return;
    const message = `documents listed by ${this.#conversion.publisher} but not found: ${missing.length} (first: ${path})`;
    this.#context.problem({ code: "unreadable", message, path });
  }

  /** Their known records stay, because no list says that they were deleted. */
  *#reportUnlisted(): Generator<FeedItem> {
    const unlisted = (this.#part.position[unlistedDocuments] ?? "").split(" ").filter((cve) => {
      return isCveId(cve) && !this.#superseded.has(cve);
    });
    const [first] = unlisted;
    if (first === undefined) return;
    const message = `documents from ${this.#conversion.publisher} that were not read completely and are no longer listed: ${unlisted.length} (first: ${first})`;
    this.#context.problem({ code: "unreadable", message });
    for (const cve of unlisted) yield* this.#stays(cve);
  }

  *#single(file: string, path: string): Generator<FeedItem> {
    if (statSync(file).size > largestDocument) {
      const message = `${path} is longer than ${largestDocument} bytes`;
      this.#context.problem({ code: "limit-exceeded", message, path });
      yield* this.#unreadable(path);
      return;
    }
    yield* this.#document(readFileSync(file), path);
  }

  async *#archive(file: string): AsyncGenerator<FeedItem> {
    this.#archives++;
    const title = `the archive of ${this.#conversion.publisher}`;
    const wanted = (path: string): boolean => {
      const cve = cveOfPath(path);
      return cve !== undefined && !this.#superseded.has(cve);
    };
    const refused: string[] = [];
    const options = { title, wanted, maxFile: largestDocument, context: this.#context };
    const files = readFeedArchive(file, { ...options, refused: (path) => refused.push(path) });
    for await (const { path, bytes } of files) yield* this.#document(bytes, path);
    for (const path of refused) yield* this.#unreadable(path);
  }

  *#document(bytes: Buffer, path: string): Generator<FeedItem> {
    const { publisher } = this.#conversion;
    const value = parseJson(bytes.toString("utf8"));
    const reading = value === undefined ? { refused: "it is not JSON" } : readCsaf(value);
    if ("refused" in reading) {
      const message = `${path} from ${publisher} is not a valid CSAF document: ${reading.refused}`;
      this.#context.problem({ code: "unreadable", message, path });
      yield* this.#unreadable(path);
      return;
    }
    const { document } = reading;
    const cve = document.id.toUpperCase();
    if (!isCveId(cve)) {
      const message = `${path} from ${publisher} has the id ${JSON.stringify(document.id.slice(0, 100))}, which is not a CVE id`;
      this.#context.problem({ code: "unreadable", message, path });
      yield* this.#unreadable(path);
      return;
    }
    if (this.#superseded.has(cve)) return;
    this.#documents++;
    yield* this.#itemsOf(document, { cve, path });
  }

  *#itemsOf(document: CsafDocument, place: DocumentPlace): Generator<FeedItem> {
    const { convert, isRejected } = this.#conversion;
    const { cve } = place;
    const isDeleted = document.trackingStatus === "deleted";
    const isVoid = isDeleted || isRejected?.(document) === true;
    if (!isVoid && !document.vulnerabilities.some(saysOfProducts)) {
      yield* this.#nothing(place);
      return;
    }
    const losses = new Losses();
    const items = isDeleted ? [] : [...convert(document, losses.lose)];
    const advisory = items.find((item) => item.kind === "advisory")?.advisory;
    if (losses.count > 0) this.#reportLosses(losses, place);
    const isPassedOver = !isVoid && this.#passedOver.note(document, place.path);
    const isInPart = losses.count > 0 || isPassedOver;
    if (losses.isOfFix || (isInPart && !advisory)) {
      yield* this.#inPart(cve, { advisory, items });
      return;
    }
    this.#superseded.add(cve);
    if (!advisory) yield* this.#gone(cve);
    // What was unaffected before may be so no more.
    yield* this.#lostInPart.has(cve) ? items.filter(({ kind }) => kind === "advisory") : items;
    // The advisory that came counts all the same, and the document is the same until the publisher changes it.
    if (isInPart) yield { kind: "unreadable", id: this.#conversion.advisoryId(cve), again: "changed" };
  }

  #reportLosses({ first, count }: Losses, { path }: DocumentPlace): void {
    const more = count > 1 ? `, and ${count - 1} more` : "";
    const message = `${path} from ${this.#conversion.publisher} was only partly read: ${first}${more}`;
    this.#context.problem({ code: "unreadable", message, path });
  }

  /**
   * The advisory from before stays, its statements do not: what is affected or was lost may be among them. Packages
   * that are not affected are stated again, and never a package that was lost. Where a newer document was read in part
   * too, this one states nothing, and stands in only where that does not.
   */
  *#inPart(cve: string, { advisory, items }: ReadInPart): Generator<FeedItem> {
    const isStandingIn = this.#lostInPart.get(cve);
    if (isStandingIn === true) return;
    this.#lostInPart.set(cve, advisory !== undefined);
    if (this.#part.state === "changes") yield { kind: "removed", id: cve };
    yield { kind: "unreadable", id: this.#conversion.advisoryId(cve), ...(advisory && { standIn: advisory }) };
    if (isStandingIn === undefined) yield* items.filter(({ kind }) => kind !== "advisory");
  }

  *#nothing({ cve, path }: DocumentPlace): Generator<FeedItem> {
    this.#silent.add(cve);
    const { publisher, mayBeEmpty } = this.#conversion;
    if (mayBeEmpty !== true || this.#part.state === "changes") {
      const message = `${path} from ${publisher} does not mention any product`;
      this.#context.problem({ code: "unreadable", message, path });
    }
    yield* mayBeEmpty === true ? this.#leftAlone(cve) : this.#stays(cve);
  }

  *#deletions(file: string): Generator<FeedItem> {
    const since = Number(this.#part.position[deletedSince] ?? 0);
    for (const { path, time } of readListing(file)) {
      const cve = cveOfPath(path);
      if (cve === undefined || time < since || this.#superseded.has(cve)) continue;
      this.#superseded.add(cve);
      yield* this.#gone(cve);
    }
  }

  *#unreadable(path: string): Generator<FeedItem> {
    const cve = cveOfPath(path);
    if (cve !== undefined && !this.#superseded.has(cve)) yield* this.#stays(cve);
  }

  *#gone(cve: string): Generator<FeedItem> {
    if (this.#part.state !== "changes") return;
    for (const id of this.#namesOf(cve)) yield { kind: "removed", id };
  }

  /** As {@link #stays}, and is not asked for again. */
  *#leftAlone(cve: string): Generator<FeedItem> {
    for (const id of this.#namesOf(cve)) yield { kind: "unreadable", id, again: false };
  }

  /** One name is enough to ask for a document by. */
  *#stays(cve: string): Generator<FeedItem> {
    const [advisory, statements] = this.#namesOf(cve);
    yield { kind: "unreadable", id: advisory };
    yield { kind: "unreadable", id: statements, again: false };
  }

  /** Statements stand under the name of the CVE. */
  #namesOf(cve: string): readonly [advisory: string, statements: string] {
    return [this.#conversion.advisoryId(cve), cve];
  }
}
