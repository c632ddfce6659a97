/** Options of conmon, which monitors a container of Podman or CRI-O. */
export interface ConmonOptions {
  /** True when it watches over a command in a container (`podman exec`), also minutes after that has ended. */
  readonly isExecSession: boolean;
  /** True when CRI-O started it and not Podman. */
  readonly isCrioContainer: boolean;
  /** The command line that it runs when the container has ended; empty when there is none. */
  readonly exitCommand: readonly string[];
}

/**
 * From conmon's command line. Podman always gives a container an exit command and CRI-O never does; CRI-O's folders are
 * called `crio` unless it is configured otherwise, and its containers are named as Kubernetes names them.
 *
 * Source: `conmon(8)`; libpod `oci_conmon_common.go`, `oci_conmon_exec_common.go`; CRI-O `internal/oci/runtime_oci.go`,
 * `CreateContainer`.
 */
export function conmonOptions(args: readonly string[]): ConmonOptions {
  const [program] = valuesOf(args, "--exit-command");
  const exitCommand = program === undefined ? [] : [program, ...valuesOf(args, "--exit-command-arg")];
  const folders = [...valuesOf(args, "--exit-dir"), ...valuesOf(args, "--socket-dir-path")];
  const isKubernetesContainer = valuesOf(args, "-n").some((name) => name.startsWith("k8s_"));
  return {
    isExecSession: args.some((arg) => execOptions.has(arg)),
    isCrioContainer:
      exitCommand.length === 0 && (isKubernetesContainer || folders.some((path) => path.split("/").includes("crio"))),
    exitCommand,
  };
}

const execOptions: ReadonlySet<string> = new Set(["-e", "--exec", "--exec-attach", "--exec-process-spec"]);

function valuesOf(args: readonly string[], option: string): readonly string[] {
  return args.flatMap((arg, at) => (args[at - 1] === option ? [arg] : []));
}
