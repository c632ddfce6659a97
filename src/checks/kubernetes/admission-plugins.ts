import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { componentOf, elementsOf, findSetting } from "./find-setting.ts";
import { type CheckTexts, nodeCheck } from "./setting-check.ts";

/** Plug-ins that the API server runs unless they are switched off. Source: Kubernetes, "Admission Controllers Reference". */
const onByDefault: ReadonlySet<string> = new Set([
  "NamespaceLifecycle",
  "ServiceAccount",
  "PodSecurity",
  "LimitRanger",
]);

/** A check that a plug-in of the API server is on, or is off. */
export function pluginCheck(
  texts: CheckTexts,
  { plugin, wanted }: { readonly plugin: string; readonly wanted: "on" | "off" },
): Check<KubernetesNodeFacts> {
  return nodeCheck(texts, (facts) => {
    const component = componentOf(facts, "kube-apiserver");
    return component ? [observe(component, { plugin, wanted })] : [];
  });
}

function observe(
  component: KubernetesComponent,
  { plugin, wanted }: { readonly plugin: string; readonly wanted: "on" | "off" },
): Observation {
  const enabled = findSetting(component, { flag: "enable-admission-plugins", list: true });
  const disabled = findSetting(component, { flag: "disable-admission-plugins", list: true });
  const listed = (setting: typeof enabled): boolean =>
    setting.kind === "set" && elementsOf(setting.value).includes(plugin);
  const resource = "kube-apiserver";
  const expected = `${plugin} is ${wanted}`;
  // Where some flags are not known, a plug-in that is named in neither list may be on.
  if (enabled.kind === "unknown" && !listed(disabled)) {
    return {
      state: "warn",
      resource,
      reason: enabled.reason,
      evidence: [{ subject: "--enable-admission-plugins", expected }],
    };
  }
  const isOn = !listed(disabled) && (listed(enabled) || onByDefault.has(plugin));
  const isDefault = isOn && !listed(enabled);
  const value = enabled.kind === "set" ? enabled.value : "not set";
  return {
    state: isOn === (wanted === "on") ? "pass" : "fail",
    resource,
    evidence: [
      {
        subject: "--enable-admission-plugins",
        value: isDefault ? `${value} (${plugin} is on by default)` : value,
        expected,
      },
      ...(disabled.kind === "set" ? [{ subject: "--disable-admission-plugins", value: disabled.value }] : []),
    ],
  };
}
