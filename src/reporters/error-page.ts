import { type Line, renderLine, wrap } from "./terminal-text.ts";

/** What a code of an error or a problem means: a section of docs/errors.md. */
export interface CodeSection {
  readonly code: string;
  readonly kind: "error" | "problem";
  /** Markdown. */
  readonly text: string;
}

/** The sections of docs/errors.md, in the order of the page. A code can be that of an error and of a problem. */
export function codeSections(page: string): readonly CodeSection[] {
  const [errors = "", problems = ""] = page.split(/^## Problems$/m);
  return [...sectionsOf(errors, "error"), ...sectionsOf(problems, "problem")];
}

function sectionsOf(text: string, kind: CodeSection["kind"]): CodeSection[] {
  const [, ...sections] = text.split(/^### /m);
  return sections.map((section) => {
    const [code = "", ...lines] = section.split("\n");
    return { code, kind, text: lines.join("\n").trim() };
  });
}

/** The explanation of a code for a terminal, from its sections: paragraphs and lists are wrapped. */
export function* codeExplanation(
  sections: readonly CodeSection[],
  layout: { readonly width: number; readonly colour: boolean },
): Iterable<string> {
  for (const [index, { code, kind, text }] of sections.entries()) {
    if (index > 0) yield "\n";
    const heading: Line = [
      { text: code, style: "bold" },
      { text: ` (${kind})`, style: "plain" },
    ];
    yield renderLine(heading, layout);
    for (const block of text.split(/\n{2,}/)) {
      yield "\n";
      for (const line of blockLines(block, layout.width)) yield `${line}\n`;
    }
  }
}

/** All codes, each kind in a paragraph. */
export function codeList(sections: readonly CodeSection[]): string {
  const codes = (kind: CodeSection["kind"]): string[] =>
    sections.filter((section) => section.kind === kind).map(({ code }) => `  ${code}\n`);
  return ["Errors:\n", ...codes("error"), "\nProblems:\n", ...codes("problem")].join("");
}

function blockLines(block: string, width: number): readonly string[] {
  if (/^(?:```|\|)/.test(block)) return block.split("\n").filter((line) => !line.startsWith("```"));
  return block.split(/\n(?=- )/).flatMap((part) => {
    const isItem = part.startsWith("- ");
    const indent = isItem ? 2 : 0;
    const lines = wrap(plainText(isItem ? part.slice(2) : part), width - indent);
    return lines.map((line, index) => `${isItem ? (index === 0 ? "- " : "  ") : ""}${line}`);
  });
}

/** Without links and emphasis: a link names its document, and one to a heading of the page only its text. */
function plainText(markdown: string): string {
  return markdown
    .replace(/\s+/g, " ")
    .replace(/\[([^[\]]*)\]\(#[^()]*\)/g, "$1")
    .replace(/\[([^[\]]*)\]\(([^()#]*)(?:#[^()]*)?\)/g, "$1 (docs/$2)")
    .replace(/\*\*([^*]*)\*\*/g, "$1")
    .replace(/(?<=^|[ (])_([^_`]*)_(?=[ .,:;)]|$)/g, "$1");
}
