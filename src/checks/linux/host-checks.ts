import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check } from "../check.ts";
import { accountChecks } from "./account-checks.ts";
import { isolationChecks } from "./isolation-checks.ts";
import { moduleChecks } from "./module-checks.ts";
import { recordChecks } from "./record-checks.ts";
import { sshdChecks } from "./sshd-checks.ts";
import { sysctlChecks } from "./sysctl-checks.ts";

/**
 * Every check of a Linux host that runs containers. Titles and texts are this project's own; ids map to benchmarks with
 * whose publisher this project has no connection.
 */
export const hostChecks: readonly Check<HostFacts>[] = [
  ...isolationChecks,
  ...sysctlChecks,
  ...moduleChecks,
  ...accountChecks,
  ...sshdChecks,
  ...recordChecks,
];
