import { existsSync } from "node:fs";
import { PlimsollError } from "../../../model/error.ts";
import type { ImageReference } from "../../../model/packages/reference.ts";
import type { RegistryReport } from "../../../model/reports/registry-report.ts";
import { counted } from "../../../model/text/counted.ts";
import type { RegistryProgress, ScanRegistryOptions } from "../../../pipeline/registry/scan-registry.ts";
import type { RegistryClient } from "../../../pipeline/targets/registry-access.ts";
import { type AdvisoryFlags, advisoryOptions } from "../database/advisory-options.ts";
import { isOffline } from "../environment.ts";
import { openOutputs } from "../options/report-outputs.ts";
import { hasGate, type PolicyFlags, policyOptions } from "../policy/policy-option.ts";
import { type FilterFlags, findingFilter } from "../scan/filter-options.ts";
import { remarkOnCache } from "../scan/remark-on-cache.ts";
import { type TableFlags, tableLayout } from "../scan/table-options.ts";
import { type TargetFlags, targetOptions } from "../scan/target-options.ts";
import { ExitCode } from "../terminal/exit-code.ts";
import { writeNote } from "../terminal/output.ts";
import { megabytes, ProgressLine } from "../terminal/progress-line.ts";
import { registryClient } from "./registry-options.ts";
import type { RegistryScanFlags } from "./registry-scan-options.ts";

/** What `plimsoll scan` was given for many images. */
export interface ManyImagesFlags
  extends TargetFlags,
    AdvisoryFlags,
    RegistryScanFlags,
    FilterFlags,
    PolicyFlags,
    TableFlags {
  readonly format: string;
  readonly explain?: string;
}

/** True when one run is to scan many images. Error: `usage` for options that mean nothing without that. */
export function isForManyImages(flags: RegistryScanFlags): boolean {
  if (flags.registry !== undefined || flags.allPlatforms === true) return true;
  const { tags, newest, concurrency, fresh, listPackages } = flags;
  const given = { tags, newest, concurrency, fresh, "list-packages": listPackages };
  const idle = Object.entries(given).find(([, value]) => value !== undefined);
  if (!idle) return false;
  throw new PlimsollError("usage", `--${idle[0]} applies only to a scan of many images`, {
    hint: "Give --registry HOST[/PREFIX] instead of a target.",
  });
}

/**
 * `plimsoll scan --registry HOST[/PREFIX]`, and `plimsoll scan TARGET --all-platforms`. Writes the report and gives the
 * exit code: 1 when an image is denied, else 3 when an image could not be listed or scanned or, with a threshold, not
 * evaluated.
 */
export async function scanManyImages(
  target: string | undefined,
  flags: ManyImagesFlags,
  signal: AbortSignal,
): Promise<number> {
  refuseContradictions(target, flags);
  await openOutputs("registry", flags);
  const { scanAllPlatforms, scanRegistry } = await import("../../../pipeline/registry/scan-registry.ts");
  const { registry, tags = [], newest } = flags;
  return reportOnManyImages(flags, {
    signal,
    client: await registryClient(flags, signal),
    scan: async (options) =>
      registry
        ? scanRegistry({ ...registry, tags, newest }, options)
        : scanAllPlatforms(await imageInRegistry(target), options),
  });
}

/** A run over many images: the registry client, and the images to scan. */
export interface ManyImagesRun {
  readonly signal: AbortSignal;
  readonly client: RegistryClient;
  readonly scan: (options: ScanRegistryOptions) => Promise<RegistryReport>;
}

/**
 * Scans many images as the flags have it, writes the report and gives the exit code, as {@link scanManyImages} does.
 */
