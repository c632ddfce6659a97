import { expect, test } from "vitest";
import { podSecurityChecks } from "../pod-security/pod-security-checks.ts";
import { runChecks } from "../run-checks.ts";
import { manifestChecks } from "./manifest-checks.ts";
import { manifestResource } from "./manifest-resource.ts";
import { readManifests } from "./reading/read-manifests.ts";

const all = [...podSecurityChecks({ level: "restricted", version: "latest" }), ...manifestChecks];

function failing(text: string): Map<string, { resource: string | undefined; line: number | undefined }[]> {
  const facts = readManifests(text, { path: "m.yaml", problem: ({ message }) => expect.fail(message) });
  const failures = runChecks(all, facts).filter(({ state }) => state === "fail" || state === "manual");
  const byCheck = Map.groupBy(failures, ({ id }) => id);
  return new Map(
    Array.from(byCheck, ([id, results]) => [
      id,
      results.map(({ resource, location }) => ({ resource, line: location?.line })),
    ]),
  );
}

test("ids are told apart, and texts are clauses and sentences", () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(150);
  for (const { id, why, remediation, mappings } of all) {
    expect(id).toMatch(/^(?:pss\/\w+|manifests\/[a-z0-9-]+)$/);
    expect(why, id).toMatch(/\.$/);
    expect(remediation, id).toMatch(/\.$/);
    expect(mappings.length, id).toBeGreaterThan(0);
  }
});

test("a workload that is set up well fails nothing", () => {
  const well = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: web
          image: registry.example/web:1.2@sha256:${"a".repeat(64)}
          imagePullPolicy: Always
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          resources:
            requests: {cpu: 10m, memory: 10Mi}
            limits: {cpu: 10m, memory: 10Mi}
          livenessProbe: {httpGet: {path: /, port: 80}}
          readinessProbe: {httpGet: {path: /, port: 80}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
`;
  expect([...failing(well).keys()]).toEqual([]);
});

test("a failure says which container, and on which line", () => {
  const bad = `apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      hostPID: true
      initContainers:
        - name: first
          image: a
          securityContext:
            privileged: true
      containers:
        - {name: second, image: b}
`;
  const failures = failing(bad);
  expect(failures.get("manifests/privileged")).toEqual([{ resource: "Deployment shop/api container first", line: 12 }]);
  expect(failures.get("manifests/host-pid")).toEqual([{ resource: "Deployment shop/api", line: 7 }]);
  expect(failures.get("pss/hostNamespaces")).toEqual([{ resource: "Deployment shop/api", line: 7 }]);
});

test("what a pod sets holds for its containers, and what a container sets holds before that", () => {
  const pod = (ofPod: string, ofContainer: string): string =>
    `kind: Pod\nmetadata: {name: a}\nspec:\n  securityContext: ${ofPod}\n  containers:\n  - {name: b, image: c, securityContext: ${ofContainer}}\n`;
  const fails = (ofPod: string, ofContainer: string): boolean =>
    failing(pod(ofPod, ofContainer)).has("manifests/run-as-root");
  expect(fails("{runAsNonRoot: true}", "{}")).toBe(false);
  expect(fails("{runAsUser: 1000}", "{}")).toBe(false);
  expect(fails("{}", "{runAsUser: 1000}")).toBe(false);
  expect(fails("{}", "{}")).toBe(true);
  expect(fails("{runAsUser: 1000}", "{runAsUser: 0}")).toBe(true);
  expect(fails("{runAsNonRoot: true}", "{runAsNonRoot: false}")).toBe(true);
  expect(fails("{runAsUser: 0}", "{runAsUser: 1000}")).toBe(false);
});

test.each([
  ["ReplicationController", "spec:\n  template:\n    spec:\n"],
  ["PodTemplate", "template:\n    spec:\n"],
  ["CronJob", "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"],
  ["Rollout", "spec:\n  template:\n    spec:\n"],
])("the pods of a %s are found", (kind, head) => {
  const indent = " ".repeat(12);
  const text = `kind: ${kind}\nmetadata: {name: a}\n${head}${indent}hostPID: true\n${indent}containers: [{name: b, image: c}]\n`;
  expect(
    failing(text)
      .get("manifests/host-pid")
      ?.map(({ resource }) => resource),
  ).toEqual([`${kind} a`]);
});

test("services of a Compose file are checked", () => {
  const compose = `services:
  web:
    image: nginx
    privileged: true
    network_mode: host
    cap_add: [SYS_ADMIN]
    devices: ["/dev/sda:/dev/sda"]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - data:/data
    ports: ["8080:80", "127.0.0.1:22:22", "[::1]:53:53/udp", "25:25"]
    environment:
      DB_PASSWORD: correct-horse
      DB_HOST: db
    security_opt: ["seccomp:unconfined"]
    user: root
  good:
    image: nginx:1.27@sha256:${"0".repeat(64)}
    user: "1000"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    ports: ["127.0.0.1:8080:80"]
    environment: ["DB_PASSWORD=\${DB_PASSWORD}"]
    deploy: {resources: {limits: {memory: 64M, pids: 50}}}
`;
  const failures = failing(compose);
  expect([...failures.keys()].sort()).toEqual(
    [
      "capabilities-not-dropped",
      "capability",
      "device",
      "engine-socket",
      "host-namespace",
      "image-digest",
      "image-latest",
      "memory-limit",
      "new-privileges",
      "open-port",
      "privileged",
      "privileged-port",
      "process-limit",
      "root-user",
      "secret",
      "unconfined",
      "writable-root-file-system",
    ].map((name) => `manifests/compose-${name}`),
  );
  expect(new Set([...failures.values()].flat().map(({ resource }) => resource))).toEqual(new Set(["service web"]));
});

test("no secret is printed, whatever is wrong with what holds it", () => {
  const marker = "hunter2marker";
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations: {nginx.ingress.kubernetes.io/server-snippet: "token ${marker};"}
spec:
  volumes:
    - name: v
      flexVolume: {driver: x, options: {password: ${marker}}}
  containers:
    - name: b
      image: c
      command: ["sudo", "sh", "--password=${marker}", "-c", "sudo mysql -p${marker}"]
      env:
        - {name: DB_PASSWORD, value: ${marker}}
        - {name: DB_PASSWORD, value: ${marker}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  password: ${marker}
  app.properties: |
    db.password=${marker}
---
apiVersion: v1
kind: Secret
metadata: {name: a}
stringData: {password: ${marker}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: a
  annotations:
    nginx.ingress.kubernetes.io/server-snippet: "token ${marker};"
    nginx.ingress.kubernetes.io/auth-url: "http://x/?${marker}#;{"
---
services:
  web:
    environment: {DB_PASSWORD: ${marker}, list: "x"}
  two:
    environment: ["API_TOKEN=${marker}"]
`;
  const facts = readManifests(text, { path: "m.yaml", problem: ({ message }) => expect.fail(message) });
  const results = runChecks(all, facts);
  const ids = new Set(results.filter(({ state }) => state === "fail").map(({ id }) => id));
  for (const name of ["environment", "arguments", "config-map", "manifest"])
    expect(ids).toContain(`manifests/secret-in-${name}`);
  expect(ids).toContain("manifests/compose-secret");
  expect(JSON.stringify(results)).not.toContain(marker);
});

test("objects that came from a cluster are checked as those of files", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { hostIPC: true, containers: [] } };
  const results = runChecks(all, { resources: [manifestResource(pod)], compose: [] });
  const [failure] = results.filter(({ id, state }) => id === "manifests/host-ipc" && state === "fail");
  expect(failure).toMatchObject({ resource: "Pod a", evidence: [{ subject: "spec.hostIPC", value: "true" }] });
  expect(failure?.location).toBeUndefined();
});

