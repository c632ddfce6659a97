import type { CheckMapping } from "../../model/checks/check.ts";
import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check, CheckDescription } from "../check.ts";

/** The words of a check, and what it maps to. */
export interface HostCheckText extends Pick<CheckDescription, "title" | "severity" | "why" | "remediation"> {
  readonly cis?: HostControls;
}

/** Where benchmarks of distributions have the same subject. */
export interface HostControls {
  /** Ids of the CIS Ubuntu Linux 24.04 LTS Benchmark 1.0.0. */
  readonly ubuntu?: readonly string[];
  /** Ids of the CIS Red Hat Enterprise Linux 9 Benchmark 2.0.0. */
  readonly redHat?: readonly string[];
}

const ubuntu = { framework: "CIS Ubuntu Linux 24.04 LTS Benchmark", version: "1.0.0" };
const redHat = { framework: "CIS Red Hat Enterprise Linux 9 Benchmark", version: "2.0.0" };

/** A check of a host; `name` is what follows `host/`. */
export function hostCheck(
  name: string,
  text: HostCheckText,
  { needs, evaluate }: Pick<Check<HostFacts>, "needs" | "evaluate">,
): Check<HostFacts> {
  const { cis, ...words } = text;
  return {
    id: `host/${name}`,
    ...words,
    mappings: [
      ...(cis?.ubuntu ?? []).map((id): CheckMapping => ({ ...ubuntu, id })),
      ...(cis?.redHat ?? []).map((id): CheckMapping => ({ ...redHat, id })),
    ],
    needs,
    evaluate,
  };
}
