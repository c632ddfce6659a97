import { Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { LoadedVex } from "../../../pipeline/scan/load-vex.ts";
import { collectValues } from "../options/collect-values.ts";

/** The VEX documents that the user named. */
export interface VexFlags {
  readonly vex?: readonly string[];
}

/** `--vex`. */
export function vexOption(): Option {
  return new Option("--vex <file>", "apply a VEX document, or a VEX repository in a folder; repeatable")
    .argParser(collectValues((text) => text))
    .hideHelp();
}

/** Reads the documents. Errors: those of `loadVex`. */
export async function vexOptions({ vex }: VexFlags): Promise<{ readonly vex?: LoadedVex }> {
  if (vex === undefined) return {};
  const { loadVex } = await import("../../../pipeline/scan/load-vex.ts");
  return { vex: loadVex(vex) };
}

/** Error: `usage` when documents are named for a scan of many images. */
export function refuseVex({ vex }: VexFlags): void {
  if (vex === undefined) return;
  throw new PlimsollError("usage", "--vex is supported for one target only", {
    hint: "Scan the image itself with --vex, without --registry or a list of images.",
  });
}
