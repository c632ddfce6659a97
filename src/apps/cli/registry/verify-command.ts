import { Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { ReferenceVerdict } from "../../../model/images/signature.ts";
import { holdsUserInfo } from "../../../model/packages/reference.ts";
import { isOffline } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { type OutputFlags, oneOutput, outputOption } from "../options/output-option.ts";
import { readPlatform } from "../scan/target-options.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writePieces } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { addRegistryOptions, type RegistryFlags, registryClient } from "./registry-options.ts";
import { addSignatureOptions, type SignatureFlags, signaturePolicy } from "./signature-options.ts";

interface VerifyFlags extends RegistryFlags, SignatureFlags, OutputFlags {
  readonly attestation?: string;
  readonly platform?: string;
  readonly format: "table" | "json";
  readonly offline?: boolean;
  readonly quiet?: boolean;
}

/** `plimsoll verify REFERENCE`. */
export function verifyCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("verify")
    .summary("verify an image's signatures")
    .description("Verify that a trusted signer signed an image in a registry.")
    .argument("<reference>", "image reference in a registry");
  addSignatureOptions(command)
    .option("--attestation <type>", "require an attestation of this type: spdx, a URI")
    .addOption(
      new Option("--platform <os/arch>", "verify the image for this platform, not the index").argParser(readPlatform),
    )
    .addOption(formatOption())
    .option("--offline", "do not use the network")
    .addOption(outputOption())
    .option("-q, --quiet", "no progress line");
  return addRegistryOptions(command)
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll verify registry.example.com/team/app:1 --key cosign.pub",
        "  plimsoll verify ghcr.io/owner/app:1 --identity 'https://github.com/owner/*' \\",
        "    --issuer https://token.actions.githubusercontent.com",
        "",
      ].join("\n"),
    )
    .addHelpText("after", "\nExit codes: 0 verified, 1 not verified, 2 wrong usage, 3 cannot tell.")
    .action(async (reference: string, flags: VerifyFlags) => {
      const output = oneOutput(flags);
      const policy = signaturePolicy(flags, { predicateType: predicateType(flags.attestation), signal });
      if (isOffline(flags.offline)) {
        const image = holdsUserInfo(reference) ? "the image" : reference;
        throw new PlimsollError(
          "usage",
          `cannot verify ${image} with --offline: signatures are stored in the registry`,
          {
            hint: "Remove --offline.",
          },
        );
      }
      const [{ verifyTarget }, { referenceVerdictText, signatureJson }] = await Promise.all([
        import("../../../pipeline/registry/verify-target.ts"),
        import("../../../reporters/signatures.ts"),
      ]);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      line.text("looking for signatures");
      const client = await registryClient(flags, signal);
      const verdict = await verifyTarget(reference, { client, policy, platform: flags.platform });
      line[Symbol.dispose]();
      writePieces(flags.format === "json" ? [signatureJson(verdict)] : referenceVerdictText(verdict), output);
      outcome.exitCode = exitCodes[verdict.outcome];
    });
}

const exitCodes: Readonly<Record<ReferenceVerdict["outcome"], number>> = {
  verified: ExitCode.allowed,
  "not-verified": ExitCode.denied,
  "cannot-tell": ExitCode.incomplete,
};

/** Predicate types by the names that cosign has for them; those that go on with a version end with `/*`. */
const shortTypes: ReadonlyMap<string, string> = new Map([
  ["spdx", "https://spdx.dev/Document/*"],
  ["spdxjson", "https://spdx.dev/Document/*"],
  ["cyclonedx", "https://cyclonedx.org/bom/*"],
  ["slsaprovenance", "https://slsa.dev/provenance/v0.2"],
  ["slsaprovenance02", "https://slsa.dev/provenance/v0.2"],
  ["slsaprovenance1", "https://slsa.dev/provenance/v1"],
  ["vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"],
  ["openvex", "https://openvex.dev/ns/*"],
  ["link", "https://in-toto.io/Link/v1"],
  ["custom", "https://cosign.sigstore.dev/attestation/v1"],
]);

function predicateType(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const type = shortTypes.get(text) ?? text;
  if (type.includes("/")) return type;
  throw new PlimsollError("usage", `${JSON.stringify(text)} is not an attestation type`, {
    hint: `Give the URI of a predicate type, or one of ${[...shortTypes.keys()].join(", ")}.`,
  });
}
