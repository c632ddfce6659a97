/** Deeper nesting is refused, as Falco's plugins do. */
export const deepestJson = 300;

// An integer that a double may not hold, in a place where a value can begin.
const longInteger = /[:,[\s]-?[0-9]{16}/;
const wholeNumber = /^-?[0-9]{1,40}$/;

type ReviveNumber = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * The value of a JSON text with integers above 2^53 as bigints, so that no digit of a time in nanoseconds is lost.
 * Undefined, which no JSON stands for, when the text is not JSON or nested deeper than {@link deepestJson}.
 */
export function parseExactJson(text: string): unknown {
  let value: unknown;
  try {
    value = longInteger.test(text)
      ? JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch {
    return undefined;
  }
  return isDeeper(value, deepestJson) ? undefined : value;
}

const exactNumber: ReviveNumber = (_key, value, { source }) =>
  typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && wholeNumber.test(source)
    ? BigInt(source)
    : value;

function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) if (isDeeper(element, limit - 1)) return true;
    return false;
  }
  for (const key in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[key], limit - 1)) return true;
  return false;
}
