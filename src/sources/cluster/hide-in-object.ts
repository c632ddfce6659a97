import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { hideInText, looksSecret, shapeOf } from "../host/hide-secrets.ts";

const deepest = 40;
/** What the server adds, and what repeats the object with all of its values. */
const leftOut: ReadonlySet<string> = new Set(["managedFields", "kubectl.kubernetes.io/last-applied-configuration"]);
/** Lists of pairs of a name and a value that may be anything. */
const pairLists: ReadonlySet<string> = new Set(["env", "httpHeaders"]);

/**
 * An object of a cluster without its status (of a node its versions remain), managed fields and last applied
 * configuration, in which values of variables and headers are shown as their shape, and commands, arguments and
 * annotations without what looks like a secret.
 */
export function hideInObject({ status, ...object }: JsonObject): JsonObject {
  const nodeInfo = isJsonObject(status) ? status["nodeInfo"] : undefined;
  return hideIn({ ...object, ...(nodeInfo !== undefined && { status: { nodeInfo } }) }, "", 0) as JsonObject;
}

function hideIn(value: unknown, name: string, depth: number): unknown {
  if (typeof value === "string") {
    if (name === "command" || name === "args" || name === "annotations") return hideInText(value);
    return looksSecret(value) ? `<${shapeOf(value)}>` : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return "<too deep>";
  if (Array.isArray(value)) {
    return value.map((item: unknown) => (pairLists.has(name) ? hideVariable(item) : hideIn(item, name, depth + 1)));
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !leftOut.has(key));
  return Object.fromEntries(
    entries.map(([key, item]) => [key, hideIn(item, name === "annotations" ? name : key, depth + 1)]),
  );
}

function hideVariable(variable: unknown): unknown {
  if (!isJsonObject(variable) || typeof variable["value"] !== "string") return variable;
  return { ...variable, value: variable["value"] === "" ? "" : `<${shapeOf(variable["value"])}>` };
}
