import type { HostProcess, HostView } from "../../model/checks/host-view.ts";
import type { KubernetesComponent, KubernetesComponentName } from "../../model/checks/kubernetes-facts.ts";
import { hideInArguments } from "../host/hide-secrets.ts";
import { isK3s, type K3sOptions, k3sOptions } from "./k3s-options.ts";

/** Asks for the version of Kubernetes that a process of k3s runs, `1.29.3`; undefined when it cannot be determined. */
export type K3sVersion = (pid: number) => Promise<string | undefined>;

type Found = Omit<KubernetesComponent, "documents">;

const serverComponents: readonly (readonly [KubernetesComponentName, string])[] = [
  ["kube-apiserver", "disable-apiserver"],
  ["kube-controller-manager", "disable-controller-manager"],
  ["kube-scheduler", "disable-scheduler"],
];
const agentComponents: readonly (readonly [KubernetesComponentName, string])[] = [
  ["kubelet", "disable-agent"],
  ["kube-proxy", "disable-kube-proxy"],
];
const usualLog = "/var/log/k3s.log";

/**
 * The components that a running k3s holds inside itself: with the arguments in its log, else with the arguments in its
 * configuration. None where no k3s runs.
 */
export async function k3sComponents(
  host: HostView,
  { processes, k3sVersion }: { readonly processes: readonly HostProcess[]; readonly k3sVersion?: K3sVersion },
): Promise<readonly Found[]> {
  const k3s = processes.find(isK3s);
  if (!k3s) return [];
  const options = await k3sOptions(host, k3s);
  const { role, values, dataFolder } = options;
  const isOff = (option: string): boolean => values.get(option)?.at(-1) === "true";
  const wanted = [
    ...(role === "server" ? serverComponents : []),
    ...(isOff("disable-agent") ? [] : agentComponents),
  ].filter(([, off]) => !isOff(off));
  const log = await startLog(host, options);
  const told = log.version ?? (await k3sVersion?.(k3s.pid));
  const version = told === undefined ? {} : { version: told };
  const found = await Promise.all(
    wanted.map(async ([name]): Promise<Found> => {
      const logged = log.started.get(name);
      if (logged) {
        const argv = hideInArguments([name, ...logged]);
        return { name, source: "log", place: log.path, argv, environment: {}, ...version };
      }
      const argv = hideInArguments([name, ...(await argumentsOf(host, { name, options }))]);
      const { place, incomplete } = options;
      const known: Found = { name, source: "embedded", place, argv, environment: {}, ...version };
      return incomplete === undefined ? known : { ...known, incomplete };
    }),
  );
  const etcd = `${dataFolder}/server/db/etcd/config`;
  const hasEtcd = role === "server" && (await host.status(etcd)) !== undefined;
  const argv = ["etcd", `--config-file=${etcd}`];
  return hasEtcd ? [...found, { name: "etcd", source: "manifest", place: etcd, argv, environment: {} }] : found;
}

/** What the options of k3s make a component run with; what k3s sets in any case is not among it. */
async function argumentsOf(
  host: HostView,
  { name, options: { values, dataFolder } }: { readonly name: KubernetesComponentName; readonly options: K3sOptions },
): Promise<readonly string[]> {
  const argument = `${name}-arg`;
  const given = (values.get(argument) ?? []).map((flag) => `--${flag.replace(/^--/, "")}`);
  const own: string[] = [];
  if (name === "kube-apiserver") {
    const last = (option: string): string | undefined => values.get(option)?.at(-1);
    const endpoint = last("datastore-endpoint");
    // Databases lie behind a socket of k3s itself.
    if (endpoint !== undefined && /^https?:\/\//.test(endpoint)) {
      own.push(`--etcd-servers=${endpoint}`);
      for (const file of ["cafile", "certfile", "keyfile"]) {
        const path = last(`datastore-${file}`);
        if (path !== undefined) own.push(`--etcd-${file}=${path}`);
      }
    }
    if (last("secrets-encryption") === "true") {
      own.push(`--encryption-provider-config=${dataFolder}/server/cred/encryption-config.json`);
    }
  }
  if (name === "kubelet") {
    const folder = `${dataFolder}/agent/etc/kubelet.conf.d`;
    // k3s copies the files of its own `config` and `config-dir` into this folder, and passes on neither.
    if ((await host.status(folder)) !== undefined) {
      const others = given.filter((flag) => !/^--config(?:-dir)?(?:=|$)/.test(flag));
      return [`--config-dir=${folder}`, ...others];
    }
  }
  return [...own, ...given];
}

interface StartLog {
  readonly path: string;
  readonly started: ReadonlyMap<string, readonly string[]>;
  readonly version?: string;
}

/**
 * What k3s wrote of its last start. Only a log that k3s writes at present is read: one named in its options, or that of
 * a host without systemd.
 */
async function startLog(host: HostView, { values, hasUnit }: K3sOptions): Promise<StartLog> {
  const path = values.get("log")?.at(-1) ?? usualLog;
  const started = new Map<string, readonly string[]>();
  const text = hasUnit && !values.has("log") ? undefined : await host.read(path);
  if (typeof text !== "string") return { path, started };
  let version: string | undefined;
  for (const [, release, name = "", flags = ""] of text.matchAll(
    /msg="(?:Starting k3s v(\d{1,4}\.\d{1,4}\.\d{1,4})|Running (kube[a-z-]{1,30}) (--[^"\n]{1,65536})")/g,
  )) {
    if (release !== undefined) {
      version = release;
      started.clear();
    } else started.set(name, flags.split(/ (?=--)/));
  }
  return { path, started, ...(version !== undefined && { version }) };
}
