import { baseImageChecks } from "./base-image-checks.ts";
import { commandChecks } from "./command-checks.ts";
import type { DockerfileCheck } from "./dockerfile-check.ts";
import { downloadChecks } from "./download-checks.ts";
import { fileChecks } from "./file-checks.ts";
import { packageChecks } from "./package-checks.ts";
import { pathChecks } from "./path-checks.ts";
import { portChecks } from "./port-checks.ts";
import { secretChecks } from "./secret-checks.ts";
import { shellcheckCheck } from "./shellcheck-check.ts";
import { stageChecks } from "./stage-checks.ts";
import { styleChecks } from "./style-checks.ts";
import { userChecks } from "./user-checks.ts";

/** All checks of Dockerfiles, in the order of their results. */
export const dockerfileChecks: readonly DockerfileCheck[] = [
  ...userChecks,
  ...secretChecks,
  ...baseImageChecks,
  ...downloadChecks,
  ...fileChecks,
  ...commandChecks,
  shellcheckCheck,
  ...packageChecks,
  ...portChecks,
  ...pathChecks,
  ...stageChecks,
  ...styleChecks,
];
