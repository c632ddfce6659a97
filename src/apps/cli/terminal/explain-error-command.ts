import { readFileSync } from "node:fs";
import { Command } from "commander";
import { documentPath } from "../../../io/files/data-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { nearestName } from "../../../model/text/nearest-name.ts";
import { type CodeSection, codeExplanation, codeList, codeSections } from "../../../reporters/error-page.ts";
import { hasColour, widthOf, writePieces } from "./output.ts";

/** `plimsoll explain-error [CODE]`. */
export function explainErrorCommand(): Command {
  return new Command("explain-error")
    .summary("explain the code of an error or a problem")
    .description("Explain the code that an error message ends with, or list all codes.")
    .argument("[code]", "for example registry-refused; also codes of problems in reports")
    .addHelpText("before", "Examples:\n  plimsoll explain-error registry-refused\n")
    .action((code: string | undefined) => {
      const sections = codeSections(readFileSync(documentPath("errors.md"), "utf8"));
      if (code === undefined) {
        writePieces([codeList(sections)], undefined);
        return;
      }
      // As an error message shows it.
      const name = code.replace(/^\[|\]$/g, "").toLowerCase();
      const found = sections.filter((section) => section.code === name);
      if (found.length === 0) throw unknownCode(code, name, sections);
      const layout = { width: widthOf(process.stdout), colour: hasColour(process.stdout) };
      writePieces(codeExplanation(found, layout), undefined);
    });
}

function unknownCode(code: string, name: string, sections: readonly CodeSection[]): PlimsollError {
  const codes = [...new Set(sections.map((section) => section.code))];
  const nearest = nearestName(name, codes);
  const related = nearest === undefined ? codes.filter((each) => sharesWord(each, name)) : [nearest];
  const meant = related.length === 0 ? "" : `Did you mean ${related.join(", ")}? `;
  return new PlimsollError("usage", `unknown error code ${JSON.stringify(code)}`, {
    hint: `${meant}plimsoll explain-error lists all codes.`,
  });
}

function sharesWord(code: string, name: string): boolean {
  const words = name.split(/[^a-z]+/).filter((word) => word.length > 2);
  return code.split("-").some((word) => words.includes(word));
}
