import { toByteString } from "../../language/byte-string.ts";
import type { Extracted } from "../json/field-rows.ts";
import { memberOf, textOf, valueAt } from "../json/json-value.ts";
import { allTextsOf, textsOf, valuesBelow } from "./audit-values.ts";

/** Reads a field from an audit event, with the argument in brackets if there is one. */
export type ReadAudit = (audit: unknown, argument: string | undefined) => Extracted;

const spec: readonly string[] = ["requestObject", "spec"];

/** A parameter of the query of the URI, the first of that name. */
export function uriParameter(audit: unknown, name: string | undefined): Extracted {
  const uri = memberOf(audit, "requestURI");
  if (typeof uri !== "string" || name === undefined) return undefined;
  const [beforeFragment = ""] = uri.split("#", 1);
  const query = beforeFragment.indexOf("?");
  if (query < 0) return undefined;
  const value = new URLSearchParams(beforeFragment.slice(query + 1)).get(name);
  return value === null ? undefined : toByteString(value);
}

/** The name in the answer, when a pod itself is the target and not a part of it. */
export function podName(audit: unknown): Extracted {
  if (valueAt(audit, ["objectRef", "resource"]) !== "pods") return undefined;
  const part = valueAt(audit, ["objectRef", "subresource"]);
  if (typeof part === "string" && part !== "") return undefined;
  return textOf(valueAt(audit, ["responseObject", "metadata", "name"]));
}

/** The names of the subjects of a kind in a binding. */
export function subjectNames(
  kind: string,
  { withNamespace = false }: { readonly withNamespace?: boolean } = {},
): ReadAudit {
  return (audit) => {
    const subjects = valueAt(audit, ["requestObject", "subjects"]);
    if (!Array.isArray(subjects)) return undefined;
    return (subjects as readonly unknown[])
      .filter((subject) => memberOf(subject, "kind") === kind)
      .map((subject) => subjectName(subject, withNamespace))
      .filter((name) => name !== undefined);
  };
}

function subjectName(subject: unknown, withNamespace: boolean): string | undefined {
  const name = textOf(memberOf(subject, "name"));
  if (name === undefined || !withNamespace) return name;
  const namespace = textOf(memberOf(subject, "namespace"));
  return namespace === undefined ? undefined : `${namespace}:${name}`;
}

/** The values of a list of all rules of a role, or of the one with the index. */
export function roleRules(key: string): ReadAudit {
  return (audit, argument) =>
    valuesBelow(audit, ["requestObject", "rules", key], argument)?.flatMap((values) =>
      Array.isArray(values) ? (textsOf(values) ?? []) : [],
    );
}

/** The image of the first container of a pod. */
export function firstContainerImage(audit: unknown): string | undefined {
  return allTextsOf(valuesBelow(audit, [...spec, "containers", "image"], "0"))?.[0];
}

/** Whether one of the containers of a pod is privileged, as text; undefined for a pod without containers. */
export function anyPrivileged(audit: unknown): Extracted {
  const flags = valuesBelow(audit, [...spec, "containers", "securityContext", "privileged"], undefined);
  return flags === undefined ? undefined : String(flags.includes(true));
}

/** Whether a pod mounts this path of the host. Falco looks at the first volume only, against what it documents. */
export function mounts(audit: unknown, path: string | undefined): Extracted {
  const paths = textsOf(valuesBelow(audit, [...spec, "volumes", "hostPath", "path"], undefined));
  if (paths === undefined || path === undefined) return undefined;
  const wanted = toByteString(path);
  const prefix = wanted.endsWith("*") ? wanted.slice(0, -1) : undefined;
  return String(paths.some((one) => one === wanted || (prefix !== undefined && one.startsWith(prefix))));
}

/** What else than its name each volume of a pod has, which is one member with its type. */
export function volumeTypes(audit: unknown, argument: string | undefined): Extracted {
  return valuesBelow(audit, [...spec, "volumes", ""], argument)?.flatMap((volume) =>
    typeof volume === "object" && volume !== null && !Array.isArray(volume)
      ? Object.keys(volume)
          .filter((key) => key !== "name")
          .map(toByteString)
      : [],
  );
}

/** The plugin of Falco looks for them among the rules of a role, where they never are. */
export function sourceAddresses(audit: unknown, argument: string | undefined): Extracted {
  const addresses = memberOf(audit, "sourceIPs");
  if (!Array.isArray(addresses)) return undefined;
  return textsOf(argument === undefined ? addresses : [addresses[Number(argument)]]);
}
