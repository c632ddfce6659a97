import type { JsonObject } from "../../../model/objects/json-object.ts";
import { type JsonPath, objectAt, objectsAt, textAt } from "../kustomize/json-path.ts";
import type { ManifestResource } from "../manifest-resource.ts";
import type { Reference } from "./reference-index.ts";

type ServiceReference = Reference & { readonly path: JsonPath };

const routes: ReadonlySet<string> = new Set(["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"]);

/** The services that an Ingress, or a route of the Gateway API, leads to; undefined for other resources. */
export function routedServices(resource: ManifestResource): ServiceReference[] | undefined {
  const spec = objectAt(resource.object, "spec");
  if (resource.kind === "Ingress") return ingressServices(spec, resource.namespace);
  if (!routes.has(resource.kind) || !resource.apiVersion.startsWith("gateway.networking.k8s.io/")) return undefined;
  return objectsAt(spec, "rules").flatMap(([rule, { backendRefs }]) =>
    objectsAt({ backendRefs }, "backendRefs").flatMap(([index, backend]) => {
      const { kind = "Service", group = "" } = backend;
      const name = textAt(backend, "name");
      if (kind !== "Service" || group !== "" || !name) return [];
      const namespace = textAt(backend, "namespace") ?? resource.namespace;
      return [{ kind, namespace, name, path: ["spec", "rules", rule, "backendRefs", index, "name"] }];
    }),
  );
}

function ingressServices(spec: JsonObject, namespace: string): ServiceReference[] {
  const found: ServiceReference[] = [];
  const add = (parent: JsonObject, key: string, path: JsonPath): void => {
    const backend = objectAt(parent, key);
    const current = textAt(objectAt(backend, "service"), "name");
    // Field of former versions of the API.
    const former = textAt(backend, "serviceName");
    const name = current ?? former;
    if (name)
      found.push({
        kind: "Service",
        namespace,
        name,
        path: [...path, key, ...(current ? ["service", "name"] : ["serviceName"])],
      });
  };
  add(spec, "defaultBackend", ["spec"]);
  add(spec, "backend", ["spec"]);
  for (const [rule, content] of objectsAt(spec, "rules"))
    for (const [index, one] of objectsAt(objectAt(content, "http"), "paths"))
      add(one, "backend", ["spec", "rules", rule, "http", "paths", index]);
  return found;
}
