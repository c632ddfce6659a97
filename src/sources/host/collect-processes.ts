import type { Fact } from "../../model/checks/fact.ts";
import type { ProcessFact } from "../../model/checks/host-facts.ts";
import { hideInArguments } from "./hide-secrets.ts";
import type { HostRoot } from "./host-root.ts";

const mostProcesses = 50_000;
const longestArguments = 128 * 1024;
const atOnce = 16;

/** Programs whose arguments are settings that checks read. Other processes are kept by name only. */
const services: ReadonlySet<string> = new Set([
  ...["dockerd", "dockerd-ce", "containerd", "containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2"],
  ...["rootlesskit", "podman", "crio", "runc", "docker-proxy"],
  ...["kubelet", "kube-apiserver", "kube-controller-manager", "kube-controller", "kube-scheduler", "kube-proxy"],
  ...["cloud-controller-manager", "etcd", "hyperkube", "k3s", "rke2", "k0s", "kubelite", "openshift", "cloudcore"],
  ...["sshd", "auditd"],
]);

/** The processes of the host in the order of their ids. A process that ends meanwhile is left out. */
export async function collectProcesses(root: HostRoot): Promise<Fact<readonly ProcessFact[]>> {
  const names = await root.list("/proc");
  if ("unavailable" in names) return names;
  const ids = (names.value ?? []).filter((name) => /^[1-9]\d{0,9}$/.test(name)).map(Number);
  if (ids.length === 0) return { unavailable: "/proc shows no processes" };
  if (ids.length > mostProcesses) return { unavailable: `there are more than ${mostProcesses} processes` };
  ids.sort((a, b) => a - b);
  const processes: ProcessFact[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const some = await Promise.all(ids.slice(start, start + atOnce).map((id) => collectProcess(root, id)));
    processes.push(...some.filter((process) => process !== undefined));
  }
  return { value: processes };
}

async function collectProcess(root: HostRoot, pid: number): Promise<ProcessFact | undefined> {
  const status = await root.readText(`/proc/${pid}/status`);
  if ("unavailable" in status || status.value === null) return undefined;
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status.value ?? "")?.[1] ?? "";
  const name = field("Name");
  const common = { pid, parent: Number(field("PPid")) || 0, uid: Number(field("Uid").split(/\s+/)[0]) || 0, name };
  const cmdline = await root.readText(`/proc/${pid}/cmdline`, { limit: longestArguments });
  const argv = "value" in cmdline && cmdline.value ? cmdline.value.replace(/\0$/, "").split("\0") : [];
  return isService(name, argv) ? { ...common, argv: hideInArguments(argv) } : common;
}

function isService(name: string, argv: readonly string[]): boolean {
  // Some programs rewrite their title, as `k3s server` and `sshd: /usr/sbin/sshd` do.
  const program = argv[0]?.split(" ")[0]?.replace(/:$/, "").split("/").at(-1) ?? "";
  return services.has(program) || services.has(name);
}
