import { InvalidArgumentError, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { type Scanner, scanners } from "../../../model/scanner.ts";

/** What the user wants to be looked for. */
export interface ScannersFlags {
  readonly scanners?: readonly Scanner[];
}

/** `--scanners`. */
export function scannersOption(): Option {
  return new Option("--scanners <list>", `what to look for: ${scanners.join(", ")}`).argParser(readScanners);
}

/** The names that Trivy has for them. */
const otherNames: Readonly<Record<string, Scanner>> = { vuln: "vulnerabilities", secret: "secrets" };

function readScanners(text: string): readonly Scanner[] {
  const words = text.split(",").map((word) => word.trim());
  return words.map((word) => {
    const known = scanners.find((scanner) => scanner === (otherNames[word] ?? word));
    if (known === undefined) throw new InvalidArgumentError(`Choose from ${scanners.join(", ")}, separated by commas.`);
    return known;
  });
}

/** The scanners of a run; nothing for the default. */
export function scannersOptions({ scanners: wanted }: ScannersFlags): { readonly scanners?: readonly Scanner[] } {
  return wanted === undefined || wanted.join() === "vulnerabilities" ? {} : { scanners: wanted };
}

/** Error: `usage` when scanners are named for a scan of many images. */
export function refuseScanners({ scanners: wanted }: ScannersFlags): void {
  if (wanted === undefined) return;
  throw new PlimsollError("usage", "--scanners is supported for one target only", {
    hint: "Scan the image itself with --scanners, without --registry or a list of images.",
  });
}
