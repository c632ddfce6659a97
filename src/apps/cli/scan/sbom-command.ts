import { Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { Contents } from "../../../model/reports/report.ts";
import type { RegistryClient } from "../../../pipeline/targets/registry-access.ts";
import { documentFormatsFor, loadWriter } from "../../../reporters/formats/builtin.ts";
import type { ReportWriter } from "../../../reporters/formats/report-format.ts";
import { isOffline } from "../environment.ts";
import { oneOutput } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeError, writeNote, writeOut, writePieces } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { type IncludeDevFlags, includeDevOption, includeDevOptions } from "./include-dev-option.ts";
import { remarkOnCache } from "./remark-on-cache.ts";
import { addLazyOption, addTargetOptions, type TargetFlags, targetOptions } from "./target-options.ts";

interface SbomFlags extends TargetFlags, IncludeDevFlags {
  readonly format: string;
  readonly attach?: boolean;
}

/** `plimsoll sbom TARGET`. */
export function sbomCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("sbom")
    .summary("list the packages in a target")
    .description("List the packages in an image, a folder or a file.")
    .argument("<target>", "as for scan")
    .addOption(formatOption())
    .addOption(includeDevOption())
    .option("--attach", "attach the SBOM to the image in its registry; print its reference");
  return addLazyOption(addTargetOptions(command))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll sbom image.tar --output image.cdx.json",
        "  plimsoll sbom registry.example.com/team/app:1 --attach",
        "",
      ].join("\n"),
    )
    .action(async (target: string, flags: SbomFlags) => {
      const output = oneOutput(flags);
      const [{ examineTarget }, { unreadSentence }, write] = await Promise.all([
        import("../../../pipeline/scan/examine-target.ts"),
        import("../../../pipeline/inventory/unread-files.ts"),
        sbomWriter(flags.format),
      ]);
      const place = flags.attach ? await attachable(target, flags) : undefined;
      const examined = place?.target ?? target;
      const options = await targetOptions(flags, signal);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      if (place && options.registry) {
        line.text("checking whether the registry accepts attached SBOMs");
        await place.require({ client: options.registry, platform: flags.platform });
      }
      const contents = await examineTarget(examined, {
        ...options,
        ...includeDevOptions(flags),
        now: new Date(),
        progress: (progress) => line.scan(progress),
      });
      line[Symbol.dispose]();
      if (contents.layers.length > 0) remarkOnCache(flags);
      if (!flags.attach || output !== undefined) writePieces(write(contents), output);
      for (const { message, code } of contents.problems) writeError(`incomplete: ${message}`, { code });
      const unread = unreadSentence(contents.unread);
      if (unread !== undefined) writeNote(unread);
      if (contents.problems.length > 0) outcome.exitCode = ExitCode.incomplete;
      if (place) {
        await attach(contents, { client: options.registry, write, output, mirrors: place.mirrors });
      }
    });
}

function formatOption(): Option {
  const choices = documentFormatsFor("sbom");
  return new Option("-f, --format <format>", "output format").choices(choices).default("cyclonedx");
}

async function sbomWriter(format: string): Promise<ReportWriter<"sbom">> {
  const writer = await loadWriter(format, "sbom");
  if (writer) return writer;
  throw new Error(`no writer for SBOMs in the format ${format}`);
}

async function attachable(text: string, flags: SbomFlags): Promise<Attachable> {
  const { attachableTarget, requireAttachable } = await import("../../../pipeline/registry/attach-sbom.ts");
  const { target, registry } = attachableTarget(text);
  const mirrors = (flags.registryMirror ?? []).filter((one) => one.registry === registry).map(({ mirror }) => mirror);
  if (!isOffline(flags.offline)) {
    return { target, mirrors, require: (options) => requireAttachable(target, { ...options, mirrors }) };
  }
  throw new PlimsollError("usage", "cannot attach an SBOM with --offline: it is stored in the registry", {
    hint: "Remove --offline, or replace --attach with --output FILE.",
  });
}

interface Attachable {
  readonly target: string;
  readonly mirrors: readonly string[];
  /** As `requireAttachable`. */
  require(options: { readonly client: RegistryClient; readonly platform: string | undefined }): Promise<void>;
}

interface AttachOptions {
  readonly client: RegistryClient | undefined;
  readonly write: ReportWriter<"sbom">;
  readonly output: string | undefined;
  readonly mirrors: readonly string[];
}

/** Attaches the SBOM, and prints its name: on standard error where the SBOM itself went to standard output. */
async function attach(contents: Contents, { client, write, output, mirrors }: AttachOptions): Promise<void> {
  const [problem] = contents.problems;
  if (problem) {
    writeError("the SBOM was not attached, because it is incomplete", {
      code: problem.code,
      hint: "An incomplete SBOM would hide packages. The parts that could not be examined are listed above.",
    });
    return;
  }
  if (!client) throw new Error("a target in a registry was read without a client");
  const { attachSbom } = await import("../../../pipeline/registry/attach-sbom.ts");
  const { reference, subject, isNew } = await attachSbom(contents, { client, write, mirrors });
  const { platform } = contents.target;
  const image = platform === undefined ? subject : `${subject} (${platform})`;
  const sentence = isNew ? `the SBOM is attached to ${image}` : `the same SBOM is already attached to ${image}`;
  writeNote(output === "-" ? `${sentence}, as ${reference}` : sentence);
  if (output !== "-") writeOut(`${reference}\n`);
}
