import { toByteString } from "../../language/byte-string.ts";
import type { Extracted, FieldRow } from "../json/field-rows.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { memberOf, textOf, valueAt } from "../json/json-value.ts";
import { allTextsOf, textsOf, valuesBelow } from "./audit-values.ts";
import { repositoryOf } from "./repository-of.ts";

/** Reads a field of all containers of a list, or of the one with the index. */
type ReadContainers = (spec: unknown, which: WhichContainers) => Extracted;

interface WhichContainers {
  readonly list: string;
  /** Digits. */
  readonly index: string | undefined;
}

interface ContainerField {
  readonly name: string;
  readonly description: string;
  readonly read: ReadContainers;
}

const fields: readonly ContainerField[] = [
  { name: "args", description: "Arguments (joined by spaces)", read: joined("args") },
  { name: "command", description: "Command (joined by spaces)", read: joined("command") },
  { name: "name", description: "Names", read: needed("name") },
  { name: "image", description: "Images", read: needed("image") },
  { name: "image.repository", description: "Images (up to the first colon or @)", read: repositories },
  { name: "host_port", description: "Host ports (or container ports without a host port)", read: hostPorts },
  { name: "privileged", description: "Flag `privileged`", read: optional("securityContext", "privileged") },
  {
    name: "allow_privilege_escalation",
    description: "Flag `allowPrivilegeEscalation`",
    read: optional("securityContext", "allowPrivilegeEscalation"),
  },
  {
    name: "read_only_fs",
    description: "Flag `readOnlyRootFilesystem`",
    read: optional("securityContext", "readOnlyRootFilesystem"),
  },
  { name: "run_as_user", description: "`runAsUser`", read: optional("securityContext", "runAsUser") },
  {
    name: "eff_run_as_user",
    description: "`runAsUser` (from the pod if not set, else 0)",
    read: effective("runAsUser"),
  },
  { name: "run_as_group", description: "`runAsGroup`", read: optional("securityContext", "runAsGroup") },
  {
    name: "eff_run_as_group",
    description: "`runAsGroup` (from the pod if not set, else 0)",
    read: effective("runAsGroup"),
  },
  { name: "proc_mount", description: "Mount type of /proc", read: optional("securityContext", "procMount") },
  {
    name: "add_capabilities",
    description: "Added capabilities (a JSON list for each container)",
    read: optional("securityContext", "capabilities", "add"),
  },
];

const lists: readonly (readonly [list: string, of: string])[] = [
  ["containers", "containers"],
  ["initContainers", "init containers"],
  ["ephemeralContainers", "ephemeral containers"],
];

/** `ka.req.pod.containers.*`, and the same of init and ephemeral containers; an ephemeral one has no ports. */
export function containerRows(): FieldRow[] {
  return lists.flatMap(([list, of]) =>
    fields
      .filter(({ name }) => list !== "ephemeralContainers" || name !== "host_port")
      .map(({ name, description, read }) => ({
        definition: {
          name: `ka.req.pod.${list}.${name}`,
          group: "ka",
          type: "CHARBUF" as const,
          format: "NA" as const,
          description: `${description} of the ${of} in the requested pod`,
          isList: true,
          argument: { isIndex: true },
        },
        bind:
          (index: string | undefined) =>
          ({ value }: JsonRuleEvent) =>
            memberOf(value, "auditID") === undefined
              ? undefined
              : read(valueAt(value, ["requestObject", "spec"]), { list, index }),
      })),
  );
}

function optional(...keys: readonly string[]): ReadContainers {
  return (spec, { list, index }) => textsOf(valuesBelow(spec, [list, ...keys], index));
}

function needed(key: string): ReadContainers {
  return (spec, { list, index }) => allTextsOf(valuesBelow(spec, [list, key], index));
}

function repositories(spec: unknown, { list, index }: WhichContainers): Extracted {
  return allTextsOf(valuesBelow(spec, [list, "image"], index))?.map(repositoryOf);
}

function joined(key: string): ReadContainers {
  return (spec, { list, index }) => {
    const texts: string[] = [];
    for (const words of valuesBelow(spec, [list, key], index) ?? []) {
      if (words === undefined) continue;
      if (!isTexts(words)) return undefined;
      texts.push(toByteString(words.join(" ")));
    }
    return texts;
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

function hostPorts(spec: unknown, { list, index }: WhichContainers): Extracted {
  const texts: string[] = [];
  for (const ports of valuesBelow(spec, [list, "ports"], index) ?? []) {
    if (ports === undefined) continue;
    if (!Array.isArray(ports)) return undefined;
    for (const port of ports as readonly unknown[]) {
      // In the network of the host a container's port is one of the host.
      const text = textOf(memberOf(port, "hostPort") ?? memberOf(port, "containerPort"));
      if (text !== undefined) texts.push(text);
    }
  }
  return texts;
}

/**
 * What holds for a container: its own, else that of the pod, else 0. The plugin of Falco looks in the wrong place and
 * says 0 for every container; this is what its documentation says.
 */
function effective(key: string): ReadContainers {
  return (spec, { list, index }) => {
    const ofPod = textOf(valueAt(spec, ["securityContext", key])) ?? "0";
    return valuesBelow(spec, [list, ""], index)?.map(
      (container) => textOf(valueAt(container, ["securityContext", key])) ?? ofPod,
    );
  };
}
