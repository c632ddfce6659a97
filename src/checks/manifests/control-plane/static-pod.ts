import { type JsonPath, objectsAt, textAt, textsAt } from "../kustomize/json-path.ts";
import type { ManifestResource } from "../manifest-resource.ts";
import type { PodContainer } from "../pods/pod-template.ts";
import { type CommandWord, startedPrograms } from "./started-program.ts";

/** A program of the control plane, by its own name. */
export type ControlPlaneProgram = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "etcd" | "kubelet";

/** A flag of a program as a manifest gives it. */
export interface ProgramFlag {
  /** `true` when it was given without a value. */
  readonly value: string;
  readonly path: JsonPath;
}

/** A program of the control plane in a manifest, as kubeadm and others put them on nodes. */
export interface ControlPlaneContainer {
  readonly program: ControlPlaneProgram;
  readonly container: PodContainer;
  /** By their names without dashes; of a flag that is given twice the last one, which holds. */
  readonly flags: ReadonlyMap<string, ProgramFlag>;
  /** Where a flag that is missing would be. */
  readonly path: JsonPath;
}

const programs: ReadonlySet<string> = new Set([
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "etcd",
  "kubelet",
]);
const cache = new WeakMap<ManifestResource, readonly ControlPlaneContainer[]>();

/** The programs of the control plane that a pod runs. */
export function controlPlaneContainers(resource: ManifestResource): readonly ControlPlaneContainer[] {
  const known = cache.get(resource);
  if (known) return known;
  const made = (resource.pod?.containers ?? []).flatMap(readContainer);
  cache.set(resource, made);
  return made;
}

function readContainer(container: PodContainer): readonly ControlPlaneContainer[] {
  return startedPrograms(container).flatMap(({ name, args }) => {
    if (!isProgram(name)) return [];
    const flags = new Map(name === "etcd" ? environmentFlags(container) : []);
    for (const [flag, value] of commandFlags(args)) flags.set(flag, value);
    // These print a text and end.
    if (flags.has("help") || (flags.get("version")?.value ?? "false") !== "false") return [];
    const key = textsAt(container.spec, "args").some((text) => text.startsWith("--")) ? "args" : "command";
    return [{ program: name, container, flags, path: [...container.path, key] }];
  });
}

function commandFlags(args: readonly CommandWord[]): ReadonlyMap<string, ProgramFlag> {
  const flags = new Map<string, ProgramFlag>();
  args.forEach(({ word, path }, index) => {
    const [, name, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return;
    const next = args[index + 1]?.word;
    const follows = value === undefined && next !== undefined && !next.startsWith("-") ? next : undefined;
    flags.set(name, { value: value ?? follows ?? "true", path });
  });
  return flags;
}

/** etcd reads `ETCD_CERT_FILE` where `--cert-file` is missing. */
function environmentFlags({ spec, path }: PodContainer): readonly (readonly [name: string, flag: ProgramFlag])[] {
  return objectsAt(spec, "env").flatMap(([index, variable]) => {
    const name = textAt(variable, "name") ?? "";
    const value = textAt(variable, "value");
    if (value === undefined || value === "" || !/^ETCD_[A-Z_]+$/.test(name)) return [];
    const flag = name.slice("ETCD_".length).toLowerCase().replaceAll("_", "-");
    return [[flag, { value, path: [...path, "env", index, "value"] }] as const];
  });
}

function isProgram(name: string): name is ControlPlaneProgram {
  return programs.has(name);
}
