import { InvalidArgumentError, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { type Scanner, scanners } from "../../../model/scanner.ts";
import type { ExamineOptions } from "../../../pipeline/scan/examine-target.ts";
import { gitAccess } from "../environment.ts";
import { collectValues } from "../options/collect-values.ts";

/** What the user wants to be looked for. */
export interface ScannersFlags {
  readonly scanners?: readonly Scanner[];
  readonly malwareHashes?: readonly string[];
  readonly malwareRules?: readonly string[];
  readonly clamd?: string | true;
  readonly gitHistory?: true;
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

/** `--malware-rules`. */
export function malwareRulesOption(): Option {
  return new Option("--malware-rules <path>", "YARA rules, a file or a folder, beside those built in; repeatable")
    .argParser(collectValues((path) => path))
    .hideHelp();
}

/** `--clamd`. */
export function clamdOption(): Option {
  const description = "have clamd scan every file for malware: its socket or HOST:PORT, else it is found by its socket";
  return new Option("--clamd [address]", description).hideHelp();
}

/** `--git-history`. */
export function gitHistoryOption(): Option {
  return new Option("--git-history", "search the Git history of the folder for secrets too").hideHelp();
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

/** What a run looks for, and with what; nothing for the default. Error: `usage` for an option without its scanner. */
export function scannersOptions(
  flags: ScannersFlags,
): Pick<ExamineOptions, "scanners" | "malwareHashes" | "malwareRules" | "clamd" | "gitHistory"> {
  const { scanners: wanted = ["vulnerabilities"], malwareHashes, malwareRules, clamd, gitHistory } = flags;
  for (const [option, scanner] of optionsOfScanners(flags)) {
    if (wanted.includes(scanner)) continue;
    throw new PlimsollError("usage", `${option} requires --scanners ${scanner}`, {
      hint: `Add ${scanner} to --scanners, for example --scanners vulnerabilities,${scanner}.`,
    });
  }
  if (wanted.join() === "vulnerabilities") return {};
  return {
    scanners: wanted,
    ...(malwareHashes && { malwareHashes }),
    ...(malwareRules && { malwareRules }),
    ...(clamd && { clamd: clamd === true ? "auto" : clamd }),
    ...(gitHistory && { gitHistory: gitAccess() }),
  };
}

function optionsOfScanners({
  malwareHashes,
  malwareRules,
  clamd,
  gitHistory,
}: ScannersFlags): readonly [string, Scanner][] {
  return [
    ...(malwareHashes ? [["--malware-hashes", "malware"] as [string, Scanner]] : []),
    ...(malwareRules ? [["--malware-rules", "malware"] as [string, Scanner]] : []),
    ...(clamd ? [["--clamd", "malware"] as [string, Scanner]] : []),
    ...(gitHistory ? [["--git-history", "secrets"] as [string, Scanner]] : []),
  ];
}

/** Error: `usage` when scanners or their options are named for a scan of many images. */
export function refuseScanners(flags: ScannersFlags): void {
  const [option] = flags.scanners ? ["--scanners"] : optionsOfScanners(flags).map(([name]) => name);
  if (option === undefined) return;
  throw new PlimsollError("usage", `${option} is supported for one target only`, {
    hint: "Scan the image itself with --scanners, without --registry or a list of images.",
  });
}
