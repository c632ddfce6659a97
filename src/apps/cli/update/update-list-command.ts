import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { hasColour, listWidthOf, writeError, writeJson, writeOut } from "../terminal/output.ts";
import { tableRows } from "../terminal/table-rows.ts";

/** `plimsoll update list`. */
export function updateListCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("list")
    .summary("list image references in files")
    .description("List image references in Dockerfiles, Compose files, manifests, charts and CI pipelines.")
    .argument("[path...]", "files or folders (default: the current folder)")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll update list\n  plimsoll update list deploy/ --format json\n")
    .addHelpText("after", "\nExit codes: 0 complete, 3 a file could not be read.")
    .action(async (paths: readonly string[], { format }: { readonly format: "text" | "json" }) => {
      const { readReferences } = await import("../../../pipeline/updates/read-references.ts");
      const { references, problems } = readReferences(paths.length > 0 ? paths : ["."], { signal });
      if (format === "json") {
        writeJson({
          schemaVersion: 1,
          references: references.map(({ tagPart, digestPart, pinAt, ...rest }) => ({
            ...rest,
            isEditable: tagPart !== undefined || digestPart !== undefined,
          })),
          problems,
        });
      } else if (references.length === 0) writeOut("No image references found.\n");
      else {
        const rows = references.map((reference) => [
          `${reference.file}:${reference.line}:${reference.column}`,
          imageOf(reference),
          reference.kind,
          notesOf(reference).join("; "),
        ]);
        const width = listWidthOf(process.stdout);
        writeOut(
          tableRows([["PLACE", "IMAGE", "FORMAT", "NOTES"], ...rows], { width, colour: hasColour(process.stdout) }),
        );
      }
      for (const { code, message, path } of problems) writeError(`${path ?? "files"}: ${message}`, { code });
      if (problems.length > 0) outcome.exitCode = ExitCode.incomplete;
    });
}

interface Listed {
  readonly text: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly unresolved: readonly string[];
  readonly via: readonly string[];
  readonly usedBy: readonly string[];
  readonly role?: string;
  readonly isBuiltHere?: true;
  readonly isManaged?: true;
  readonly fixed?: string;
}

const digestLength = "sha256:".length + 12;

function imageOf({ text, repository, tag, digest, unresolved }: Listed): string {
  if (repository === undefined || unresolved.length > 0) return text;
  const pinned = digest === undefined ? "" : `@${digest.slice(0, digestLength)}`;
  return `${repository}${tag === undefined ? "" : `:${tag}`}${pinned}`;
}

function notesOf({ role, usedBy, via, unresolved, isBuiltHere, isManaged, fixed }: Listed): readonly string[] {
  const known = via.filter((name) => !unresolved.includes(name));
  return [
    ...(role === undefined ? [] : [role]),
    ...(usedBy.length > 0 ? [`used by ${usedBy.join(", ")}`] : []),
    ...(known.length > 0 ? [`value from ${known.join(", ")}`] : []),
    ...(unresolved.length > 0 ? [`no value for ${unresolved.join(", ")}`] : []),
    ...(isBuiltHere === true ? ["built here"] : []),
    ...(isManaged === true ? ["updated by Flux"] : []),
    ...(fixed === undefined ? [] : [fixed]),
  ];
}
