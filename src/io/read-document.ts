import { parse } from "yaml";
import { parseJson } from "../model/json-object.ts";
import { yamlReason } from "./yaml-reason.ts";

const largestDocument = 4 * 1024 * 1024;

/** The value of a text in JSON or, as Kubernetes reads it, YAML 1.1; only the first document of several. */
export function readDocument(text: string): { readonly value: unknown } | { readonly error: string } {
  if (text.length > largestDocument) return { error: `it is longer than ${largestDocument} characters` };
  const json = parseJson(text);
  if (json !== undefined) return { value: json };
  try {
    const [first = ""] = text.split(/^---(?=\s|$)/m).filter((part) => part.trim() !== "");
    return { value: parse(first, { version: "1.1", uniqueKeys: false, logLevel: "error", maxAliasCount: 100 }) };
  } catch (error) {
    return { error: yamlReason(error) };
  }
}
