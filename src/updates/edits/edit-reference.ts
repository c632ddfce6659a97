import type { EditablePart, ImageReference } from "../references/image-reference.ts";
import type { Span } from "../references/placed-text.ts";

/** Bytes to replace in a file. */
export interface Splice extends Span {
  readonly replacement: string;
}

/** What a reference is to become. */
export interface ReferenceChange {
  /** Without it the tag stays. */
  readonly tag?: string;
  /** The digest of the manifest; added beside the tag where the reference can hold one. */
  readonly digest?: string;
}

/** The bytes to replace, or why the reference cannot be changed, as a clause. */
export type ReferenceEdit = { readonly splices: readonly Splice[] } | { readonly refused: string };

/**
 * The bytes to replace so that a reference has another tag or digest. Where the digest is pinned, a new tag needs a new
 * digest: container runtimes ignore the tag then.
 */
export function editReference(reference: ImageReference, { tag, digest }: ReferenceChange): ReferenceEdit {
  const { unresolved, fixed } = reference;
  if (unresolved.length > 0) return { refused: `${unresolved.join(", ")} has no value in the files` };
  if (fixed !== undefined) return { refused: fixed };
  const isNewTag = tag !== undefined && tag !== reference.tag;
  const isNewDigest = digest !== undefined && digest !== reference.digest;
  const splices: Splice[] = [];
  if (isNewTag) {
    if (!reference.tagPart) return { refused: "the tag is not in one place in the files" };
    if (reference.digest !== undefined && !isNewDigest)
      return { refused: "the digest is pinned, and no new one is given" };
    splices.push(spliceOf(reference.tagPart, tag));
  }
  if (isNewDigest) {
    const splice = digestSplice(reference, digest);
    if (splice) splices.push(splice);
    else if (reference.digest !== undefined) return { refused: "the digest is not in one place in the files" };
  }
  return { splices };
}

/** The bytes of a file with splices applied. They must not overlap. */
export function applySplices(bytes: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, replacement } of [...splices].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, start), Buffer.from(replacement, "latin1"));
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

/** Replaces a digest, or adds one behind the tag; undefined where the reference has no place for one. */
function digestSplice({ digestPart, pinAt }: ImageReference, digest: string): Splice | undefined {
  if (digestPart) return spliceOf(digestPart, digest);
  return pinAt && { ...pinAt, replacement: `@${digest}` };
}

function spliceOf({ span, isPlainScalar }: EditablePart, value: string): Splice {
  return { ...span, replacement: isPlainScalar === true && !isYamlText(value) ? `"${value}"` : value };
}

/** False for text that YAML reads as a number, a date, a boolean or null when it has no quotes. */
function isYamlText(text: string): boolean {
  if (/^(?:true|false|yes|no|on|off|y|n|null)$/i.test(text)) return false;
  return !/^[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[+-]?[0-9]+)?$/i.test(text) && !/^0(?:x[0-9a-f]+|o?[0-7]+)$/i.test(text);
}