export async function reportOnManyImages(
  flags: ManyImagesFlags,
  { signal, client, scan }: ManyImagesRun,
): Promise<number> {
  const outputs = await openOutputs("registry", flags);
  using line = new ProgressLine(process.stderr, flags.quiet === true);
  line.text("asking the registry");
  const report = await scan({
    ...(await targetOptions(flags, signal)),
    ...advisoryOptions(flags),
    client,
    now: new Date(),
    allPlatforms: flags.allPlatforms === true,
    atOnce: flags.concurrency,
    fresh: flags.fresh === true,
    listPackages: flags.listPackages === true,
    runProgress: (progress: RegistryProgress) => line.text(progressText(progress)),
    fetchProgress: line.fetch.bind(line),
    ...policyOptions(flags, { environment: "registry" }),
  });
  line[Symbol.dispose]();
  remarkOnCache(flags);
  await remarkOnPulls(client, report.scope.registry);
  const { filterRegistryReport } = await import("../../../policy/filter-findings.ts");
  await outputs.write(filterRegistryReport(report, findingFilter(flags)), async (shown, { toFile }) => {
    const { registryTable } = await import("../../../reporters/registry-table.ts");
    return registryTable(shown, tableLayout(flags, toFile));
  });
  return exitCodeFor(report, hasGate(flags));
}

function refuseContradictions(target: string | undefined, flags: ManyImagesFlags): void {
  const wrong = (message: string, hint: string): PlimsollError => new PlimsollError("usage", message, { hint });
  if (flags.registry && target !== undefined) {
    throw wrong("--registry and a target cannot be used together", "Specify an image or a registry.");
  }
  if (flags.explain !== undefined) {
    throw wrong("--explain supports only one image", "Scan the image alone to see why something is reported.");
  }
  if (flags.allPlatforms && flags.platform !== undefined) {
    throw wrong("--all-platforms and --platform cannot be used together", "Use only one of them.");
  }
  if (flags.listPackages && (flags.format !== "json" || typeof flags.cache !== "string")) {
    throw wrong("--list-packages needs --format json and a cache", "Add --format json, and remove --no-cache.");
  }
  if (isOffline(flags.offline)) {
    throw wrong("scanning a registry needs the network, which --offline forbids", "Scan saved images.");
  }
}

async function imageInRegistry(target = ""): Promise<ImageReference> {
  const [{ parseTarget }, { imageReference }] = await Promise.all([
    import("../../../pipeline/targets/target.ts"),
    import("../../../pipeline/targets/open-registry-image.ts"),
  ]);
  const { kind, name } = parseTarget(target);
  if (kind === undefined ? !existsSync(name) : kind === "registry") return imageReference(name);
  throw new PlimsollError("usage", "--all-platforms supports only images in a registry", {
    hint: "For example registry:HOST/NAME:TAG.",
  });
}

/** Warns on standard error that a registry will soon refuse further pulls. */
async function remarkOnPulls(client: RegistryClient, registry: string): Promise<void> {
  const { fewPullsLeft } = await import("../../../pipeline/registry/pulls-left.ts");
  const left = fewPullsLeft(client, registry);
  if (left === undefined) return;
  writeNote(
    `${registry} has ${left} left`,
    "Log in with an account that has a higher limit, or use a mirror: --registry-mirror.",
  );
}

function progressText(progress: RegistryProgress): string {
  if (progress.stage === "listing") {
    const { repositories, tags, done } = progress;
    const listed = `${counted(repositories, "repository", "repositories")}, ${counted(tags, "tag")}`;
    return `listing  ${listed}  ${counted(done, "image")} scanned`;
  }
  const { done, total, bytes, layers, current } = progress;
  const reused = layers.distinct - layers.read;
  const images = `${done} of ${counted(total, "image")}`;
  return `scanning  ${images}  ${megabytes(bytes)}  layers ${layers.read} read, ${reused} known  ${current}`;
}

function exitCodeFor({ verdict, failures, images }: RegistryReport, isGated: boolean): number {
  if (verdict.decision === "denied") return ExitCode.denied;
  if (failures.length > 0) return ExitCode.incomplete;
  if (isGated) {
    const mayShip = verdict.decision === "allowed" || verdict.decision === "warned";
    return mayShip ? ExitCode.allowed : ExitCode.incomplete;
  }
  for (const { problems } of images) if (problems.length > 0) return ExitCode.incomplete;
  return ExitCode.allowed;
}