test("resources whose fields are of other kinds than they should be are checked without an error", () => {
  const values = ["null", "1", "text", "[]", "{}", "[1, [2], {a: b}]", "true"];
  for (const value of values) {
    for (const field of ["containers", "volumes", "securityContext", "initContainers", "hostPID"]) {
      failing(`kind: Pod\nmetadata: {name: 1}\nspec: {${field}: ${value}}\n`);
      failing(
        `kind: Pod\nmetadata: ${value}\nspec: {containers: [{name: ${value}, image: ${value}, ${field}: ${value}, env: ${value}, command: ${value}, resources: ${value}}]}\n`,
      );
    }
    for (const kind of [
      "Role",
      "ClusterRoleBinding",
      "NetworkPolicy",
      "Ingress",
      "Service",
      "ConfigMap",
      "Secret",
      "Namespace",
      "PodSecurityPolicy",
    ]) {
      failing(
        `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nrules: ${value}\nsubjects: ${value}\nroleRef: ${value}\ndata: ${value}\nspec: ${value}\nmetadata: {labels: ${value}, annotations: ${value}}\n`,
      );
      failing(
        `apiVersion: v1\nkind: ${kind}\nspec: {rules: ${value}, ports: ${value}, podSelector: ${value}, ingress: ${value}, tls: ${value}, selector: ${value}}\n`,
      );
    }
    failing(
      `services: {a: ${value}, b: {volumes: ${value}, ports: ${value}, environment: ${value}, cap_add: ${value}, user: ${value}, deploy: ${value}}}\n`,
    );
  }
});
