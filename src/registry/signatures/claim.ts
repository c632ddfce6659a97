/** What a signer says, read from bytes that were signed. */
export interface Claim {
  readonly kind: "signature" | "attestation";
  /** The digests of the images that it is about. */
  readonly digests: readonly string[];
  /** The name of the image when it was signed, for a signature that tells it. */
  readonly reference?: string;
  readonly predicateType?: string;
  /** What an attestation says of its images, as `predicateType` has it. */
  readonly predicate?: unknown;
  /** What the signer added as text. */
  readonly annotations?: Readonly<Record<string, string>>;
}

const mostAnnotations = 100;
const longestAnnotation = 1024;

/** The annotations whose names and values are short texts, or undefined when there are none; at most 100 of them. */
export function textAnnotations(value: object | undefined): Readonly<Record<string, string>> | undefined {
  const texts = Object.entries(value ?? {})
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .filter(([name, text]) => name.length <= longestAnnotation && text.length <= longestAnnotation)
    .slice(0, mostAnnotations);
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}
