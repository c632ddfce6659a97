import { parseReference } from "../../model/reference.ts";
import { type JsonPath, textAt, textsAt } from "./json-path.ts";
import type { ManifestResource } from "./manifest-resource.ts";
import type { PodContainer } from "./pod-template.ts";

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
  const made = (resource.pod?.containers ?? []).flatMap((container) => readContainer(container) ?? []);
  cache.set(resource, made);
  return made;
}

function readContainer(container: PodContainer): ControlPlaneContainer | undefined {
  const words = ["command", "args"].flatMap((key) =>
    textsAt(container.spec, key).flatMap((text, index) =>
      // A shell has them all in one text.
      (text.includes(" ") ? text.split(/\s+/) : [text]).map((word) => ({
        word,
        path: [...container.path, key, index],
      })),
    ),
  );
  const at = words.findIndex(({ word }) => programs.has(baseName(word)));
  // An image with the program as its entry point needs no command.
  const names = [baseName(words[at]?.word ?? ""), container.name, imageName(textAt(container.spec, "image") ?? "")];
  const program = names.find(isProgram);
  if (program === undefined) return undefined;
  const flags = new Map<string, ProgramFlag>();
  const given = words.slice(at + 1);
  given.forEach(({ word, path }, index) => {
    const [, name, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return;
    const next = given[index + 1]?.word;
    const follows = value === undefined && next !== undefined && !next.startsWith("-") ? next : undefined;
    flags.set(name, { value: value ?? follows ?? "true", path });
  });
  const key = textsAt(container.spec, "args").some((text) => text.startsWith("--")) ? "args" : "command";
  return { program, container, flags, path: [...container.path, key] };
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}

/** The last part of the name of an image, without the architecture that some add. */
function imageName(image: string): string {
  return baseName(parseReference(image)?.repository ?? "").replace(/-(?:amd64|arm64|arm|ppc64le|s390x)$/, "");
}

function isProgram(name: string): name is ControlPlaneProgram {
  return programs.has(name);
}
