/** A program that uses a profile. */
export type ProfileUser = "docker" | "podman" | "containerd" | "kubernetes" | "operator";

/** How a profile in a file is used, watched, and taken away again: one line for each step. */
export function usageSteps(
  user: ProfileUser,
  { file, isLog }: { readonly file: string; readonly isLog: boolean },
): readonly string[] {
  const log = "journalctl -k -g 'type=1326'";
  const use: Readonly<Record<ProfileUser, readonly [apply: string, back: string]>> = {
    docker: [`docker run --security-opt seccomp=${file} IMAGE`, "run without --security-opt"],
    podman: [`podman run --security-opt seccomp=${file} IMAGE`, "run without --security-opt"],
    containerd: [`ctr run --seccomp --seccomp-profile ${file} IMAGE ID`, "run without --seccomp-profile"],
    kubernetes: [
      `copy ${file} to /var/lib/kubelet/seccomp/ of each node, and set securityContext.seccompProfile: {type: Localhost, localhostProfile: ${file}}`,
      "set seccompProfile: {type: RuntimeDefault}",
    ],
    operator: [
      `kubectl apply -f ${file}`,
      "kubectl delete -f the same file, with seccompProfile: {type: RuntimeDefault}",
    ],
  };
  const [apply, back] = use[user];
  if (!isLog) return [`enforce: ${apply}`, `go back: ${back}`];
  return [
    `use: ${apply}`,
    `watch: ${log} lists the calls that the profile would deny`,
    "enforce: generate again with --enforce, and the log as a further --trace",
    `go back: ${back}`,
  ];
}
