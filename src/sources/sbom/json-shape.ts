import { PlimsollError } from "../../model/error.ts";

/** A JSON object whose members have not been looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object. Throws `sbom-malformed` naming `where` when it is something else. */
export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrongType(where, "an object");
}

/** A member that is an object, or undefined when it is absent or null. Throws `sbom-malformed` when it is something else. */
export function memberObject(parent: JsonObject, key: string, where: string): JsonObject | undefined {
  const value = parent[key] ?? undefined;
  return value === undefined ? undefined : objectAt(value, `${where}.${key}`);
}

/** A member that is an array; empty when it is absent or null. Throws `sbom-malformed` when it is something else. */
export function memberList(parent: JsonObject, key: string, where: string): readonly unknown[] {
  const value = parent[key] ?? [];
  if (Array.isArray(value)) return value;
  throw wrongType(`${where}.${key}`, "an array");
}

/** A member that is a string, or undefined when it is absent or null. Throws `sbom-malformed` when it is something else. */
export function memberText(parent: JsonObject, key: string, where: string): string | undefined {
  const value = parent[key] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw wrongType(`${where}.${key}`, "a string");
}

function wrongType(where: string, expected: string): PlimsollError {
  return new PlimsollError("sbom-malformed", `The SBOM is damaged: ${where} is not ${expected}.`, {
    hint: "Check the document against the schema of its format, or write it again.",
  });
}
