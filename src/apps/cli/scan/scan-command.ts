import { Command } from "commander";
import { formatsFor } from "../../../reporters/formats/builtin.ts";
import { addAdvisoryOptions } from "../database/advisory-options.ts";
import { baselineOption, refuseBaseline } from "../options/baseline-option.ts";
import { formatOption } from "../options/format-option.ts";
import { outputsOption } from "../options/output-option.ts";
import { addPolicyOptions, withPolicy } from "../policy/policy-option.ts";
import { addNotificationOptions, isForNotification, type NotificationFlags } from "../registry/notification-options.ts";
import { addRegistryScanOptions, type RegistryScanFlags } from "../registry/registry-scan-options.ts";
import { scanNotification } from "../registry/scan-notification-command.ts";
import { isForManyImages, scanManyImages } from "../registry/scan-registry-command.ts";
import type { Outcome } from "../terminal/exit-code.ts";
import { addAttachedSbomOptions, refuseAttachedSbom } from "./attached-sbom-options.ts";
import { failOnOption } from "./fail-on-option.ts";
import { addFilterOptions } from "./filter-options.ts";
import { includeDevOption } from "./include-dev-option.ts";
import { type OneTargetFlags, scanOneTarget } from "./scan-one-target.ts";
import {
  clamdOption,
  gitHistoryOption,
  malwareHashesOption,
  malwareRulesOption,
  refuseScanners,
  scannersOption,
} from "./scanners-option.ts";
import { addTableOptions } from "./table-options.ts";
import { addLazyOption, addTargetOptions } from "./target-options.ts";
import { refuseVex, vexOption } from "./vex-option.ts";

interface ScanFlags extends OneTargetFlags, RegistryScanFlags, NotificationFlags {}

/** `plimsoll scan TARGET`. */
export function scanCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("scan")
    .summary("find known vulnerabilities")
    .description("Find known vulnerabilities, secrets and malware in an image, a folder or a file.")
    .argument(
      "[target]",
      "image, archive, folder, SBOM, jar, lock file, …; a scheme sets the type: docker:, registry:, oci-dir:, …",
    )
    .addOption(formatOption(formatsFor("scan")))
    .addOption(failOnOption("exit 1 if a finding has this severity or worse"))
    .addOption(includeDevOption())
    .addOption(scannersOption())
    .addOption(malwareHashesOption())
    .addOption(malwareRulesOption())
    .addOption(clamdOption())
    .addOption(gitHistoryOption())
    .addOption(vexOption())
    .addOption(baselineOption())
    .option("--explain <id>", "explain why a vulnerability is or is not reported");
  addPolicyOptions(command);
  const many = addNotificationOptions(addRegistryScanOptions(addTableOptions(addFilterOptions(command))));
  return addAttachedSbomOptions(addAdvisoryOptions(addLazyOption(addTargetOptions(many, outputsOption()))))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll scan nginx:1.27                       a local or remote image",
        "  plimsoll scan image.tar --fail-on high         exit 1 if high or critical",
        "  plimsoll scan --registry HOST/team --newest 3  a registry, or a part of it",
        "",
      ].join("\n"),
    )
    .action(async (target: string | undefined, given: ScanFlags) => {
      const flags = await withPolicy(given);
      if (isForNotification(flags)) {
        outcome.exitCode = await scanNotification(target, flags, signal);
        return;
      }
      if (isForManyImages(flags)) {
        refuseAttachedSbom(flags);
        refuseVex(flags);
        refuseScanners(flags);
        refuseBaseline(flags);
        outcome.exitCode = await scanManyImages(target, flags, signal);
        return;
      }
      outcome.exitCode = await scanOneTarget(target, flags, { signal });
    });
}
