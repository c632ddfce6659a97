import type { Fact } from "./fact.ts";

/** Versions as the engine tells them. */
export interface EngineVersionFact {
  readonly engine: string;
  readonly experimental?: boolean;
  /** `containerd`, `runc`, `docker-init` and others. */
  readonly components: readonly { readonly name: string; readonly version: string; readonly commit?: string }[];
}

/** What `/info` says, as far as a check reads it. A member is absent when the engine does not say. */
export interface EngineInfoFact {
  readonly name: string;
  readonly operatingSystem?: string;
  readonly rootFolder?: string;
  readonly storageDriver?: string;
  readonly loggingDriver?: string;
  readonly cgroupVersion?: string;
  readonly cgroupDriver?: string;
  readonly defaultRuntime?: string;
  readonly liveRestore?: boolean;
  readonly experimental?: boolean;
  /** As the engine writes them: `name=seccomp,profile=default`, `name=userns`, `name=rootless`. */
  readonly securityOptions?: readonly string[];
  readonly authorizationPlugins?: readonly string[];
  readonly insecureRegistries?: readonly string[];
  readonly swarm: {
    readonly state: string;
    readonly manager: boolean;
    readonly managers?: number;
    readonly address?: string;
  };
}

/** A variable of an image or container; its value only as its shape. */
export interface EnvironmentFact {
  readonly name: string;
  /** For example `24 characters`, `private key`, `empty`. */
  readonly shape: string;
  /** Name or value looks like a secret. */
  readonly secret: boolean;
}

/** An image that the engine has; what runs from it when nothing else is said. */
export interface EngineImageFact {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  /** Empty: root. */
  readonly user: string;
  readonly healthCheck: boolean;
  readonly environment: readonly EnvironmentFact[];
  readonly ports: readonly string[];
  /** Newest step first, with values hidden that could be secrets; unavailable when the engine refuses. */
  readonly history: Fact<readonly string[]>;
  /** RFC 3339. */
  readonly created?: string;
}

/** A place in a container where something of its host, or a volume, is seen. */
export interface EngineMountFact {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
  readonly propagation: string;
}

/** A published port. */
export interface EnginePortFact {
  /** `80/tcp`. */
  readonly container: string;
  /** Empty: every address. */
  readonly address: string;
  /** Undefined: the engine chooses one. */
  readonly port?: number;
}

/** How one container was created, and what it does. Members follow Docker's inspection; absent ones were not told. */
export interface EngineContainerFact {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  /** `running`, `exited`, `created`, … */
  readonly state: string;
  readonly user: string;
  readonly appArmorProfile: string;
  readonly securityOptions: readonly string[];
  readonly privileged?: boolean;
  readonly addedCapabilities: readonly string[];
  readonly droppedCapabilities: readonly string[];
  readonly mounts: readonly EngineMountFact[];
  readonly devices: readonly { readonly host: string; readonly container: string; readonly permissions: string }[];
  readonly ports: readonly EnginePortFact[];
  readonly networkMode?: string;
  readonly networks: readonly string[];
  readonly pidMode?: string;
  readonly ipcMode?: string;
  readonly utsMode?: string;
  readonly usernsMode?: string;
  readonly cgroupnsMode?: string;
  /** Bytes; 0: no limit. */
  readonly memory?: number;
  readonly cpuShares?: number;
  readonly nanoCpus?: number;
  readonly cpuQuota?: number;
  /** Null or 0 or less: no limit. */
  readonly pidsLimit?: number | null;
  readonly readOnlyRoot?: boolean;
  readonly restart?: { readonly name: string; readonly retries: number };
  readonly ulimits: readonly string[];
  readonly cgroupParent?: string;
  /** `healthy`, `unhealthy`, `starting`; absent without a health check. */
  readonly health?: string;
  readonly healthCheck: boolean;
  readonly environment: readonly EnvironmentFact[];
  /** Names of the programs that run in it; unavailable when it does not run. */
  readonly programs: Fact<readonly string[]>;
  /** Commands that run in it beside the first, as `docker exec` started them. */
  readonly execs: Fact<readonly { readonly privileged: boolean; readonly user: string }[]>;
}

/** A network of the engine, with the options of its driver. */
export interface EngineNetworkFact {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly internal: boolean;
  readonly ingress: boolean;
  readonly options: Readonly<Record<string, string>>;
}

/** The swarm as a manager sees it. */
export interface SwarmFact {
  readonly autoLock?: boolean;
  /** Nanoseconds. */
  readonly certificateExpiry?: number;
  readonly rootRotating?: boolean;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: string;
    readonly availability: string;
    readonly manager: boolean;
  }[];
  readonly secrets: number;
  readonly services: readonly {
    readonly name: string;
    readonly image: string;
    readonly restart?: { readonly condition: string; readonly attempts: number };
    readonly environment: readonly EnvironmentFact[];
    readonly secrets: readonly string[];
  }[];
}

/** Everything that was collected from one Docker Engine. Plain JSON without secret values. */
export interface EngineFacts {
  readonly product: Fact<"docker" | "podman">;
  /** The socket's path, or `host:port`. */
  readonly address: string;
  /** True when the engine is on the machine that asked. */
  readonly local: boolean;
  readonly version: Fact<EngineVersionFact>;
  readonly info: Fact<EngineInfoFact>;
  readonly images: Fact<readonly EngineImageFact[]>;
  readonly containers: Fact<readonly EngineContainerFact[]>;
  readonly networks: Fact<readonly EngineNetworkFact[]>;
  /** Null where the engine is not a manager of a swarm. */
  readonly swarm: Fact<SwarmFact | null>;
}
