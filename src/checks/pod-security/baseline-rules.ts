import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../manifests/kustomize/json-path.ts";
import type { PodContainer, PodTemplate } from "../manifests/pods/pod-template.ts";
import {
  containersText,
  type PodRule,
  type PodViolation,
  plural,
  quoted,
  settersText,
  sortedSet,
} from "./violation.ts";

// The baseline level of the Pod Security Standards,
// https://kubernetes.io/docs/concepts/security/pod-security-standards/. The words of a violation are those of an API
// server, so that a person who met one there knows the other.

const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";
const seccompPodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const seccompContainerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";

const defaultCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/** Containers with all rights of the host. */
export function privileged(pod: PodTemplate): PodViolation | undefined {
  const bad = pod.containers.filter(({ securityContext }) => securityContext["privileged"] === true);
  if (bad.length === 0) return undefined;
  return {
    reason: "privileged",
    detail: `${containersText(bad)} must not set securityContext.privileged=true`,
    places: inContext(bad, "privileged"),
  };
}

/** The network, processes or memory segments of the host. */
export function hostNamespaces(pod: PodTemplate): PodViolation | undefined {
  const bad = ["hostNetwork", "hostPID", "hostIPC"].filter((field) => pod.spec[field] === true);
  if (bad.length === 0) return undefined;
  return {
    reason: "host namespaces",
    detail: bad.map((field) => `${field}=true`).join(", "),
    places: bad.map((field) => [...pod.path, field]),
  };
}

/** Volumes that are paths of the host. */
export function hostPathVolumes(pod: PodTemplate): PodViolation | undefined {
  const bad = objectsAt(pod.spec, "volumes").filter(([, volume]) => isSet(volume["hostPath"]));
  if (bad.length === 0) return undefined;
  return {
    reason: "hostPath volumes",
    detail: `${plural("volume", bad.length)} ${quoted(bad.map(([, volume]) => textAt(volume, "name") ?? ""))}`,
    places: bad.map(([index, volume]) => {
      const path = [...pod.path, "volumes", index, "hostPath"];
      // The directory says more than the names of the fields.
      return textAt(objectAt(volume, "hostPath"), "path") === undefined ? path : [...path, "path"];
    }),
  };
}

/** Ports of the host. */
export function hostPorts(pod: PodTemplate): PodViolation | undefined {
  const bad = pod.containers.flatMap((container) =>
    objectsAt(container.spec, "ports")
      .filter(([, port]) => isSet(port["hostPort"]) && port["hostPort"] !== 0)
      .map(([index, port]) => ({ container, index, port: String(port["hostPort"]) })),
  );
  if (bad.length === 0) return undefined;
  const containers = [...new Set(bad.map(({ container }) => container))];
  const ports = sortedSet(bad.map(({ port }) => port));
  return {
    reason: "hostPort",
    detail: `${containersText(containers)} ${uses(containers.length)} ${plural("hostPort", ports.length)} ${ports.join(", ")}`,
    places: bad.map(({ container, index }) => [...container.path, "ports", index, "hostPort"]),
  };
}

/** Capabilities beyond those that a runtime gives by default. */
export function capabilitiesBaseline(pod: PodTemplate): PodViolation | undefined {
  return forbiddenCapabilities(pod, defaultCapabilities, "non-default capabilities");
}

/** Capabilities that are added and are not among the allowed ones. */
export function forbiddenCapabilities(
  pod: PodTemplate,
  allowed: ReadonlySet<string>,
  reason: string,
): PodViolation | undefined {
  const added = pod.containers.map((container) => ({
    container,
    bad: textsAt(objectAt(container.securityContext, "capabilities"), "add").filter((name) => !allowed.has(name)),
  }));
  const bad = added.filter(({ bad }) => bad.length > 0);
  if (bad.length === 0) return undefined;
  const names = quoted(sortedSet(bad.flatMap(({ bad }) => bad)));
  return {
    reason,
    detail: `${containersText(bad.map(({ container }) => container))} must not include ${names} in securityContext.capabilities.add`,
    places: bad.flatMap(({ container }) =>
      textsAt(objectAt(container.securityContext, "capabilities"), "add").flatMap((name, index) =>
        allowed.has(name) ? [] : [[...container.path, "securityContext", "capabilities", "add", index]],
      ),
    ),
  };
}

