import { configurationChecks } from "./configuration-checks.ts";
import { fileSystemChecks } from "./file-system-checks.ts";
import { historyChecks } from "./history-checks.ts";
import type { ImageCheck } from "./image-check.ts";

/** All checks of images, in the order of their results. */
export const imageChecks: readonly ImageCheck[] = [...configurationChecks, ...historyChecks, ...fileSystemChecks];
