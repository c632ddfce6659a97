import { imageChecks } from "../../checks/image/builtin.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import { PlimsollError } from "../../model/error.ts";
import { type OpenTargetOptions, openTarget } from "../targets/open-target.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { collectImage } from "./collect-image.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";

/**
 * Checks the configuration and the files of an image, wherever a scan would find it. Errors: those of
 * {@link openTarget}; `usage` for an SBOM and for another single file.
 */
export async function checkImage(
  target: string,
  { policy, custom, ...options }: OpenTargetOptions & { readonly policy: CheckPolicy; readonly custom: CustomChecks },
): Promise<CheckReport> {
  using opened = await openTarget(target, options);
  if (opened.form === "sbom") {
    throw new PlimsollError("usage", `${opened.target.name} is an SBOM, which has no image configuration`);
  }
  if (opened.target.kind === "file") throw new PlimsollError("usage", `${opened.target.name} is not an image`);
  const facts = await collectImage(opened, options.signal);
  const results = [
    ...runChecks(imageChecks, facts),
    ...runCustomChecks(custom, {
      kind: "image",
      objects: "value" in facts.config ? [{ value: facts.config.value }] : [],
    }),
  ];
  const { unexamined, passedOver = [] } = opened;
  const messages = [
    ...passedOver.map((clause) => `${clause}, so another image of this name may be meant`),
    ...unexamined.map((name) => `the image ${name} exists next to the one that was checked`),
  ];
  const problems = messages.map((message) => ({ code: "not-examined" as const, message }));
  const layers = opened.layers.length;
  const subject = { kind: "image", name: opened.target.name, ...(layers > 0 && { examined: { layers } }) } as const;
  return checkReport({ target: subject, results, problems }, policy);
}