/** AppArmor switched off, by field or annotation. */
export function appArmorProfile(pod: PodTemplate): PodViolation | undefined {
  const isBad = (context: JsonObject): boolean =>
    isJsonObject(context["appArmorProfile"]) && !isNamedProfile(context["appArmorProfile"]["type"]);
  const typeOf = (context: JsonObject): string => String(objectAt(context, "appArmorProfile")["type"] ?? "");

  const podDoes = isBad(pod.securityContext);
  const containers = pod.containers.filter(({ securityContext }) => isBad(securityContext));
  const annotations = Object.entries(objectAt(pod.metadata, "annotations"))
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isAppArmorAnnotationAllowed(String(value)))
    .map(([key, value]) => [key, `${key}=${JSON.stringify(value)}`] as const);

  const setters = [settersText(podDoes, containers)].filter((text) => text !== "");
  if (annotations.length > 0) setters.push(plural("annotation", annotations.length));
  if (setters.length === 0) return undefined;
  const types = [
    ...(podDoes ? [typeOf(pod.securityContext)] : []),
    ...containers.map((container) => typeOf(container.securityContext)),
  ];
  const values = [...sortedSet(types), ...annotations.map(([, text]) => text).sort()];
  return {
    reason: plural("forbidden AppArmor profile", values.length),
    detail: `${setters.join(" and ")} must not set AppArmor profile type to ${quoted(values)}`,
    places: [
      ...inPodAndContexts(podDoes ? pod : undefined, { containers, fields: ["appArmorProfile", "type"] }),
      ...annotations.map(([key]) => [...pod.metadataPath, "annotations", key]),
    ],
  };
}

/** Types, users and roles of SELinux other than these types. */
export function seLinuxOptions(allowedTypes: ReadonlySet<string>): PodRule {
  return (pod) => {
    const badFields = (context: JsonObject): string[] => {
      const options = objectAt(context, "seLinuxOptions");
      const type = options["type"] ?? "";
      return [
        ...(type !== "" && !allowedTypes.has(String(type)) ? ["type"] : []),
        ...["user", "role"].filter((field) => isSet(options[field]) && options[field] !== ""),
      ];
    };
    const podFields = badFields(pod.securityContext);
    const bad = pod.containers
      .map((container) => ({ container, fields: badFields(container.securityContext) }))
      .filter(({ fields }) => fields.length > 0);
    if (podFields.length === 0 && bad.length === 0) return undefined;

    const all = [
      ...podFields.map((field) => ({ field, context: pod.securityContext })),
      ...bad.flatMap(({ container, fields }) => fields.map((field) => ({ field, context: container.securityContext }))),
    ];
    const types = sortedSet(
      all
        .filter(({ field }) => field === "type")
        .map(({ context }) => String(objectAt(context, "seLinuxOptions")["type"])),
    );
    const data = [
      ...(types.length > 0 ? [`${plural("type", types.length)} ${quoted(types)}`] : []),
      ...["user", "role"]
        .filter((name) => all.some(({ field }) => field === name))
        .map((name) => `${name} may not be set`),
    ];
    const setters = settersText(
      podFields.length > 0,
      bad.map(({ container }) => container),
    );
    return {
      reason: "seLinuxOptions",
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join("; ")}`,
      places: [
        ...podFields.map((field) => [...pod.path, "securityContext", "seLinuxOptions", field]),
        ...bad.flatMap(({ container, fields }) =>
          fields.map((field) => [...container.path, "securityContext", "seLinuxOptions", field]),
        ),
      ],
    };
  };
}

/** Masks of `/proc` taken away. */
export function procMount(pod: PodTemplate): PodViolation | undefined {
  const bad = pod.containers.filter(
    ({ securityContext }) => isSet(securityContext["procMount"]) && securityContext["procMount"] !== "Default",
  );
  if (bad.length === 0) return undefined;
  const values = sortedSet(bad.map(({ securityContext }) => String(securityContext["procMount"])));
  return {
    reason: "procMount",
    detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(values)}`,
    places: inContext(bad, "procMount"),
  };
}

/** Until Kubernetes 1.18: by annotations. */
export function seccompAnnotations(pod: PodTemplate): PodViolation | undefined {
  const annotations = objectAt(pod.metadata, "annotations");
  const bad = sortedSet([
    seccompPodAnnotation,
    ...pod.containers.map(({ name }) => `${seccompContainerAnnotation}${name}`),
  ])
    .filter((key) => Object.hasOwn(annotations, key))
    .map((key) => [key, String(annotations[key])] as const)
    .filter(
      ([, value]) => value !== "runtime/default" && value !== "docker/default" && !value.startsWith("localhost/"),
    );
  if (bad.length === 0) return undefined;
  const texts = bad.map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return {
    reason: "seccompProfile",
    detail: `forbidden ${plural("annotation", bad.length)} ${texts.join(", ")}`,
    places: bad.map(([key]) => [...pod.metadataPath, "annotations", key]),
  };
}

