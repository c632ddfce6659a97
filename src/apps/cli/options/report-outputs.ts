import { PlimsollError } from "../../../model/error.ts";
import { loadWriter, tableFormat } from "../../../reporters/formats/builtin.ts";
import type { ReportKind, ReportKinds, ReportWriter } from "../../../reporters/formats/report-format.ts";
import { writePieces } from "../terminal/output.ts";
import { type OutputFlags, readOutput } from "./output-option.ts";

/** The formats and files that the user chose. */
export interface ReportFlags extends OutputFlags {
  readonly format: string;
}

/** Writes a report as a table; one in a file has no colours and all rows. */
type TableWriter<Kind extends ReportKind> = (
  report: ReportKinds[Kind],
  options: { readonly toFile: boolean },
) => Iterable<string> | Promise<Iterable<string>>;

/** Where a report goes. */
export interface ReportOutputs<Kind extends ReportKind> {
  /** Writes the report to each file, and to stdout unless a file replaces it. Error: `output-not-written`. */
  readonly write: (report: ReportKinds[Kind], table: TableWriter<Kind>) => Promise<void>;
}

interface Output<Kind extends ReportKind> {
  /** Absent for stdout. */
  readonly path: string | undefined;
  /** Absent for the table. */
  readonly writer: ReportWriter<Kind> | undefined;
}

/**
 * Prepares the outputs before the work begins: the format of `--format` goes to stdout or to `--output FILE`, each
 * `--output FORMAT=FILE` is a further report. Error: `usage` for a format that does not support this kind of report.
 */
export async function openOutputs<Kind extends ReportKind>(
  kind: Kind,
  { format, output = [] }: ReportFlags,
): Promise<ReportOutputs<Kind>> {
  const files = output.map(readOutput);
  const [main, second] = files.filter((file) => file.format === undefined);
  if (second !== undefined) {
    throw new PlimsollError("usage", "--output FILE can be given once", {
      hint: "Further reports: --output FORMAT=FILE, for example --output sarif=plimsoll.sarif.",
    });
  }
  const outputs: Output<Kind>[] = [];
  for (const { path, format: own } of files) {
    if (own !== undefined) outputs.push({ path, writer: await writerOf(own, kind) });
  }
  outputs.push({ path: main?.path, writer: await writerOf(format, kind) });
  return {
    async write(report, table) {
      for (const { path, writer } of outputs) {
        const toFile = path !== undefined && path !== "-";
        writePieces(writer ? writer(report) : await table(report, { toFile }), path);
      }
    },
  };
}

async function writerOf<Kind extends ReportKind>(format: string, kind: Kind): Promise<ReportWriter<Kind> | undefined> {
  if (format === tableFormat) return undefined;
  const writer = await loadWriter(format, kind);
  if (writer) return writer;
  throw new PlimsollError("usage", `the format ${format} does not support this kind of report`, {
    hint: "Use the format json.",
  });
}
