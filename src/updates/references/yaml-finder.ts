import { expandPlaced, type VariableSyntax } from "./expand-placed.ts";
import {
  type ImageReference,
  makeReference,
  type ReferenceDetails,
  type ReferenceKind,
  type ReferenceParts,
  wholeReference,
} from "./image-reference.ts";
import { PlacedText, type SourceText } from "./placed-text.ts";
import { isAlias, isScalar, type Node, type Scalar, type YamlDocument, type YamlText } from "./yaml-text.ts";

type OwnDetails = Partial<Pick<ReferenceDetails, "usedBy" | "role" | "isBuiltHere" | "via">>;

/** Collects the references of one YAML document; a scalar that several aliases stand for is one reference. */
export class YamlFinder {
  readonly kind: ReferenceKind;
  readonly text: YamlText;
  readonly root: Node;
  readonly source: SourceText;
  readonly #found = new Map<number, ImageReference>();

  constructor(kind: ReferenceKind, { root, text }: YamlDocument, source: SourceText) {
    this.kind = kind;
    this.text = text;
    this.root = root;
    this.source = source;
  }

  get found(): readonly ImageReference[] {
    return [...this.#found.values()].sort((a, b) => a.start - b.start);
  }

  /** The node itself, or what an alias stands for. */
  resolved(node: unknown): unknown {
    return isAlias(node) ? this.text.target(node, this.root) : node;
  }

  /** Adds the image that a scalar, or an alias of one, holds. */
  addImage(
    node: unknown,
    details: OwnDetails & { readonly variables?: VariableSyntax; readonly skip?: string } = {},
  ): void {
    const scalar = this.resolved(node);
    if (!isScalar(scalar) || typeof scalar.value !== "string") return;
    const written = this.text.writtenSpan(scalar);
    if (!written) return;
    const skip = details.skip ?? "";
    if (!scalar.value.startsWith(skip)) return;
    const value = this.text.valueOf(scalar).slice(skip.length);
    if (value.text.trim() === "") return;
    const expansion = details.variables ? expandPlaced(value, details.variables) : { value, used: [], unset: [] };
    const { unset, used } = expansion;
    this.#add(
      wholeReference(expansion.value, {
        ...details,
        kind: this.kind,
        source: this.source,
        written: { ...written, start: written.start + skip.length },
        unresolved: unset,
        via: [...(details.via ?? []), ...used, ...unset],
      }),
    );
  }

  /** Adds an image whose parts are the values of several keys. `written` is the scalar with the repository. */
  addParts(
    written: Scalar,
    {
      registry,
      repository = written,
      tag,
      digest,
    }: {
      readonly registry?: unknown;
      readonly repository?: Scalar;
      readonly tag?: unknown;
      readonly digest?: unknown;
    },
    details: OwnDetails & { readonly otherTag?: ReferenceParts["tag"] } = {},
  ): void {
    const span = this.text.writtenSpan(written);
    if (!span) return;
    const [tagScalar, digestScalar, registryScalar] = [tag, digest, registry].map((node) => this.resolved(node));
    const host = isScalar(registryScalar) ? this.text.valueOf(registryScalar) : undefined;
    const own = this.text.valueOf(repository);
    const name = host && host.text !== "" ? PlacedText.join([host, PlacedText.unplaced("/"), own]) : own;
    const tagPart = isScalar(tagScalar) ? this.text.editable(tagScalar) : undefined;
    const digestPart = isScalar(digestScalar) ? this.text.editable(digestScalar) : undefined;
    const otherSpan = details.otherTag?.span();
    const parts = {
      repository: name,
      ...(isScalar(tagScalar) && { tag: this.text.valueOf(tagScalar) }),
      ...(details.otherTag && { tag: details.otherTag }),
      ...(isScalar(digestScalar) && { digest: this.text.valueOf(digestScalar) }),
    };
    this.#add(
      makeReference(
        parts,
        { ...details, kind: this.kind, source: this.source, written: span },
        {
          ...(tagPart && { tagPart }),
          ...(otherSpan && { tagPart: { span: otherSpan } }),
          ...(digestPart && { digestPart }),
        },
      ),
    );
  }

  #add(reference: ImageReference): void {
    const known = this.#found.get(reference.start);
    if (!known) this.#found.set(reference.start, reference);
    else {
      const usedBy = [...new Set([...known.usedBy, ...reference.usedBy])];
      this.#found.set(reference.start, { ...known, usedBy });
    }
  }
}
