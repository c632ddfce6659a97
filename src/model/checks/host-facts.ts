import type { FoundPackage } from "../packages/package.ts";
import type { Fact } from "./fact.ts";

/** Type, owner and mode of one path, and the text of a known configuration file. */
export interface FileFact {
  readonly kind: "file" | "directory" | "socket" | "device" | "pipe" | "other";
  readonly uid: number;
  readonly gid: number;
  /** Names from the host's own `/etc/passwd` and `/etc/group`; absent when these files do not list the id. */
  readonly user?: string;
  readonly group?: string;
  /** Four octal digits: `0644`, `1777`. */
  readonly mode: string;
  /** Bytes. */
  readonly size: number;
  /** Where the path leads, when a link stands in it; type, owner and mode are those of this place. */
  readonly target?: string;
}

/** One process. Arguments are kept for container runtimes, Kubernetes components and system services only. */
export interface ProcessFact {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  /** As the kernel calls it: at most 15 characters. */
  readonly name: string;
  /** Values of secret options are replaced with their shape; absent for a program whose arguments are not examined. */
  readonly argv?: readonly string[];
}

/** A mounted file system. */
export interface MountFact {
  readonly source: string;
  /** `major:minor`; equal for two mounts of one file system. */
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** What the kernel and modprobe say about a module. */
export interface ModuleFact {
  readonly loaded: boolean;
  readonly builtIn: boolean;
  /** A file of the running kernel's modules holds it, so that it can be loaded. */
  readonly present: boolean;
  readonly blacklisted: boolean;
  /** The command that modprobe runs in its place; `/bin/true` and `/bin/false` switch it off. */
  readonly install?: string;
}

/** The profiles that AppArmor holds. */
export interface AppArmorFact {
  readonly profiles: readonly { readonly name: string; readonly mode: string }[];
}

/** An account. Passwords appear as what they are, never as their hash. */
export interface UserFact {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /**
   * From `/etc/shadow`; `in-passwd` is a hash that everybody may read; absent when shadow could not be read or has no
   * line.
   */
  readonly password?: "set" | "empty" | "locked" | "in-passwd";
}

/** A group of `/etc/group`; whose first group it is, the accounts tell. */
export interface GroupFact {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** A range of ids that a user may map into a user namespace. */
export interface IdRangeFact {
  readonly user: string;
  readonly start: number;
  readonly count: number;
}

/** One unit of systemd with its drop-ins. */
export interface UnitFact {
  /** The file that counts, then its drop-ins in their order. */
  readonly paths: readonly string[];
  /**
   * `Section.Key` to its values in order, for the keys that checks read: `Service.ExecStart`, `Socket.ListenStream`, …
   */
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

/** A container runtime by its program. */
export interface RuntimeFact {
  readonly name: "runc" | "crun" | "containerd" | "docker" | "podman" | "cri-o";
  readonly version: string;
  /** Where the version comes from: a path with its argument, or an engine. */
  readonly source: string;
  /** What it says of its build beside the version: a commit, or a distribution's version of the package. */
  readonly build?: string;
  /**
   * The origin of the file, when it is or may be a distribution's package; absent for a file installed outside
   * packages.
   */
  readonly origin?: string;
  /** The distribution's package that installed the program, where the package database could be read. */
  readonly package?: HostPackageFact;
  /** Not collected: set from an advisory database before the checks run. */
  readonly advisories?: PackageAdvisories;
}

/** What a distribution's advisories say about one of its packages. */
export interface PackageAdvisories {
  /** Name and version of the package. */
  readonly package: string;
  /** Vulnerabilities that the package does not have. */
  readonly fixed: readonly string[];
  /** Vulnerabilities that the package has, each with the fixed version when there is one. */
  readonly affected: readonly { readonly id: string; readonly fixed?: string }[];
}

/** A deb package of the host. */
export type HostPackageFact = Pick<FoundPackage, "type" | "name" | "version" | "architecture" | "source" | "vendor">;

/** A dockerd that runs: arguments and the configuration file that these name. */
export interface DockerDaemonFact {
  readonly pid: number;
  readonly uid: number;
  readonly argv: readonly string[];
  readonly rootless: boolean;
  readonly configPath: string;
  /** An empty object when there is no file at the usual place; secrets in it are shown as their shape. */
  readonly config: Fact<Readonly<Record<string, unknown>>>;
}

/** Everything that was collected about a Linux host. Plain JSON without secret values. */
export interface HostFacts {
  readonly osRelease: Fact<Readonly<Record<string, string>>>;
  readonly kernel: Fact<{ readonly release: string; readonly commandLine: readonly string[] }>;
  /** By name (`kernel.kptr_restrict`); one that the kernel does not have is an unavailable fact. */
  readonly sysctls: Fact<Readonly<Record<string, Fact<string>>>>;
  readonly mounts: Fact<readonly MountFact[]>;
  readonly modules: Fact<Readonly<Record<string, ModuleFact>>>;
  /** Names of the security modules that are on. */
  readonly securityModules: Fact<readonly string[]>;
  readonly appArmor: Fact<AppArmorFact>;
  readonly seLinux: Fact<{ readonly mode: "enforcing" | "permissive" | "disabled" }>;
  /** Actions that the kernel's seccomp filters know; empty when the kernel does not have such filters. */
  readonly seccomp: Fact<{ readonly actions: readonly string[] }>;
  readonly cgroups: Fact<{ readonly version: "1" | "2" | "hybrid"; readonly controllers: readonly string[] }>;
  readonly userNamespaces: Fact<{ readonly supported: boolean; readonly subordinateUsers: readonly IdRangeFact[] }>;
  /** By path, for the paths that checks ask about; one that is not there is `{ value: null }`. */
  readonly files: Fact<Readonly<Record<string, Fact<FileFact | null>>>>;
  readonly processes: Fact<readonly ProcessFact[]>;
  /**
   * TCP sockets that wait for connections, in the network of the host and of each dockerd: `0.0.0.0`, `::`, or one
   * address.
   */
  readonly listeners: Fact<readonly { readonly address: string; readonly port: number }[]>;
  readonly users: Fact<readonly UserFact[]>;
  readonly groups: Fact<readonly GroupFact[]>;
  /** Rules on disk, comments removed, in the order of their files; empty when there are none. */
  readonly auditRules: Fact<readonly string[]>;
  /** By name of the unit; one that is not installed is `{ value: null }`. */
  readonly units: Fact<Readonly<Record<string, Fact<UnitFact | null>>>>;
  /**
   * Keywords in lower case of the part before the first `Match`, first value wins; null where there is no sshd_config.
   */
  readonly sshd: Fact<Readonly<Record<string, readonly string[]>> | null>;
  readonly runtimes: Fact<readonly RuntimeFact[]>;
  readonly dockerDaemons: Fact<readonly DockerDaemonFact[]>;
}
