import { Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { Baseline } from "../../../policy/baseline.ts";

/** The earlier report that the user named. */
export interface BaselineFlags {
  readonly baseline?: string;
}

/** `--baseline`. */
export function baselineOption(): Option {
  return new Option(
    "--baseline <report>",
    "count only findings that are not in this JSON report of an earlier run",
  ).hideHelp();
}

/** Reads the report. Errors: those of `loadBaseline`. */
export async function baselineOptions(
  { baseline }: BaselineFlags,
  kind: "scan" | "check",
): Promise<{ readonly baseline?: Baseline }> {
  if (baseline === undefined) return {};
  const { loadBaseline } = await import("../../../pipeline/reports/load-baseline.ts");
  return { baseline: loadBaseline(baseline, kind) };
}

/** Error: `usage` when a report is named for a scan of many images. */
export function refuseBaseline({ baseline }: BaselineFlags): void {
  if (baseline === undefined) return;
  throw new PlimsollError("usage", "--baseline is supported for one target only", {
    hint: "Scan the image itself with --baseline, without --registry or a list of images.",
  });
}
