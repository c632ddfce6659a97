/** Known facts about a container: from its runtime, from a meta event of a capture, or from its control group alone. */
export interface Container {
  /** The first 12 characters of the full id. */
  readonly id: string;
  readonly fullId: string;
  /** The runtime: `docker`, `containerd`, `cri-o`, `podman`, … */
  readonly type: string;
  /** There is metadata of it; false when only the control groups of a thread told of it. */
  readonly isKnown?: boolean;
  /** How the look-up of its metadata ended, as captures have it: 0 started, 1 found, 2 failed. */
  readonly lookupState?: number;
  /** The user that its image asks for. */
  readonly user?: string;
  readonly name?: string;
  readonly image?: string;
  readonly imageId?: string;
  readonly imageRepository?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
  readonly isPrivileged?: boolean;
  readonly isPodSandbox?: boolean;
  readonly hostPid?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostIpc?: boolean;
  readonly ip?: string;
  readonly cniJson?: string;
  readonly mounts?: readonly ContainerMount[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
  readonly healthcheck?: string;
  readonly livenessProbe?: string;
  readonly readinessProbe?: string;
  /** Nanoseconds since 1970. */
  readonly createdTime?: bigint;
  readonly pod?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly sandboxId?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ip?: string;
    readonly cniJson?: string;
  };
}

/** A place of the host, or a volume, that a container sees. */
export interface ContainerMount {
  readonly source: string;
  readonly destination: string;
  readonly mode: string;
  readonly isWritable: boolean;
  readonly propagation: string;
}
