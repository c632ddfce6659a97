import { parseReference, referenceText } from "../../model/packages/reference.ts";

/**
 * What a text can mean as the name of an image in a store, whose names are whole ones
 * (`docker.io/library/alpine:3.20`).
 */
export interface ImageName {
  /** Whole names, the likeliest first. */
  readonly full: readonly string[];
  /** Registry and repository, and the digest, of a name that has one. */
  readonly repository?: string;
  readonly digest?: string;
  /** `NAME:TAG` that may stand behind any registry and path, for a text that names no registry. */
  readonly suffix?: string;
  /** Lower-case hexadecimal digits with which the id may begin. */
  readonly idBeginning?: string;
}

/** Takes the text apart; one that is not a reference and no id has only itself as a whole name. */
export function imageNameOf(text: string): ImageName {
  const id = /^(?:sha256:)?([0-9a-f]{2,64})$/.exec(text)?.[1];
  const idBeginning = id === undefined ? {} : { idBeginning: id };
  const parsed = parseReference(text);
  if (!parsed) return { full: [text], ...idBeginning };
  const { digest } = parsed;
  const repository = referenceText({ registry: parsed.registry, repository: parsed.repository });
  const whole = referenceText(digest === undefined && parsed.tag === undefined ? { ...parsed, tag: "latest" } : parsed);
  if (text.startsWith(parsed.registry) || digest !== undefined) {
    return { full: [...new Set([text, whole])], repository, ...(digest === undefined ? {} : { digest }) };
  }
  const suffix = parsed.tag === undefined ? `${text}:latest` : text;
  return { full: [text, `localhost/${suffix}`, whole], repository, suffix, ...idBeginning };
}
