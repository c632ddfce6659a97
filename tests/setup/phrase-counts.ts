import { documents, read } from "./documents.ts";
import { sourceFiles } from "./source-files.ts";
import { sourceTexts } from "./source-texts.ts";

/** The highest count of a phrase in comments and strings under `src`, and in the documents. */
export interface PhraseLimit {
  readonly source: number;
  readonly docs: number;
}

/** The file with the limits, from the top of the repository. */
export const limitsFile = "tests/phrase-limits.json";

/** Documents that repeat texts of the source. */
const generated = ["docs/cli.md", "docs/supported.md", "docs/check-list.md", "docs/decisions/README.md"];

/** Uses of these words that are plain English. */
const idiomatic = /\bthere (?:is|are|was|were) no\b|\b(?:is|are|was|were) no (?:longer|more|less)\b/gi;

/** Where a phrase occurs: `pipeline/scan/scan.ts:12`, `docs/ps.md`. */
export interface PhrasePlaces {
  readonly source: readonly string[];
  readonly docs: readonly string[];
}

/** The limits as the repository states them. */
export function readPhraseLimits(): Readonly<Record<string, PhraseLimit>> {
  return JSON.parse(read(limitsFile)) as Record<string, PhraseLimit>;
}

/** Finds each phrase in the source and the documents. */
export function findPhrases(phrases: readonly string[]): ReadonlyMap<string, PhrasePlaces> {
  const source = sourceFiles().flatMap(({ path, text }) =>
    sourceTexts(text)
      .filter((piece) => piece.text.includes(" "))
      .map((piece) => ({ place: `${path}:${piece.line}`, text: piece.text })),
  );
  const docs = documents
    .filter((path) => !generated.includes(path))
    .flatMap((path) => paragraphs(read(path)).map((text) => ({ place: path, text })));
  return new Map(
    phrases.map((phrase) => {
      const pattern = phrasePattern(phrase);
      const placesIn = (texts: typeof docs): string[] =>
        texts.flatMap(({ place, text }) => Array.from(text.replace(idiomatic, "").matchAll(pattern), () => place));
      return [phrase, { source: placesIn(source), docs: placesIn(docs) }];
    }),
  );
}

/**
 * The expression for a phrase: whole words in any case. `…` stands for any words of one clause. A phrase with an initial
 * capital matches only at the start of a sentence.
 */
export function phrasePattern(phrase: string): RegExp {
  const words = phrase.replace(/[.?*+()[\]\\]/g, "\\$&").replaceAll("…", "[^.,;:]*");
  if (/^[A-Z]/.test(phrase)) return new RegExp(`(?<=^|[.:;] |\\| )${words}(?!\\w)`, "g");
  return new RegExp(`(?<!\\w)${words}(?!\\w)`, "gi");
}

/** The paragraphs and table rows of a document, each on one line, without code blocks. */
function paragraphs(text: string): string[] {
  return text
    .replace(/^ *```[\s\S]*?^ *```$/gm, "\n\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*|#>]|\d+\.) ?)/)
    .map((paragraph) =>
      paragraph
        .replace(/^\s*(?:[-*#>]+|\d+\.)\s+/, "")
        .replace(/\s+/g, " ")
        .trim(),
    );
}
