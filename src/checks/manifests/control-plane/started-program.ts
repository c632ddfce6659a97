import { parseReference } from "../../../model/packages/reference.ts";
import { invocationOf } from "../../dockerfile/shell/invocation.ts";
import { scriptArgument, scriptCommands } from "../../dockerfile/shell/run-commands.ts";
import { type JsonPath, textAt, textsAt } from "../kustomize/json-path.ts";
import type { PodContainer } from "../pods/pod-template.ts";

/** A word of a command line, and the field of the resource that it comes from. */
export interface CommandWord {
  readonly word: string;
  readonly path: JsonPath;
}

/** A program that a container starts. */
export interface StartedProgram {
  /** The last part of its path. */
  readonly name: string;
  readonly args: readonly CommandWord[];
}

// hyperkube is one binary with all Kubernetes programs; the short names are those of releases before 1.17.
const hyperkube: ReadonlyMap<string, string> = new Map([
  ["apiserver", "kube-apiserver"],
  ["controller-manager", "kube-controller-manager"],
  ["scheduler", "kube-scheduler"],
]);

/**
 * The programs that a container starts, as far as the manifest shows: the program of `command` and `args`, behind
 * wrappers such as `env` and `kube-log-runner`; each command of the script of `sh -c`; and, where `command` is missing,
 * the program that the image is named after. Arguments of a program are never programs.
 */
export function startedPrograms(container: PodContainer): readonly StartedProgram[] {
  const command = commandWords(container, "command");
  const args = commandWords(container, "args");
  if (command.length > 0) return startedBy([...command, ...args]);
  const image = imageName(textAt(container.spec, "image") ?? "");
  const first = args[0]?.word ?? "-";
  if (first.startsWith("-")) return [{ name: image, args }];
  if (image === "hyperkube") return hyperkubeProgram(args);
  // An entry point that executes its arguments; `logs-of kubelet` has no options, and names a unit.
  const started = startedBy(args);
  const isProgram = first.startsWith("/") || args.some(({ word }) => word.startsWith("-") || word.includes(" "));
  return isProgram ? started : started.filter(({ name }) => name === image);
}

function startedBy(words: readonly CommandWord[]): readonly StartedProgram[] {
  const invocation = invocationOf(words.map(({ word }) => word));
  if (invocation === undefined) return [];
  const args = words.slice(words.length - invocation.args.length);
  const script = scriptArgument(invocation);
  if (script !== undefined) {
    const path = args.find(({ word }) => word === script)?.path ?? [];
    return scriptCommands(script).commands.flatMap((command) =>
      programOf(
        command.program,
        command.args.map((word) => ({ word, path })),
      ),
    );
  }
  return programOf(invocation.program, args);
}

function programOf(name: string, args: readonly CommandWord[]): readonly StartedProgram[] {
  return name === "hyperkube" ? hyperkubeProgram(args) : [{ name, args }];
}

function hyperkubeProgram([first, ...args]: readonly CommandWord[]): readonly StartedProgram[] {
  if (first === undefined) return [];
  const name = baseName(first.word);
  return [{ name: hyperkube.get(name) ?? name, args }];
}

function commandWords({ spec, path }: PodContainer, key: "command" | "args"): readonly CommandWord[] {
  return textsAt(spec, key).map((word, index) => ({ word, path: [...path, key, index] }));
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}

/** The last part of the name of an image, without the architecture that some add. */
function imageName(image: string): string {
  return baseName(parseReference(image)?.repository ?? "").replace(/-(?:amd64|arm64|arm|ppc64le|s390x)$/, "");
}
