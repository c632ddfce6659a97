/** Where a command is to look, and with what. */
export interface Place {
  /** `HOST:PORT` of the registry. */
  readonly host: string;
  /** The digest of the image at `team/app:v1`. */
  readonly digest: string;
  /** A database of advisories, which is only read. */
  readonly database: string;
  /** The public key of who signed the image. */
  readonly key: string;
  /** A kubeconfig of a cluster, and the namespace of it in which that image runs. */
  readonly kubeconfig: string;
  readonly namespace: string;
  /** What ada proves with that she is ada. */
  readonly password: string;
}

/** A command that asks a registry. */
export interface RegistryCommand {
  /** As the program lists it: `db push`. */
  readonly command: string;
  /** What sets it apart from others of the same command. */
  readonly how?: string;
  readonly args: (place: Place) => readonly string[];
  /** Standard input. */
  readonly input?: (place: Place) => string;
  /** True where it takes stored credentials away, and asks no registry. */
  readonly asksNobody?: true;
}

const app = ({ host }: Place): string => `registry:${host}/team/app:v1`;
const several = ({ host }: Place): string => `registry:${host}/team/several:v1`;
const advised = ({ database }: Place): readonly string[] => ["--db", database, "--no-update", "--max-db-age", "99999"];

/**
 * All commands that ask a registry or have to do with credentials for one, each in all the ways that differ in whom they
 * ask. They end with 0 where all is well.
 */
export const registryCommands: readonly RegistryCommand[] = [
  { command: "scan", args: (at) => ["scan", app(at), ...advised(at)] },
  {
    command: "scan",
    how: "into a file",
    args: (at) => ["scan", app(at), ...advised(at), "--format", "json", "--output", "report.json", "--verify-digests"],
  },
  {
    command: "scan",
    how: "of a registry",
    args: (at) => ["scan", "--registry", `${at.host}/team`, ...advised(at), "--format", "json"],
  },
  {
    command: "scan",
    how: "of all platforms",
    args: (at) => ["scan", several(at), "--all-platforms", ...advised(at)],
  },
  { command: "scan", how: "explained", args: (at) => ["scan", app(at), "--explain", "TEST-2024-1", ...advised(at)] },
  {
    command: "scan",
    how: "by an attached SBOM",
    args: (at) => ["scan", app(at), "--use-attached-sbom", "--key", at.key, ...advised(at)],
  },
  {
    command: "scan",
    how: "of what a notification names",
    args: (at) => ["scan", "--notification", "-", "--notification-registry", at.host, ...advised(at)],
    input: ({ host, digest }) => JSON.stringify(harborPush(host, digest)),
  },
  {
    command: "login",
    args: ({ host }) => ["login", host, "--username", "ada", "--password-stdin"],
    input: ({ password }) => `${password}\n`,
  },
  { command: "logout", args: ({ host }) => ["logout", host], asksNobody: true },
  { command: "why-not", args: (at) => ["why-not", "CVE-2024-0001", app(at), ...advised(at)] },
  { command: "sbom", args: (at) => ["sbom", app(at), "--output", "sbom.json"] },
  {
    command: "ps",
    how: "with a scan",
    args: (at) => [
      ...["ps", "--scan", "--engine", "kubernetes", "--kubeconfig", at.kubeconfig, "--namespace", at.namespace],
      ...["--format", "json", ...advised(at)],
    ],
  },
  { command: "verify", args: (at) => ["verify", app(at).slice("registry:".length), "--key", at.key] },
  { command: "update propose", args: (at) => ["update", "propose", "../home/repository", ...advised(at)] },
  { command: "update apply", args: (at) => ["update", "apply", "../home/repository", "--dry-run", ...advised(at)] },
  { command: "update open", args: (at) => ["update", "open", "../home/repository", "--dry-run", ...advised(at)] },
  {
    command: "update rebuild",
    args: (at) => ["update", "rebuild", `${at.host}/team/app:v1`, "--base", `${at.host}/team/app:v1`, ...advised(at)],
  },
  { command: "check image", args: (at) => ["check", "image", app(at)] },
  { command: "db push", args: (at) => ["db", "push", `${at.host}/security/copy:1`, "--db", at.database] },
  { command: "db pull", args: (at) => ["db", "pull", `${at.host}/security/advisories`, "--db", "pulled.db"] },
];

function harborPush(host: string, digest: string): object {
  return {
    type: "PUSH_ARTIFACT",
    event_data: {
      resources: [{ digest, tag: "v1", resource_url: `${host}/team/app:v1` }],
      repository: { repo_full_name: "team/app" },
    },
  };
}

/** A command and what sets it apart. */
export function nameOf({ command, how }: RegistryCommand): string {
  return how === undefined ? command : `${command} ${how}`;
}

/** Commands that ask no registry, nor anybody else with a credential of one. */
export const otherCommands: readonly string[] = [
  ...[
    "check manifests",
    "check dockerfile",
    "check docker",
    "check host",
    "check kubernetes",
    "check list",
    "check explain",
  ],
  ...["watch", "events", "completion"],
  ...["rules list", "rules fields", "rules validate", "rules lint", "rules test", "rules explain", "rules backtest"],
  ...["malware list", "malware explain", "malware test", "malware lint"],
  ...[
    "profile lint",
    "profile explain",
    "profile simulate",
    "profile diff",
    "profile compile",
    "profile generate",
    "profile generate-apparmor",
    "profile merge",
  ],
  ...["db update", "db build", "db status", "db verify", "db diff"],
  "update list",
  ...["registry find", "explain-error", "init", "waive", "convert"],
];
