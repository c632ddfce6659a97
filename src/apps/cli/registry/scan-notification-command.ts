import { PlimsollError } from "../../../model/error.ts";
import { referenceText } from "../../../model/packages/reference.ts";
import type { NotifiedImages } from "../../../pipeline/registry/notified-images.ts";
import type { RegistryClient } from "../../../pipeline/targets/registry-access.ts";
import { isOffline } from "../environment.ts";
import { refuseBaseline } from "../options/baseline-option.ts";
import { refuseAttachedSbom } from "../scan/attached-sbom-options.ts";
import { type OneTargetFlags, scanOneTarget } from "../scan/scan-one-target.ts";
import { refuseVex } from "../scan/vex-option.ts";
import { ExitCode } from "../terminal/exit-code.ts";
import { writeNote } from "../terminal/output.ts";
import type { NotificationFlags } from "./notification-options.ts";
import { registryAccess } from "./registry-options.ts";
import type { RegistryScanFlags } from "./registry-scan-options.ts";
import { reportOnManyImages } from "./scan-registry-command.ts";

type ScanNotificationFlags = OneTargetFlags & RegistryScanFlags & NotificationFlags;

/**
 * `plimsoll scan --notification FILE`: one image gives the report of an image, several give that of a registry. Writes
 * it and gives the exit code: 0 also when the notification does not report a push, which is stated on standard error,
 * and 3 when it reports a push that cannot be followed.
 *
 * Errors: `usage`, `notification-malformed`, `limit-exceeded`, those of the scan.
 */
export async function scanNotification(
  target: string | undefined,
  flags: ScanNotificationFlags,
  signal: AbortSignal,
): Promise<number> {
  refuseContradictions(target, flags);
  const { notifiedImages, readNotificationFile } = await import("../../../pipeline/registry/notified-images.ts");
  const notified = notifiedImages(
    await readNotificationFile(flags.notification ?? "-", signal),
    flags.notificationRegistry,
  );
  const { images, rejected, sender } = notified;
  remark(notified, flags);
  const [first, ...others] = images;
  if (!first) {
    if (rejected.length === 0) return ExitCode.allowed;
    throw new PlimsollError("notification-malformed", `the notification of ${sender} contains ${rejected.join("; ")}`);
  }
  const client = await clientFor(first.registry, flags, signal);
  if (others.length === 0 && rejected.length === 0 && !flags.allPlatforms) {
    try {
      return await scanOneTarget(`registry:${referenceText(first)}`, flags, { signal, registry: client });
    } catch (cause) {
      const { isNoImage } = await import("../../../pipeline/registry/is-no-image.ts");
      if (!(await isNoImage(cause, client, { reference: first }))) throw cause;
      writeNote(`the notification of ${sender} ${noImage}: ${referenceText(first)} is an artifact`);
      return ExitCode.allowed;
    }
  }
  refuseForOne(flags);
  refuseVex(flags);
  refuseBaseline(flags);
  const { scanNamedImages } = await import("../../../pipeline/registry/scan-registry.ts");
  return reportOnManyImages(flags, {
    signal,
    client,
    scan: (options) =>
      scanNamedImages({ registry: first.registry, references: images, failures: rejected.map(failureOf) }, options),
  });
}

const noImage = "contains no image push; nothing was scanned";

function remark(
  { images, insteadOf, passedOver, sender }: NotifiedImages,
  { notificationRegistry }: NotificationFlags,
): void {
  if (insteadOf !== undefined && images.length > 0) {
    writeNote(
      `the notification of ${sender} names ${insteadOf}; images are scanned from ${notificationRegistry} instead`,
    );
  }
  if (passedOver.length === 0) return;
  const left = images.length === 0 ? noImage : "also contains other events";
  writeNote(`the notification of ${sender} ${left}: ${passedOver.join("; ")}`);
}

function failureOf(reason: string): NotifiedImagesFailure {
  return { tags: [], code: "notification-malformed", message: `the notification contains ${reason}` };
}

interface NotifiedImagesFailure {
  readonly tags: readonly string[];
  readonly code: "notification-malformed";
  readonly message: string;
}

/** An outsider may have chosen a registry that only the notification names. */
async function clientFor(registry: string, flags: ScanNotificationFlags, signal: AbortSignal): Promise<RegistryClient> {
  const { openRegistryClient } = await import("../../../pipeline/targets/registry-access.ts");
  const fromOutside = registry === flags.notificationRegistry ? [] : [registry];
  return openRegistryClient({ ...registryAccess(flags), fromOutside }, signal);
}

function refuseContradictions(target: string | undefined, flags: ScanNotificationFlags): void {
  const { registry, tags, newest } = flags;
  const other =
    target !== undefined
      ? "a target"
      : Object.entries({ registry, tags, newest }).find(([, value]) => value !== undefined)?.[0];
  if (other !== undefined) {
    const name = target !== undefined ? other : `--${other}`;
    throw wrong(`--notification and ${name} cannot be used together`, "The notification selects the images to scan.");
  }
  if (flags.allPlatforms && flags.platform !== undefined) {
    throw wrong("--all-platforms and --platform cannot be used together", "Use only one of them.");
  }
  if (isOffline(flags.offline)) {
    throw wrong("scanning a registry needs the network, which --offline forbids", "Scan saved images.");
  }
}

function refuseForOne(flags: ScanNotificationFlags): void {
  refuseAttachedSbom(flags);
  if (flags.explain === undefined) return;
  throw wrong("--explain supports only one image", "Scan the image alone to see why something is reported.");
}

function wrong(message: string, hint: string): PlimsollError {
  return new PlimsollError("usage", message, { hint });
}
