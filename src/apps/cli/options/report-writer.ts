import { PlimsollError } from "../../../model/error.ts";
import { loadWriter, tableFormat } from "../../../reporters/formats/builtin.ts";
import type { ReportKind, ReportWriter } from "../../../reporters/formats/report-format.ts";

/**
 * The writer of a value of `--format` for a kind of report; undefined for the table. Error: `usage` when the format
 * does not support this kind.
 */
export async function reportWriter<Kind extends ReportKind>(
  format: string,
  kind: Kind,
): Promise<ReportWriter<Kind> | undefined> {
  if (format === tableFormat) return undefined;
  const writer = await loadWriter(format, kind);
  if (writer) return writer;
  throw new PlimsollError("usage", `--format ${format} does not support this kind of report`, {
    hint: "Use --format json.",
  });
}
