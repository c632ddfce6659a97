import { InvalidArgumentError, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { type Scanner, scanners } from "../../../model/scanner.ts";
import type { ExamineOptions } from "../../../pipeline/scan/examine-target.ts";
import { collectValues } from "../options/collect-values.ts";

/** What the user wants to be looked for. */
export interface ScannersFlags {
  readonly scanners?: readonly Scanner[];
  readonly malwareHashes?: readonly string[];
  readonly clamd?: string | true;
}

/** `--scanners`. */
export function scannersOption(): Option {
  return new Option("--scanners <list>", `what to look for: ${scanners.join(", ")}`).argParser(readScanners);
}

/** `--malware-hashes`. */
export function malwareHashesOption(): Option {
  return new Option(
    "--malware-hashes <file>",
    "hashes of malicious files: ClamAV .hdb or .hsb, sha256sum, MalwareBazaar",
  )
    .argParser(collectValues((file) => file))
    .hideHelp();
}

/** `--clamd`. */
export function clamdOption(): Option {
  const description = "have clamd scan every file for malware: its socket or HOST:PORT, else it is found by its socket";
  return new Option("--clamd [address]", description).hideHelp();
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

/** What a run looks for, and with what; nothing for the default. Error: `usage` for hashes without their scanner. */
export function scannersOptions({
  scanners: wanted = ["vulnerabilities"],
  malwareHashes,
  clamd,
}: ScannersFlags): Pick<ExamineOptions, "scanners" | "malwareHashes" | "clamd"> {
  const option = malwareHashes ? "--malware-hashes" : "--clamd";
  if ((malwareHashes ?? clamd) && !wanted.includes("malware")) {
    throw new PlimsollError("usage", `${option} requires --scanners malware`, {
      hint: "Add malware to --scanners, for example --scanners vulnerabilities,malware.",
    });
  }
  if (wanted.join() === "vulnerabilities") return {};
  return {
    scanners: wanted,
    ...(malwareHashes && { malwareHashes }),
    ...(clamd && { clamd: clamd === true ? "auto" : clamd }),
  };
}

/** Error: `usage` when scanners are named for a scan of many images. */
export function refuseScanners({ scanners: wanted }: ScannersFlags): void {
  if (wanted === undefined) return;
  throw new PlimsollError("usage", "--scanners is supported for one target only", {
    hint: "Scan the image itself with --scanners, without --registry or a list of images.",
  });
}
