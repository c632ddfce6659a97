import type { ByteString } from "../../../model/events/kernel-event.ts";
import { toByteString } from "../../language/byte-string.ts";
import { jsonText } from "./json-text.ts";

/** A member of an object by its name, or of an array by its index; undefined where there is none. */
export function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? (value as readonly unknown[])[Number(key)] : undefined;
  // What objects inherit is not data of the event.
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** What lies below a value under these keys, one inside the other. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    found = memberOf(found, key);
    if (found === undefined) return undefined;
  }
  return found;
}

/**
 * The keys of a JSON pointer (RFC 6901); a missing first slash is overlooked, as Falco does.
 */
export function pointerKeys(pointer: string): readonly string[] {
  const path = pointer.startsWith("/") ? pointer.slice(1) : pointer;
  return path.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Strings as they are, all else as JSON text; undefined for undefined. */
export function textOf(value: unknown): ByteString | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : jsonText(value);
  return text === undefined ? undefined : toByteString(text);
}
