import { readDocument } from "../../io/documents/read-document.ts";
import { evaluateJsonPath } from "./json-path-template.ts";

/** What was found of a flag, a variable or a path. `error`: the output or the path could not be read. */
export interface FoundValue {
  readonly found: boolean;
  readonly value: string;
  readonly error?: string;
}

const nothing: FoundValue = { found: false, value: "" };

/**
 * The first place of a flag in an output and what follows it: `--flag=value`, `--flag value`, `flag: value`. A flag
 * without a value has the value `true` when it begins with two dashes, else its own text. Flags are texts, never
 * patterns.
 *
 * Source: kube-bench, `check/test.go`, `flagTestItem.findValue`.
 */
export function findFlag(output: string, flag: string): FoundValue {
  const at = output === "" || flag === "" ? -1 : output.indexOf(flag);
  if (at < 0) return nothing;
  let rest = at + flag.length;
  // Any number of `=` and of `:` with spaces after it stand between.
  while (output[rest] === "=" || output[rest] === ":") {
    const isColon = output[rest] === ":";
    rest++;
    while (isColon && output[rest] === " ") rest++;
  }
  let end = rest;
  while (end < output.length && !isSpace(output.charCodeAt(end))) end++;
  const value = output.slice(rest, end);
  if (value !== "") return { found: true, value };
  return { found: true, value: flag.startsWith("--") ? "true" : flag };
}

/** The value of a variable in lines of `NAME=value`; one without a value is not found. */
export function findVariable(output: string, name: string): FoundValue {
  if (output === "" || name === "") return nothing;
  for (const line of output.split("\n")) {
    const at = line.indexOf(`${name}=`);
    if (at < 0 || (at > 0 && isWordCharacter(line.charCodeAt(at - 1)))) continue;
    const value = line.slice(at + name.length + 1);
    return value === "" ? nothing : { found: true, value };
  }
  return nothing;
}

/** What a JSONPath template prints for a document in JSON, else in YAML; empty text is not found. */
export function findPath(output: string, template: string): FoundValue {
  const document = readDocument(output);
  if ("error" in document) return { ...nothing, error: `failed to load YAML or JSON: ${document.error}` };
  const result = evaluateJsonPath(template, document.value);
  if ("error" in result) {
    return { ...nothing, error: `unable to parse path expression "${template}": ${result.error}` };
  }
  return { found: result.text !== "", value: result.text };
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 12 || code === 13;
}

function isWordCharacter(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}
