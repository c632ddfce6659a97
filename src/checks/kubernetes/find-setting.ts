import type { Evidence } from "../../model/checks/check.ts";
import type {
  KubernetesComponent,
  KubernetesComponentName,
  KubernetesNodeFacts,
} from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { k3sDoubt, k3sFlag } from "./k3s-settings.ts";

/** Where a setting of a component may stand. */
export interface SettingPlace {
  /** Without dashes at its begin: `anonymous-auth`. */
  readonly flag: string;
  /** In the file of `--config`, of etcd in that of `--config-file`. */
  readonly path?: readonly string[];
  /** A variable of etcd. */
  readonly variable?: string;
  /** The flag is a list that several uses add to. */
  readonly list?: boolean;
  /** Where both say something, the file counts, as with kube-proxy and kube-scheduler. */
  readonly fileFirst?: boolean;
}

/** A setting that stands somewhere. `unknown`: it may stand in a file that could not be read. */
export type Setting =
  | { readonly kind: "set"; readonly value: string; readonly place: string }
  | { readonly kind: "unset" }
  | { readonly kind: "unknown"; readonly reason: string };

/** The component of a node; undefined when it runs none. */
export function componentOf(
  facts: KubernetesNodeFacts,
  name: KubernetesComponentName,
): KubernetesComponent | undefined {
  return "value" in facts.components ? facts.components.value.find((component) => component.name === name) : undefined;
}

/**
 * The value that counts for a component, and where it stands: the command line before the file, the file before the
 * environment.
 */
export function findSetting(component: KubernetesComponent, place: SettingPlace): Setting {
  const config = etcdFile(component);
  if (config)
    return place.path === undefined ? { kind: "unset" } : (settingIn(config, place.path) ?? { kind: "unset" });
  const flag = flagOf(component, place);
  const file = place.path === undefined ? undefined : fileSetting(component, place.path);
  for (const found of place.fileFirst ? [file, flag] : [flag, file]) {
    if (found !== undefined) return found;
  }
  const value = place.variable === undefined ? undefined : component.environment[place.variable];
  if (value !== undefined) return { kind: "set", value, place: `variable ${place.variable}` };
  if (component.incomplete !== undefined) return { kind: "unknown", reason: component.incomplete };
  return component.source === "embedded" ? ownSetting(component, place) : { kind: "unset" };
}

function ownSetting(component: KubernetesComponent, { flag }: SettingPlace): Setting {
  const reason = k3sDoubt(component, flag);
  if (reason !== undefined) return { kind: "unknown", reason };
  const value = k3sFlag(component, flag);
  return value === undefined ? { kind: "unset" } : { kind: "set", value, place: "set by k3s" };
}

/** The value of a feature gate: `true` or `false`. */
export function findGate(component: KubernetesComponent, gate: string): Setting {
  const flag = flagOf(component, { flag: "feature-gates", list: true });
  if (flag) {
    const pair = flag.value.split(",").findLast((part) => part.split("=")[0]?.trim() === gate);
    if (pair !== undefined) return { ...flag, value: pair.split("=")[1]?.trim() || "true" };
  }
  return findSetting(component, { flag: `no-such-flag-${gate}`, path: ["featureGates", gate] });
}

/** The parsed file of a flag; undefined when there is no such flag, and with the reason when it could not be read. */
export function documentOf(
  component: KubernetesComponent,
  flag: string,
): { readonly value: JsonObject } | { readonly unavailable: string } | undefined {
  return Object.hasOwn(component.documents, flag) ? component.documents[flag] : undefined;
}

/** A setting as evidence; `otherwise` is what to show where nothing is set. */
export function settingEvidence(
  name: string,
  {
    setting,
    expected,
    otherwise,
  }: { readonly setting: Setting; readonly expected: string; readonly otherwise?: string },
): Evidence {
  if (setting.kind === "set") return { subject: `${name} (${setting.place})`, value: setting.value, expected };
  const isUnset = setting.kind === "unset" && otherwise !== undefined;
  return { subject: name, ...(isUnset && { value: otherwise }), expected };
}

/** Elements of a list in a flag or, joined, in a file. */
export function elementsOf(value: string): readonly string[] {
  return value
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}

/** True for what flags and files of Kubernetes mean by true. */
export function isTrue(value: string): boolean {
  return /^(?:true|1|t)$/i.test(value);
}

/** True for what they mean by false. */
export function isFalse(value: string): boolean {
  return /^(?:false|0|f)$/i.test(value);
}

/** True for an address of which only the host itself is reached; a port behind it is not a matter. */
export function isLoopback(address: string): boolean {
  const host = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([^:]*):\d+$/, "$1");
  return /^127(?:\.\d{1,3}){3}$/.test(host) || host === "::1" || host === "localhost";
}

/** The value of a flag of a component, whether or not a file counts before it; undefined where it is not given. */
export function givenFlag(component: KubernetesComponent, flag: string): string | undefined {
  return flagOf(component, { flag })?.value;
}

type FoundSetting = Extract<Setting, { readonly kind: "set" }>;

function flagOf(component: KubernetesComponent, { flag, list = false }: SettingPlace): FoundSetting | undefined {
  const { argv, place, source } = component;
  const values: string[] = [];
  for (const [index, argument] of argv.entries()) {
    const [, given] = /^--?[A-Za-z][\w-]{0,127}\+?(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const name = flagName(argument);
    if (name?.replace(/[+-]$/, "") !== flag) continue;
    const next = argv[index + 1];
    // An option of k3s adds to what k3s itself sets when its name ends with a sign.
    const own = /[+-]$/.test(name) && source === "embedded" ? k3sFlag(component, flag) : undefined;
    if (own !== undefined && values.length === 0) values.push(own);
    values.push(given ?? (next !== undefined && !next.startsWith("-") ? next : "true"));
  }
  if (values.length === 0) return undefined;
  return { kind: "set", value: list ? values.join(",") : (values.at(-1) ?? ""), place };
}

/** The name of the flag that an argument gives, with dashes for underscores; undefined for what is not a flag. */
function flagName(argument: string): string | undefined {
  return /^--?([A-Za-z][\w-]{0,127}\+?)(?:=|$)/.exec(argument)?.[1]?.replaceAll("_", "-");
}

interface SettingsFile {
  readonly flag: string;
  readonly content: { readonly value: JsonObject } | { readonly unavailable: string };
}

/** With a configuration file etcd ignores all of its flags and variables. Source: etcd, "Configuration options". */
function etcdFile(component: KubernetesComponent): SettingsFile | undefined {
  if (component.name !== "etcd") return undefined;
  const flag = "config-file";
  const content = documentOf(component, flag);
  if (content) return { flag, content };
  const isGiven = flagOf(component, { flag }) ?? component.environment["ETCD_CONFIG_FILE"];
  return isGiven
    ? { flag, content: { unavailable: "the facts do not contain the configuration file of etcd" } }
    : undefined;
}

function fileSetting(component: KubernetesComponent, path: readonly string[]): Setting | undefined {
  const content = documentOf(component, "config");
  return content && settingIn({ flag: "config", content }, path);
}

function settingIn({ flag, content }: SettingsFile, path: readonly string[]): Setting | undefined {
  if ("unavailable" in content) return { kind: "unknown", reason: content.unavailable };
  let value: unknown = content.value;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  if (value === undefined || value === null) return undefined;
  const text = Array.isArray(value) ? value.map(String).join(",") : typeof value === "object" ? "" : String(value);
  return { kind: "set", value: text, place: `${path.join(".")} in the file of --${flag}` };
}
