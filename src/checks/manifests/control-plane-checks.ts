import type { Check } from "../check.ts";
import { cis, cwe, nsa } from "../mappings.ts";
import { flagRules } from "./control-plane-flags.ts";
import type { FlagRule } from "./flag-rule.ts";
import { objectsAt } from "./json-path.ts";
import { kindCheck, type ManifestPlace, manifestCheck } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import { type ControlPlaneContainer, controlPlaneContainers } from "./static-pod.ts";

const flagChecks: readonly Check<ManifestFacts>[] = flagRules.map((rule) =>
  manifestCheck(
    {
      id: `manifests/${rule.name}`,
      title: rule.title,
      severity: rule.severity,
      why: rule.why,
      remediation: `Set ${rule.flags.map((flag) => `--${flag}`).join(" and ")} of ${rule.program}: ${rule.expected}.`,
      mappings: [...rule.cis.map(cis), nsa("Authentication and authorization"), cwe("1188")],
    },
    {
      isAbout: (resource) => controlPlaneContainers(resource).some(({ program }) => program === rule.program),
      *examine(resource) {
        for (const running of controlPlaneContainers(resource)) {
          if (running.program !== rule.program) continue;
          const places = wrongPlaces(running, rule);
          if (places.length > 0) yield { places, container: running.container };
        }
      },
    },
  ),
);

/** How the programs of the control plane are set up, in the manifests that start them and the files that they read. */
export const controlPlaneChecks: readonly Check<ManifestFacts>[] = [
  ...flagChecks,
  kindCheck(
    {
      id: "manifests/admission-event-rate-limit",
      title: "The configuration of admission limits the rate of events",
      severity: "low",
      why: "A flood of events can bring the API server down.",
      remediation: "Add the plug-in EventRateLimit with its limits.",
      mappings: [cis("1.2.9"), cwe("770")],
    },
    ["AdmissionConfiguration"],
    {
      examine: ({ object }) =>
        objectsAt(object, "plugins").some(([, { name }]) => name === "EventRateLimit")
          ? []
          : [{ places: [{ path: ["plugins"] }] }],
    },
  ),
];

function wrongPlaces({ flags, path }: ControlPlaneContainer, rule: FlagRule): ManifestPlace[] {
  return rule.flags.flatMap((name) => {
    const flag = flags.get(name);
    if (rule.isRight(flag?.value)) return [];
    const expected = `--${name}: ${rule.expected}`;
    return flag ? [{ path: flag.path, expected }] : [{ path, value: `no --${name}`, expected }];
  });
}
