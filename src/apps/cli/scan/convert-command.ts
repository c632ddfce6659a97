import { Command } from "commander";
import { builtinFormats, tableFormat } from "../../../reporters/formats/builtin.ts";
import { formatOption } from "../options/format-option.ts";
import { outputsOption } from "../options/output-option.ts";
import { openOutputs, type ReportFlags } from "../options/report-outputs.ts";
import { addTableOptions, type TableFlags, tableLayout } from "./table-options.ts";

/** Those for reports with results: an SBOM is not a JSON report. */
const formats = builtinFormats.filter(({ writers }) => writers.scan ?? writers.check).map(({ id }) => id);

interface ConvertFlags extends ReportFlags, TableFlags {}

/** `plimsoll convert REPORT`. */
export function convertCommand(): Command {
  const command = new Command("convert")
    .summary("write a JSON report in another format")
    .description(
      "Write a JSON report of scan, check or ps in other formats. The exit code does not depend on the verdict.",
    )
    .argument("<report>", "file that --format json wrote")
    .addOption(formatOption([tableFormat, ...formats]))
    .addOption(outputsOption());
  return addTableOptions(command)
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll convert report.json --format sarif --output plimsoll.sarif",
        "  plimsoll convert report.json -o junit=junit.xml -o csv=findings.csv",
        "",
      ].join("\n"),
    )
    .action(convert);
}

async function convert(path: string, flags: ConvertFlags): Promise<void> {
  const { readReport } = await import("../../../pipeline/reports/read-report.ts");
  const read = readReport(path);
  const layout = (toFile: boolean) => tableLayout(flags, toFile);
  switch (read.kind) {
    case "scan": {
      const { table } = await import("../../../reporters/table.ts");
      return (await openOutputs(read.kind, flags)).write(read.report, (report, { toFile }) =>
        table(report, layout(toFile)),
      );
    }
    case "check": {
      const { checkTable } = await import("../../../reporters/check-table.ts");
      return (await openOutputs(read.kind, flags)).write(read.report, (report, { toFile }) =>
        checkTable(report, { ...layout(toFile), all: false }),
      );
    }
    case "registry": {
      const { registryTable } = await import("../../../reporters/registry-table.ts");
      return (await openOutputs(read.kind, flags)).write(read.report, (report, { toFile }) =>
        registryTable(report, layout(toFile)),
      );
    }
    case "workloads": {
      const { workloadTable } = await import("../../../reporters/workloads.ts");
      return (await openOutputs(read.kind, flags)).write(read.report, (report, { toFile }) =>
        workloadTable(report, { ...layout(toFile), isScanned: false, isWhole: layout(toFile).full === true }),
      );
    }
  }
}
