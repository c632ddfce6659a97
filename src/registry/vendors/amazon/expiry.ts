/**
 * A time of expiry as AWS writes it, in milliseconds since 1970: text of ISO 8601, also with `UTC` for `Z`, or
 * milliseconds. Undefined for none.
 */
export function expiryOf(value: unknown): number | undefined | "malformed" {
  if (value === undefined || value === null || value === "") return undefined;
  const time = typeof value === "string" ? Date.parse(value.replace(/UTC$/, "Z")) : value;
  return typeof time === "number" && Number.isFinite(time) ? time : "malformed";
}