/** From Kubernetes 1.19: by fields. */
export function seccompBaseline(pod: PodTemplate): PodViolation | undefined {
  const podDoes = hasBadSeccomp(pod.securityContext);
  const containers = pod.containers.filter(({ securityContext }) => hasBadSeccomp(securityContext));
  if (!podDoes && containers.length === 0) return undefined;
  const contexts = [
    ...(podDoes ? [pod.securityContext] : []),
    ...containers.map(({ securityContext }) => securityContext),
  ];
  const values = sortedSet(contexts.map((context) => String(objectAt(context, "seccompProfile")["type"] ?? "")));
  return {
    reason: "seccompProfile",
    detail: `${settersText(podDoes, containers)} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
    places: inPodAndContexts(podDoes ? pod : undefined, { containers, fields: ["seccompProfile", "type"] }),
  };
}

/** True when a security context asks for a seccomp profile, and it is none that confines. */
export function hasBadSeccomp(context: JsonObject): boolean {
  return isJsonObject(context["seccompProfile"]) && !isNamedProfile(context["seccompProfile"]["type"]);
}

/** Kernel settings other than these. */
export function sysctls(allowed: ReadonlySet<string>): PodRule {
  return (pod) => {
    const bad = objectsAt(pod.securityContext, "sysctls").filter(([, item]) => !allowed.has(String(item["name"])));
    if (bad.length === 0) return undefined;
    return {
      reason: "forbidden sysctls",
      detail: bad.map(([, item]) => String(item["name"])).join(", "),
      places: bad.map(([index]) => [...pod.path, "securityContext", "sysctls", index, "name"]),
    };
  };
}

/** Containers that are processes of a Windows host. */
export function windowsHostProcess(pod: PodTemplate): PodViolation | undefined {
  const isBad = (context: JsonObject): boolean => objectAt(context, "windowsOptions")["hostProcess"] === true;
  const podDoes = isBad(pod.securityContext);
  const containers = pod.containers.filter(({ securityContext }) => isBad(securityContext));
  if (!podDoes && containers.length === 0) return undefined;
  return {
    reason: "hostProcess",
    detail: `${settersText(podDoes, containers)} must not set securityContext.windowsOptions.hostProcess=true`,
    places: inPodAndContexts(podDoes ? pod : undefined, { containers, fields: ["windowsOptions", "hostProcess"] }),
  };
}

/** Probes and lifecycle handlers that ask another host than the pod. */
export function hostProbesAndLifecycle(pod: PodTemplate): PodViolation | undefined {
  const bad = pod.containers.flatMap((container) => {
    const lifecycle = objectAt(container.spec, "lifecycle");
    const handlers = [
      ...["livenessProbe", "readinessProbe", "startupProbe"].map((key) => ({
        path: [key],
        handler: objectAt(container.spec, key),
      })),
      ...["postStart", "preStop"].map((key) => ({ path: ["lifecycle", key], handler: objectAt(lifecycle, key) })),
    ];
    return handlers.flatMap(({ path, handler }) =>
      ["httpGet", "tcpSocket"].flatMap((action) => {
        const host = textAt(objectAt(handler, action), "host") ?? "";
        return host === "" ? [] : [{ container, host, path: [...container.path, ...path, action, "host"] }];
      }),
    );
  });
  if (bad.length === 0) return undefined;
  const containers = sortedSet(bad.map(({ container }) => container.name));
  const hosts = sortedSet(bad.map(({ host }) => host));
  const who = `${plural("container", containers.length)} ${quoted(containers)}`;
  return {
    reason: "probe or lifecycle host",
    detail: `${who} ${uses(containers.length)} ${plural("probe or lifecycle host", hosts.length)} ${quoted(hosts)}`,
    places: bad.map(({ path }) => path),
  };
}

/** `uses` for one. */
export function uses(count: number): string {
  return count === 1 ? "uses" : "use";
}

/** A field of the security contexts of containers. */
export function inContext(containers: readonly PodContainer[], ...fields: string[]): (string | number)[][] {
  return containers.map(({ path }) => [...path, "securityContext", ...fields]);
}

/** A field of the security context of the pod, when given, and of containers. */
export function inPodAndContexts(
  pod: PodTemplate | undefined,
  { containers, fields }: { containers: readonly PodContainer[]; fields: readonly string[] },
): (string | number)[][] {
  return [...(pod ? [[...pod.path, "securityContext", ...fields]] : []), ...inContext(containers, ...fields)];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isNamedProfile(type: unknown): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

function isAppArmorAnnotationAllowed(value: string): boolean {
  return value === "" || value === "runtime/default" || value.startsWith("localhost/");
}
