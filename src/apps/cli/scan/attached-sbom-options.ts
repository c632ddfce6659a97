import { type Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { Report } from "../../../model/reports/report.ts";
import type { OpenTargetOptions } from "../../../pipeline/targets/open-target.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import {
  addSignatureOptions,
  namesSigner,
  type SignatureFlags,
  signaturePolicy,
} from "../registry/signature-options.ts";
import { writeNote } from "../terminal/output.ts";

/** The options for taking an SBOM that is attached to an image, as commander gives them. */
export interface AttachedSbomFlags extends SignatureFlags {
  readonly useAttachedSbom?: boolean;
}

/** Adds the options for taking an SBOM that is attached to an image. */
export function addAttachedSbomOptions(command: Command): Command {
  const option = new Option("--use-attached-sbom", "use a signed attached SBOM, not layers; needs --key or --identity");
  command.addOption(option.hideHelp());
  return addSignatureOptions(command, { hidden: true });
}

/**
 * What the flags mean for opening a target. Errors: `usage` for one of them without the others, those of the policy.
 */
export function attachedSbomOptions(
  flags: AttachedSbomFlags,
  signal: AbortSignal,
): Pick<OpenTargetOptions, "attachedSbom"> {
  if (flags.useAttachedSbom) return { attachedSbom: signaturePolicy(flags, { signal }) };
  if (!namesSigner(flags)) return {};
  throw new PlimsollError("usage", "scan verifies only the signature of an attached SBOM", {
    hint: "Add --use-attached-sbom, or run plimsoll verify.",
  });
}

/** Error: `usage` for any of the flags where many images are scanned. */
export function refuseAttachedSbom(flags: AttachedSbomFlags): void {
  if (!flags.useAttachedSbom && !namesSigner(flags)) return;
  throw new PlimsollError("usage", "--use-attached-sbom supports only one image at a time", {
    hint: "Use the image as the target, or remove --use-attached-sbom.",
  });
}

/** Tells on standard error that the layers were read, though an attached SBOM was wanted, and why. */
export function remarkOnRefused({ target: { attachedSbomRefused: reasons = [] } }: Report): void {
  if (reasons.length === 0) return;
  writeNote("no attached SBOM could be used, so the layers were read", reasons.map(printable).join("\n      "));
}
