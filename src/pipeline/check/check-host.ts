import { hostChecks } from "../../checks/linux/host-checks.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";
import { withFacts, withoutPart } from "./facts-bundle.ts";

/** Options for checks of facts. */
export interface MachineCheckOptions {
  readonly policy: CheckPolicy;
  readonly custom: CustomChecks;
}

/** Checks a host by its facts. Error: `facts-malformed` for facts without a host. */
export function checkHost(facts: FactsBundle, options: MachineCheckOptions): CheckReport {
  return withFacts(() => hostReport(facts, options));
}

function hostReport(facts: FactsBundle, { policy, custom }: MachineCheckOptions): CheckReport {
  if (!facts.host) throw withoutPart("a host");
  const results = [
    ...runChecks(hostChecks, facts.host),
    ...runCustomChecks(custom, { kind: "host", objects: [{ value: facts.host }] }),
  ];
  return checkReport(
    { target: { kind: "host", name: nameOf(facts) }, results, problems: [], collectedAt: facts.collectedAt },
    policy,
  );
}

/** The name is of the facts, so that it is the same wherever they are looked at. */
function nameOf({ host }: FactsBundle): string {
  const release = host && "value" in host.osRelease ? host.osRelease.value["PRETTY_NAME"] : undefined;
  const kernel = host && "value" in host.kernel ? host.kernel.value.release : undefined;
  return [release ?? "a host", ...(kernel === undefined ? [] : [`Linux ${kernel}`])].join(", ");
}
