import { createHash } from "node:crypto";
import type { DocumentMembers } from "../../io/documents/ambiguous-document.ts";

/**
 * What the documents of a layout hold, by their bytes, while an image is opened: several lists and comparisons lead to
 * the same ones, and one of 16 MiB takes a second to parse. Errors are not kept.
 */
export class ParsedDocuments {
  readonly #values = new Map<DocumentMembers, Map<string, unknown>>();

  /** What `parse` gives for the bytes as a document with these members, which it does once. */
  get(
    bytes: Buffer,
    { members, parse }: { readonly members: DocumentMembers; readonly parse: () => unknown },
  ): unknown {
    const known = this.#values.get(members) ?? new Map<string, unknown>();
    this.#values.set(members, known);
    const digest = createHash("sha256").update(bytes).digest("base64");
    if (!known.has(digest)) known.set(digest, parse());
    return known.get(digest);
  }

  /** Frees the memory, once an image is opened. */
  forget(): void {
    this.#values.clear();
  }
}
