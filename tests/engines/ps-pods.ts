/** `sha256:` and one digit 64 times. */
export function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

/** A container of a pod, with what its status says. */
export interface ContainerParts {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  /** `running` since this time, or why it waits. */
  readonly state?: object;
  readonly list?: "containers" | "initContainers" | "ephemeralContainers";
}

/** A pod as an API server lists it, with the parts that matter here and those that surround them. */
function pod(
  [namespace, name]: readonly [string, string],
  owner: { readonly kind: string; readonly name: string; readonly apiVersion?: string } | undefined,
  {
    containers,
    node = "node-a",
    labels = {},
  }: { containers: readonly ContainerParts[]; node?: string; labels?: object },
): object {
  const statusLists = {
    containers: "containerStatuses",
    initContainers: "initContainerStatuses",
    ephemeralContainers: "ephemeralContainerStatuses",
  } as const;
  const of = (list: keyof typeof statusLists): readonly ContainerParts[] =>
    containers.filter((container) => (container.list ?? "containers") === list);
  const lists = ["containers", "initContainers", "ephemeralContainers"] as const;
  return {
    metadata: {
      name,
      namespace,
      uid: "8c1f0b1e-5a39-4c5b-9d5e-0d8f6c2a7b11",
      resourceVersion: "8311",
      creationTimestamp: "2026-11-20T08:00:00Z",
      labels,
      ...(owner && {
        ownerReferences: [{ apiVersion: "apps/v1", uid: "1f0b", controller: true, blockOwnerDeletion: true, ...owner }],
      }),
      managedFields: [{ manager: "kube-controller-manager", operation: "Update", fieldsV1: { "f:metadata": {} } }],
    },
    spec: {
      nodeName: node,
      restartPolicy: "Always",
      ...Object.fromEntries(
        lists.map((list) => [
          list,
          of(list).map((one) => ({ name: one.name, image: one.image, imagePullPolicy: "IfNotPresent" })),
        ]),
      ),
    },
    status: {
      phase: "Running",
      hostIP: "10.0.0.1",
      ...Object.fromEntries(
        lists.map((list) => [
          statusLists[list],
          of(list).map(({ name: container, image, imageID, state = running("2026-11-20T08:00:05Z") }) => ({
            name: container,
            image,
            imageID,
            containerID: "containerd://0d8f6c2a7b11",
            ready: true,
            restartCount: 0,
            state,
          })),
        ]),
      ),
    },
  };
}

/** The state of a container that runs. */
function running(startedAt: string): object {
  return { running: { startedAt } };
}

/** The state of a container that waits. */
function waiting(reason: string): object {
  return { waiting: { reason, message: "back-off 5m0s restarting failed container" } };
}

/** A ReplicaSet, Job or Node; of it only the metadata is asked for. */
function metadata(
  name: string,
  parts: {
    readonly namespace?: string;
    readonly labels?: object;
    readonly owner?: { readonly kind: string; readonly name: string };
  },
): object {
  const { namespace, labels, owner } = parts;
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(owner && { ownerReferences: [{ apiVersion: "apps/v1", uid: "77aa", controller: true, ...owner }] }),
    },
    spec: { replicas: 3 },
  };
}

/** The lists of a small shop: Deployments, a CronJob, a StatefulSet, a static pod, pods that crash or never started. */
export const shop: Readonly<Record<string, readonly object[]>> = {
  "/api/v1/nodes": [
    metadata("node-a", { labels: { "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux" } }),
    metadata("node-b", { labels: { "kubernetes.io/arch": "arm64", "kubernetes.io/os": "linux" } }),
  ],
  "/apis/apps/v1/replicasets": [
    metadata("api-7d9c5b8f6d", { namespace: "shop", owner: { kind: "Deployment", name: "api" } }),
    metadata("api-5f6d7c8b9a", { namespace: "shop", owner: { kind: "Deployment", name: "api" } }),
    metadata("canary-66bd4d9c4f", { namespace: "shop", owner: { kind: "Rollout", name: "canary" } }),
  ],
  "/apis/batch/v1/jobs": [
    metadata("report-29400000", { namespace: "shop", owner: { kind: "CronJob", name: "report" } }),
  ],
  "/api/v1/pods": [
    ...["x2k4p", "9fq7z", "mm8dd"].map((suffix, index) =>
      pod(
        ["shop", `api-7d9c5b8f6d-${suffix}`],
        { kind: "ReplicaSet", name: "api-7d9c5b8f6d" },
        {
          node: index === 2 ? "node-b" : "node-a",
          labels: { app: "api", "pod-template-hash": "7d9c5b8f6d" },
          containers: [
            {
              name: "api",
              image: "ghcr.io/acme/api:1.4",
              imageID: `ghcr.io/acme/api@${digest("1")}`,
              state: running(`2026-11-2${index}T08:00:05Z`),
            },
            {
              name: "mesh",
              image: "ghcr.io/acme/mesh:3",
              imageID: `ghcr.io/acme/mesh@${digest(index === 0 ? "2" : "3")}`,
              list: "initContainers",
            },
            {
              name: "migrate",
              image: "ghcr.io/acme/migrate:1",
              imageID: `ghcr.io/acme/migrate@${digest("4")}`,
              state: { terminated: { exitCode: 0, reason: "Completed" } },
              list: "initContainers",
            },
          ],
        },
      ),
    ),
    pod(
      ["shop", "canary-66bd4d9c4f-aaaaa"],
      { kind: "ReplicaSet", name: "canary-66bd4d9c4f" },
      {
        containers: [
          { name: "api", image: "ghcr.io/acme/api:1.5", imageID: `docker-pullable://ghcr.io/acme/api@${digest("5")}` },
        ],
      },
    ),
    pod(
      ["shop", "report-29400000-tz5vl"],
      { kind: "Job", name: "report-29400000", apiVersion: "batch/v1" },
      {
        containers: [
          {
            name: "report",
            image: `ghcr.io/acme/report@${digest("6")}`,
            imageID: `ghcr.io/acme/report@${digest("6")}`,
          },
        ],
      },
    ),
    pod(
      ["shop", "db-0"],
      { kind: "StatefulSet", name: "db" },
      {
        containers: [{ name: "postgres", image: "postgres", imageID: `docker.io/library/postgres@${digest("7")}` }],
      },
    ),
    pod(
      ["kube-system", "kube-apiserver-node-a"],
      { kind: "Node", name: "node-a", apiVersion: "v1" },
      {
        containers: [{ name: "kube-apiserver", image: "registry.k8s.io/kube-apiserver:v1.34.1", imageID: digest("8") }],
      },
    ),
    pod(["shop", "debug"], undefined, {
      containers: [
        {
          name: "shell",
          image: "busybox:1.36",
          imageID: `docker.io/library/busybox@${digest("9")}`,
          state: waiting("CrashLoopBackOff"),
        },
        { name: "typo", image: "busibox", imageID: "", state: waiting("ImagePullBackOff") },
        {
          name: "look",
          image: "alpine:3.20",
          imageID: `docker.io/library/alpine@${digest("a")}`,
          list: "ephemeralContainers",
        },
      ],
    }),
  ],
};

/** A Deployment of many pods, more than fit on one page. */
export function manyPods(number: number): readonly object[] {
  return Array.from({ length: number }, (_, index) =>
    pod(
      ["load", `worker-${index}`],
      { kind: "ReplicaSet", name: "worker-6c9f" },
      {
        labels: { "pod-template-hash": "6c9f" },
        containers: [{ name: "worker", image: "ghcr.io/acme/worker:2", imageID: `ghcr.io/acme/worker@${digest("b")}` }],
      },
    ),
  );
}
