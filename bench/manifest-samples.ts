/** An object of Kubernetes as a repository has it. */
export type Sample = Readonly<Record<string, unknown>>;

/** How many templates there are behind {@link sampleManifest}s. */
export const sampleTemplates = 30;

/** One of many realistic objects: 30 templates with varied names, most of them well made, every seventh with something wrong. */
export function sampleManifest(index: number): Sample {
  const make = makers[index % makers.length];
  if (!make) throw new Error("there are no templates");
  return make(names(index));
}

interface Names {
  readonly name: string;
  readonly namespace: string;
  readonly index: number;
  readonly bad: boolean;
}

function names(index: number): Names {
  const words = ["cart", "stock", "mail", "search", "login", "price", "image", "event", "audit", "batch"];
  const word = words[Math.floor(index / makers.length) % words.length] ?? "app";
  return { name: `${word}-${index}`, namespace: `team-${index % 40}`, index, bad: index % 7 === 3 };
}

type Make = (names: Names) => Sample;

const labels = ({ name }: Names): Sample => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/part-of": "shop",
  "app.kubernetes.io/managed-by": "deploy",
});

function object(apiVersion: string, kind: string, rest: (names: Names) => Sample): Make {
  return (of) => ({
    apiVersion,
    kind,
    metadata: { name: of.name, namespace: of.namespace, labels: labels(of) },
    ...rest(of),
  });
}

function container(of: Names, name: string): Sample {
  return {
    name,
    image: of.bad ? `registry.example.com/shop/${name}` : `registry.example.com/shop/${name}:1.${of.index}.0`,
    args: ["--listen", ":8080", `--name=${of.name}`],
    ports: [{ name: "http", containerPort: 8080 }],
    env: [
      { name: "LOG_LEVEL", value: "info" },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "DATABASE", valueFrom: { configMapKeyRef: { name: of.name, key: "database" } } },
    ],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
    livenessProbe: { httpGet: { path: "/live", port: "http" }, periodSeconds: 10 },
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 },
    securityContext: of.bad
      ? { privileged: true }
      : {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 10001,
          runAsGroup: 10001,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "config", mountPath: "/etc/app", readOnly: true },
    ],
  };
}

function podSpec(of: Names): Sample {
  return {
    serviceAccountName: of.name,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 30,
    ...(of.bad && { hostNetwork: true }),
    containers: of.index % 3 === 0 ? [container(of, "app"), container(of, "proxy")] : [container(of, "app")],
    volumes: [
      { name: "tmp", emptyDir: {} },
      { name: "config", configMap: { name: of.name } },
    ],
  };
}

const template = (of: Names): Sample => ({ metadata: { labels: labels(of) }, spec: podSpec(of) });
const selector = ({ name }: Names): Sample => ({ matchLabels: { "app.kubernetes.io/name": name } });
const rules = (of: Names): Sample[] => [
  { apiGroups: [""], resources: of.bad ? ["*"] : ["configmaps"], verbs: of.bad ? ["*"] : ["get", "list", "watch"] },
];
const subject = (of: Names): Sample => ({ kind: "ServiceAccount", name: of.name, namespace: of.namespace });
const roleRef = (of: Names, kind: string): Sample => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: of.name });

const deployment = object("apps/v1", "Deployment", (of) => ({
  spec: { replicas: 3, revisionHistoryLimit: 5, selector: selector(of), template: template(of) },
}));
const service = object("v1", "Service", (of) => ({
  spec: {
    type: of.bad ? "NodePort" : "ClusterIP",
    selector: selector(of)["matchLabels"],
    ports: [{ name: "http", port: 80, targetPort: "http" }],
  },
}));
const configMap = object("v1", "ConfigMap", (of) => ({
  data: {
    database: `postgres.${of.namespace}.svc:5432`,
    "app.conf": Array.from({ length: 20 }, (_, line) => `option_${line} = value ${of.index}`).join("\n"),
  },
}));
const networkPolicy = object("networking.k8s.io/v1", "NetworkPolicy", (of) => ({
  spec: {
    podSelector: selector(of),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: of.bad ? [] : [{ podSelector: { matchLabels: { role: "front" } } }], ports: [{ port: 8080 }] }],
    egress: [{ to: [{ namespaceSelector: { matchLabels: { team: of.namespace } } }], ports: [{ port: 5432 }] }],
  },
}));

// Workloads, services and configuration are most of what repositories have.
const makers: readonly Make[] = [
  deployment,
  service,
  configMap,
  object("v1", "ServiceAccount", ({ bad }) => ({ automountServiceAccountToken: bad })),
  deployment,
  networkPolicy,
  object("networking.k8s.io/v1", "Ingress", (of) => ({
    spec: {
      ingressClassName: "nginx",
      ...(!of.bad && { tls: [{ hosts: [`${of.name}.example.com`], secretName: of.name }] }),
      rules: [
        {
          host: `${of.name}.example.com`,
          http: {
            paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: of.name, port: { number: 80 } } } }],
          },
        },
      ],
    },
  })),
  object("autoscaling/v2", "HorizontalPodAutoscaler", (of) => ({
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: of.name },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
    },
  })),
  object("apps/v1", "StatefulSet", (of) => ({
    spec: { serviceName: of.name, replicas: 2, selector: selector(of), template: template(of) },
  })),
  configMap,
  object("batch/v1", "CronJob", (of) => ({
    spec: { schedule: "5 4 * * *", jobTemplate: { spec: { template: template(of) } } },
  })),
  object("rbac.authorization.k8s.io/v1", "Role", (of) => ({ rules: rules(of) })),
  object("rbac.authorization.k8s.io/v1", "RoleBinding", (of) => ({
    subjects: [subject(of)],
    roleRef: roleRef(of, "Role"),
  })),
  service,
  deployment,
  object("policy/v1", "PodDisruptionBudget", (of) => ({ spec: { minAvailable: 1, selector: selector(of) } })),
  object("v1", "PersistentVolumeClaim", () => ({
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
  })),
  object("batch/v1", "Job", (of) => ({ spec: { backoffLimit: 2, template: template(of) } })),
  configMap,
  object("apps/v1", "DaemonSet", (of) => ({ spec: { selector: selector(of), template: template(of) } })),
  service,
  object("v1", "Pod", (of) => ({ spec: podSpec(of) })),
  object("rbac.authorization.k8s.io/v1", "ClusterRole", (of) => ({ rules: rules(of) })),
  object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", (of) => ({
    subjects: [subject(of)],
    roleRef: roleRef(of, "ClusterRole"),
  })),
  object("v1", "ResourceQuota", () => ({
    spec: { hard: { "limits.cpu": "20", "limits.memory": "64Gi", pods: "100" } },
  })),
  object("v1", "LimitRange", () => ({
    spec: { limits: [{ type: "Container", default: { cpu: "500m", memory: "256Mi" } }] },
  })),
  networkPolicy,
  object("monitoring.coreos.com/v1", "ServiceMonitor", (of) => ({
    spec: { selector: selector(of), endpoints: [{ port: "http", path: "/metrics", interval: "30s" }] },
  })),
  object("cert-manager.io/v1", "Certificate", (of) => ({
    spec: {
      secretName: of.name,
      dnsNames: [`${of.name}.example.com`],
      issuerRef: { name: "internal", kind: "ClusterIssuer" },
    },
  })),
  deployment,
];
