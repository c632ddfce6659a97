import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const folder = join(import.meta.dirname, "../../docs/decisions");

/** The rows of `docs/decisions/README.md`: of each record its number, its title, and the first sentence of what was decided. */
export function decisionList(): readonly (readonly string[])[] {
  const files = globSync("[0-9]*.md", { cwd: folder }).sort();
  return files.map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const title = /^# \d+\. (.+)$/m.exec(text)?.[1] ?? file;
    return [basename(file).slice(0, 4), `[${title}](${file})`, firstSentence(text)];
  });
}

function firstSentence(text: string): string {
  const decision = /\*\*Decision\.\*\*\s+(?:- )?([\s\S]+?)(?:\n\n|\n- |$)/.exec(text)?.[1] ?? "";
  const plain = decision.replace(/\s+/g, " ").replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
  const sentence = /^(?:`[^`]*`|[^`.]|\.(?! |$))*\.(?= |$)/.exec(plain)?.[0] ?? plain;
  return sentence.replace(/[:;]$/, ".").replaceAll("|", "\\|");
}
