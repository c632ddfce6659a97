import { Command } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { formatOption } from "../options/format-option.ts";
import { hasColour, listWidthOf, writeJson, writeNote, writeOut } from "../terminal/output.ts";
import { tableRows } from "../terminal/table-rows.ts";

interface FieldsFlags {
  readonly source?: string;
  readonly format: "table" | "json";
}

/** `plimsoll rules fields`. */
export function rulesFieldsCommand(): Command {
  return new Command("fields")
    .summary("list the fields that conditions and outputs can use")
    .description("List the fields that conditions and outputs can use, by the source of the events.")
    .argument("[text]", "only fields whose name contains this text")
    .option("--source <name>", "only fields of this source: syscall, k8s_audit, …")
    .addOption(formatOption())
    .addHelpText("before", "Examples:\n  plimsoll rules fields proc.\n  plimsoll rules fields --source k8s_audit\n")
    .action(async (text: string | undefined, { source: wanted, format }: FieldsFlags) => {
      const { fieldsBySource } = await import("../../../pipeline/watch/rule-reports.ts");
      const sources = fieldsBySource().filter(({ source }) => wanted === undefined || source === wanted);
      if (sources.length === 0) {
        const names = fieldsBySource().map(({ source }) => source);
        throw new PlimsollError("usage", `unknown event source ${JSON.stringify(wanted)}`, {
          hint: `There are ${names.join(", ")}.`,
        });
      }
      const shown = sources
        .map(({ source, fields }) => ({ source, fields: fields.filter(({ name }) => name.includes(text ?? "")) }))
        .filter(({ fields }) => fields.length > 0);
      if (format === "json") {
        writeJson(shown);
        return;
      }
      if (shown.length === 0) writeNote(`no field name contains ${JSON.stringify(text)}`);
      for (const { source, fields } of shown) {
        const rows = fields.map(({ name, argument, type, isList, description, isDeprecated }) => [
          `${name}${argument ? (argument.isRequired ? "[…]" : "[[…]]") : ""}`,
          `${type.toLowerCase()}${isList ? " list" : ""}`,
          `${description}${isDeprecated ? " (deprecated)" : ""}`,
        ]);
        writeOut(
          tableRows([[source, "", ""], ...rows], {
            width: listWidthOf(process.stdout),
            colour: hasColour(process.stdout),
          }),
        );
        writeOut("\n");
      }
    });
}
