import type { Check } from "../../check.ts";
import { cis, cwe, nsa } from "../../mappings.ts";
import { objectsAt } from "../kustomize/json-path.ts";
import { kindCheck, type ManifestFailure, type ManifestPlace, manifestCheck, printed } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { flagRules } from "./control-plane-flags.ts";
import { isWithinPod } from "./etcd-listening.ts";
import type { FlagRule } from "./flag-rule.ts";
import { kubeletConfigurations, settingText } from "./kubelet-configuration.ts";
import { type ControlPlaneContainer, controlPlaneContainers } from "./static-pod.ts";

const flagChecks: readonly Check<ManifestFacts>[] = flagRules.map((rule) =>
  manifestCheck(
    {
      id: `manifests/${rule.name}`,
      title: rule.title,
      severity: rule.severity,
      why: rule.why,
      remediation: remediationOf(rule),
      mappings: [...rule.cis.map(cis), nsa("Authentication and authorization"), cwe("1188")],
    },
    {
      isAbout: (resource) => isAbout(resource, rule),
      *examine(resource) {
        for (const running of controlPlaneContainers(resource)) {
          if (running.program !== rule.program) continue;
          const { connectionsOf } = rule;
          if (connectionsOf !== undefined && isWithinPod(running, { pod: resource.pod, of: connectionsOf })) continue;
          yield* examineFlags(running, rule);
        }
        if (rule.configuration !== undefined) yield* examineConfigurations(resource, rule);
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
      title: {
        pass: "Admission configuration limits the event rate",
        fail: "Admission configuration does not limit the event rate",
      },
      severity: "low",
      why: "A flood of events can overload the API server.",
      remediation: "Add the EventRateLimit plug-in with its limits.",
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

function remediationOf({ flags, program, expected, configuration, remediation }: FlagRule): string {
  if (remediation !== undefined) return remediation;
  const names = flags.map((flag) => `--${flag}`).join(" and ");
  if (expected === "not set") return `Remove ${names} from ${program}.`;
  const fields = configuration?.paths.map((path) => path.join(".")).join(" and ");
  const place = fields === undefined ? `${names} of ${program}` : `${fields} of the KubeletConfiguration, or ${names},`;
  return `Set ${place} to ${expected}.`;
}

function isAbout(resource: ManifestResource, { program, configuration }: FlagRule): boolean {
  if (controlPlaneContainers(resource).some((running) => running.program === program)) return true;
  if (configuration === undefined) return false;
  const { read, unread } = kubeletConfigurations(resource);
  return read.length + unread.length > 0;
}

/** `--anonymous-auth=false`, `no --token-auth-file`, `--audit-log-maxage: 30 or more`. */
function expectedFlag(name: string, expected: string): string {
  if (expected === "not set") return `no --${name}`;
  return `--${name}${/^[\w.:]+$/.test(expected) ? "=" : ": "}${expected}`;
}

function* examineFlags({ flags, path, container }: ControlPlaneContainer, rule: FlagRule): Iterable<ManifestFailure> {
  const { settledBy, configuration } = rule;
  if (settledBy !== undefined && flags.get(settledBy.flag)?.value === settledBy.value) return;
  const file = configuration === undefined ? undefined : flags.get("config");
  const missing: ManifestPlace[] = [];
  const wrong: ManifestPlace[] = [];
  for (const name of rule.flags) {
    const flag = flags.get(name);
    if (rule.isRight(flag?.value)) continue;
    const expected = expectedFlag(name, rule.expected);
    if (flag !== undefined) wrong.push({ path: flag.path, expected });
    else missing.push({ path: file?.path ?? path, value: `no --${name}`, expected });
  }
  if (wrong.length > 0 || file === undefined) {
    if (wrong.length + missing.length > 0) yield { places: [...wrong, ...missing], container };
  } else if (missing.length > 0) {
    const reason = `the configuration file ${printed(file.value)} may contain this setting, but is not part of the manifest`;
    yield { places: missing, container, state: "manual", reason };
  }
}

function* examineConfigurations(resource: ManifestResource, rule: FlagRule): Iterable<ManifestFailure> {
  const { settledBy, configuration } = rule;
  if (configuration === undefined) return;
  const { read, unread } = kubeletConfigurations(resource);
  for (const { object, place } of read) {
    if (settledBy !== undefined && settingText(object, settledBy.path) === settledBy.value) continue;
    const wrong = configuration.paths.filter((path) => {
      const value = settingText(object, path);
      return value === undefined ? !configuration.isRightWithout : !rule.isRight(value);
    });
    if (wrong.length > 0) yield { places: wrong.map((path) => place(path, rule.expected)) };
  }
  for (const path of unread) {
    const reason = "the embedded KubeletConfiguration could not be read";
    yield { places: [{ path, value: "unreadable", expected: rule.expected }], state: "manual", reason };
  }
}
