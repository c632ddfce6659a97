import { isDigest, isTag, parseReference } from "../../model/packages/reference.ts";
import type { PlacedText, SourceText, Span } from "./placed-text.ts";

/** Source: https://fluxcd.io/flux/guides/image-update/, "Configure image update for custom resources". */
const fluxMarker = '{"$imagepolicy":';
const longestLine = 4096;

/** The format that a reference was found in. */
export type ReferenceKind =
  | "dockerfile"
  | "compose"
  | "kubernetes"
  | "helm-values"
  | "helm-template"
  | "kustomize"
  | "github-actions"
  | "gitlab-ci"
  | "bitbucket"
  | "azure-pipelines"
  | "circleci"
  | "jenkins"
  | "devcontainer"
  | "terraform"
  | "nomad";

/** A part of a reference that can be replaced. */
export interface EditablePart {
  readonly span: Span;
  /** For a part that is a whole YAML value without quotes: a new value that YAML reads as a number needs quotes. */
  readonly isPlainScalar?: true;
}

/** An image reference in a file. */
export interface ImageReference extends Span {
  readonly kind: ReferenceKind;
  /** From 1; the column counts bytes. */
  readonly line: number;
  readonly column: number;
  /** The reference as written; for a reference that is split over several keys, the value with the repository. */
  readonly text: string;
  /** With the registry, if one is written. */
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Variables without a value in the files; the reference then has no usable repository or tag. */
  readonly unresolved: readonly string[];
  /** Variables and other files that hold part of the value. */
  readonly via: readonly string[];
  /** Services, jobs or containers that use the reference, where the format names them. */
  readonly usedBy: readonly string[];
  /** A remark for people: `syntax directive`, `registry + repository + tag`. */
  readonly role?: string;
  /** The image is built in this repository, and its tag is not updated. */
  readonly isBuiltHere?: true;
  /** Another program updates the line: a marker of Flux says so. */
  readonly isManaged?: true;
  /** Why the reference cannot be edited. */
  readonly fixed?: string;
  readonly tagPart?: EditablePart;
  readonly digestPart?: EditablePart;
  /** Where `@DIGEST` can be inserted behind the tag. */
  readonly pinAt?: Span;
}

/** What a finder knows about a reference beside its value. */
export interface ReferenceDetails {
  readonly kind: ReferenceKind;
  /** The file that `written` is in. */
  readonly source: SourceText;
  /** The bytes of the reference as written. */
  readonly written: Span;
  readonly unresolved?: readonly string[];
  readonly via?: readonly string[];
  readonly usedBy?: readonly string[];
  readonly role?: string;
  readonly isBuiltHere?: boolean;
}

/** The parts of a reference, before it is known whether they are valid. */
export interface ReferenceParts {
  readonly repository: PlacedText;
  readonly tag?: PlacedText;
  readonly digest?: PlacedText;
}

/** Splits `REPOSITORY[:TAG][@DIGEST]`. */
function splitReference(value: PlacedText): ReferenceParts {
  const at = value.text.indexOf("@");
  const name = at < 0 ? value : value.slice(0, at);
  const colon = name.text.indexOf(":", name.text.lastIndexOf("/") + 1);
  return {
    repository: colon < 0 ? name : name.slice(0, colon),
    ...(colon >= 0 && { tag: name.slice(colon + 1) }),
    ...(at >= 0 && { digest: value.slice(at + 1) }),
  };
}

/** The reference that a single value holds. */
export function wholeReference(value: PlacedText, details: ReferenceDetails): ImageReference {
  const parts = splitReference(value);
  const whole = value.span();
  const tagSpan = parts.tag?.span();
  const canPin = whole !== undefined && tagSpan !== undefined && parts.digest === undefined;
  return makeReference(parts, details, {
    ...(tagSpan && { tagPart: { span: tagSpan } }),
    ...placedDigest(parts),
    ...(canPin && { pinAt: { file: tagSpan.file, start: tagSpan.end, end: tagSpan.end } }),
  });
}

/** Puts a reference together of parts that were found in different places. */
export function makeReference(
  { repository, tag, digest }: ReferenceParts,
  { source, written, kind, ...details }: ReferenceDetails,
  editable: Pick<ImageReference, "tagPart" | "digestPart" | "pinAt">,
): ImageReference {
  const unresolved = details.unresolved ?? [];
  const isEmptyTag = tag === undefined || tag.text === "";
  const isEmptyDigest = digest === undefined || digest.text === "";
  const fixed = unresolved.length > 0 ? undefined : fault(repository.text, tag?.text, digest?.text);
  const isWhole = unresolved.length === 0;
  return {
    kind,
    ...written,
    ...positionOf(source, written.start),
    text: decoded(source.text.slice(written.start - source.offset, written.end - source.offset)),
    ...(repository.text !== "" && { repository: decoded(repository.text) }),
    ...(!isEmptyTag && { tag: decoded(tag.text) }),
    ...(!isEmptyDigest && { digest: decoded(digest.text) }),
    unresolved: unresolved.map(decoded),
    via: (details.via ?? []).map(decoded),
    usedBy: (details.usedBy ?? []).map(decoded),
    ...(details.role !== undefined && { role: details.role }),
    ...(details.isBuiltHere === true && { isBuiltHere: true }),
    ...(lineOf(source, written.start).includes(fluxMarker) && { isManaged: true }),
    ...(fixed !== undefined && { fixed }),
    ...(isWhole && fixed === undefined ? editable : {}),
  };
}

/** True for text that can only be an image: a valid reference with a tag or digest that is neither a URL nor a path. */
export function looksLikeImage(text: string): boolean {
  const reference = text.includes("://") ? undefined : parseReference(text);
  return reference !== undefined && (reference.tag !== undefined || reference.digest !== undefined);
}

/** Characters that stand for bytes as the text that a reader sees. */
function decoded(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function fault(repository: string, tag: string | undefined, digest: string | undefined): string | undefined {
  if (parseReference(repository) === undefined) return "the repository name is not valid";
  if (tag !== undefined && tag !== "" && !isTag(tag)) return "the tag is not valid";
  if (digest !== undefined && digest !== "" && !isDigest(digest)) return "the digest is not valid";
  return undefined;
}

function placedDigest({ digest }: ReferenceParts): Pick<ImageReference, "digestPart"> {
  const span = digest?.span();
  return span ? { digestPart: { span } } : {};
}

/** The line of a byte, or its start where it is long. */
function lineOf({ text, offset }: SourceText, start: number): string {
  const from = start - offset;
  const end = text.indexOf("\n", from);
  return text.slice(from, Math.min(end < 0 ? text.length : end, from + longestLine));
}

function positionOf(source: SourceText, start: number): { readonly line: number; readonly column: number } {
  const at = start - source.offset;
  let [low, high] = [0, source.lineStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: at - (source.lineStarts[low] ?? 0) + 1 + (low === 0 ? source.offset : 0) };
}
