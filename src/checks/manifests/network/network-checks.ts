import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../kustomize/json-path.ts";
import { SelectorIndex } from "../label-selector.ts";
import { kindCheck, podCheck } from "../manifest-check.ts";
import { type ManifestFacts, type ManifestResource, resourceTitle } from "../manifest-resource.ts";

// Annotations of ingress-nginx that become configuration of nginx as they are, or are run by it.
const snippetAnnotation =
  /^(?:nginx|custom-nginx)\.ingress\.kubernetes\.io\/(?:server-snippet|configuration-snippet|auth-snippet|modsecurity-snippet|stream-snippet|location-snippet)$|^nginx\.org\/(?:server-snippets|location-snippets)$/;
// What ingress-nginx before 1.12.1 wrote into its configuration without a look (CVE-2025-1097, -1098, -24514).
const injectable: ReadonlySet<string> = new Set([
  "nginx.ingress.kubernetes.io/auth-url",
  "nginx.ingress.kubernetes.io/auth-tls-match-cn",
  "nginx.ingress.kubernetes.io/mirror-target",
  "nginx.ingress.kubernetes.io/mirror-host",
]);
const brokenOut = /[\n\r;{}|#"'`\\\s]/;
const sshPorts: ReadonlySet<unknown> = new Set([22, 2222, "22", "2222", "ssh"]);

/** What can be reached from outside, and how. */
export const networkChecks: readonly Check<ManifestFacts>[] = [
  kindCheck(
    {
      id: "manifests/external-ips",
      title: { pass: "Service has no external IPs", fail: "Service has external IPs" },
      severity: "high",
      why: "With externalIPs, a service can intercept traffic for any address (CVE-2020-8554).",
      remediation: "Remove externalIPs; use a load balancer, and the admission plug-in DenyServiceExternalIPs.",
      mappings: [cis("1.2.3"), mitre("T1557"), cwe("300")],
    },
    ["Service"],
    {
      examine({ object }) {
        const ips = objectAt(object, "spec")["externalIPs"];
        return Array.isArray(ips) && ips.length > 0 ? [{ places: [{ path: ["spec", "externalIPs"] }] }] : [];
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/node-port",
      title: { pass: "Service opens no node port", fail: "Service opens a node port" },
      severity: "low",
      why: "The port is open on every node, so clients can bypass the protection at the edge of the cluster.",
      remediation: "Use the type ClusterIP behind an Ingress or a Gateway.",
      mappings: [nsa("Network separation"), cwe("668")],
    },
    ["Service"],
    {
      examine: ({ object }) =>
        objectAt(object, "spec")["type"] === "NodePort" ? [{ places: [{ path: ["spec", "type"] }] }] : [],
    },
  ),
  kindCheck(
    {
      id: "manifests/load-balancer-open",
      title: { pass: "Load balancer limits its source addresses", fail: "Load balancer accepts all source addresses" },
      severity: "low",
      why: "Without source ranges, the load balancer is open to the internet, unless a cloud setting limits it.",
      remediation: "Set spec.loadBalancerSourceRanges, or use an internal load balancer.",
      mappings: [nsa("Network separation"), mitre("T1190"), cwe("668")],
    },
    ["Service"],
    {
      examine({ object }) {
        const spec = objectAt(object, "spec");
        if (spec["type"] !== "LoadBalancer" || isInternal(objectAt(object, "metadata"))) return [];
        const ranges = textsAt(spec, "loadBalancerSourceRanges");
        const isOpen = ranges.length === 0 || ranges.includes("0.0.0.0/0");
        return isOpen ? [{ places: [{ path: ["spec", "loadBalancerSourceRanges"] }] }] : [];
      },
    },
  ),
  podCheck(
    {
      id: "manifests/exposed-workload",
      title: {
        pass: "Workload is meant to be reachable from outside the cluster",
        fail: "Workload is reachable from outside the cluster",
      },
      severity: "low",
      why: "Attackers try reachable workloads first, so these should be known and hardened.",
      remediation: "Add authentication at the Ingress, or make the workload internal.",
      mappings: [nsa("Network separation"), mitre("T1190"), mitre("T1133"), cwe("668")],
    },
    function* (pod, { resource, facts }) {
      const { services, openedBy } = servicesOf(facts);
      const labels = objectAt(pod.metadata, "labels");
      for (const service of services.matching(resource.namespace || "default", labels)) {
        const by = openedBy.get(service);
        if (!by) continue;
        const title = resourceTitle(service);
        const reason = by === service ? `by ${title}` : `by ${resourceTitle(by)} and ${title}`;
        yield { places: [{ path: [...pod.metadataPath, "labels"] }], reason, state: "manual" };
      }
    },
  ),
  podCheck(
    {
      id: "manifests/ssh-service",
      title: { pass: "Service does not expose SSH", fail: "Service exposes SSH" },
      severity: "medium",
      why: "An SSH shell bypasses the API server, its authorization and its audit log.",
      remediation: "Remove the port; use kubectl exec or kubectl debug.",
      mappings: [mitre("T1021"), cwe("668")],
    },
    function* (pod, { resource, facts }) {
      const labels = objectAt(pod.metadata, "labels");
      for (const service of servicesOf(facts).services.matching(resource.namespace || "default", labels)) {
        const ports = objectsAt(objectAt(service.object, "spec"), "ports");
        if (!ports.some(([, { port, targetPort }]) => sshPorts.has(port) || sshPorts.has(targetPort))) continue;
        yield { places: [{ path: [...pod.metadataPath, "labels"] }], reason: `by ${resourceTitle(service)}` };
      }
    },
  ),
  kindCheck(
    {
      id: "manifests/ingress-tls",
      title: { pass: "Ingress uses TLS", fail: "Ingress does not use TLS" },
      severity: "medium",
      why: "Passwords and sessions without encryption can be read and changed on the network.",
      remediation: "Set spec.tls with a certificate for the hosts.",
      mappings: [nsa("Network separation"), mitre("T1040"), cwe("319")],
    },
    ["Ingress"],
    {
      examine({ object }) {
        const { tls } = objectAt(object, "spec");
        return Array.isArray(tls) && tls.length > 0 ? [] : [{ places: [{ path: ["spec", "tls"] }] }];
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/ingress-snippet",
      title: { pass: "Ingress has no nginx snippet", fail: "Ingress has an nginx snippet" },
      severity: "high",
      why: "A snippet runs in the controller, which can read every Secret of the cluster (CVE-2021-25742).",
      remediation: "Use the specific annotations, and set allow-snippet-annotations to false.",
      mappings: [mitre("T1552"), cwe("94")],
    },
    ["Ingress"],
    {
      *examine({ object }) {
        for (const [key, value] of Object.entries(annotationsOf(object))) {
          if (!snippetAnnotation.test(key)) continue;
          yield { places: [{ path: ["metadata", "annotations", key], value: lengthText(value) }] };
        }
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/ingress-injection",
      title: { pass: "Annotations inject no nginx configuration", fail: "Annotation injects nginx configuration" },
      severity: "critical",
      why: "ingress-nginx before 1.12.1 does not escape these values, so they run code in the controller (CVE-2025-1974).",
      remediation: "Use a plain address or name, and update the controller.",
      mappings: [mitre("T1190"), cwe("94")],
    },
    ["Ingress"],
    {
      *examine({ object }) {
        for (const [key, value] of Object.entries(annotationsOf(object))) {
          if (!injectable.has(key) || typeof value !== "string" || !brokenOut.test(value.trim())) continue;
          yield { places: [{ path: ["metadata", "annotations", key], value: lengthText(value) }] };
        }
      },
    },
  ),
];

/** Configuration may have secrets in it: only how long it is, is printed. */
function lengthText(value: unknown): string {
  return `${String(value).length} characters`;
}

function annotationsOf(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return objectAt(objectAt(object, "metadata"), "annotations");
}

function isInternal(metadata: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(objectAt(metadata, "annotations")).some(
    ([key, value]) => /internal/i.test(key) && String(value) !== "false",
  );
}

interface Services {
  /** Services that select pods. */
  readonly services: SelectorIndex<ManifestResource>;
  /** What opens a service to the outside: itself, or what routes to it. */
  readonly openedBy: ReadonlyMap<ManifestResource, ManifestResource>;
}

const cache = new WeakMap<ManifestFacts, Services>();

function servicesOf(facts: ManifestFacts): Services {
  const known = cache.get(facts);
  if (known) return known;
  const routes = new Map<string, ManifestResource>();
  for (const resource of facts.resources) {
    for (const name of routedServices(resource)) routes.set(`${resource.namespace || "default"}/${name}`, resource);
  }
  const services = new SelectorIndex<ManifestResource>();
  const openedBy = new Map<ManifestResource, ManifestResource>();
  for (const service of facts.resources) {
    if (service.kind !== "Service" || service.apiVersion !== "v1") continue;
    const namespace = service.namespace || "default";
    const spec = objectAt(service.object, "spec");
    const selector = objectAt(spec, "selector");
    if (Object.keys(selector).length > 0) services.add(service, { namespace, selector: { matchLabels: selector } });
    const isOpen = spec["type"] === "NodePort" || spec["type"] === "LoadBalancer";
    const by = isOpen ? service : routes.get(`${namespace}/${service.name}`);
    if (by) openedBy.set(service, by);
  }
  const made = { services, openedBy };
  cache.set(facts, made);
  return made;
}

/** The names of the services that an ingress, a route of a gateway, or a virtual service sends requests to. */
function routedServices({ kind, object }: ManifestResource): string[] {
  const spec = objectAt(object, "spec");
  if (kind === "Ingress") {
    const backends = [
      objectAt(spec, "defaultBackend"),
      objectAt(spec, "backend"),
      ...objectsAt(spec, "rules").flatMap(([, rule]) =>
        objectsAt(objectAt(rule, "http"), "paths").map(([, path]) => objectAt(path, "backend")),
      ),
    ];
    return backends.flatMap((backend) => [
      ...(textAt(objectAt(backend, "service"), "name") ? [textAt(objectAt(backend, "service"), "name") ?? ""] : []),
      ...(textAt(backend, "serviceName") ? [textAt(backend, "serviceName") ?? ""] : []),
    ]);
  }
  if (/^(?:HTTP|GRPC|TCP|TLS|UDP)Route$/.test(kind)) {
    return objectsAt(spec, "rules").flatMap(([, rule]) =>
      objectsAt(rule, "backendRefs").flatMap(([, backend]) => textAt(backend, "name") ?? []),
    );
  }
  if (kind !== "VirtualService" || !isJsonObject(spec)) return [];
  return ["http", "tcp", "tls"].flatMap((protocol) =>
    objectsAt(spec, protocol).flatMap(([, route]) =>
      objectsAt(route, "route").flatMap(([, to]) => {
        const host = textAt(objectAt(to, "destination"), "host");
        return host === undefined ? [] : [host.split(".")[0] ?? host];
      }),
    ),
  );
}
