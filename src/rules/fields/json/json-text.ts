/** What `JSON.stringify` prints without quotes. */
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/**
 * The JSON text of a value that came from JSON, without blanks, members in their order. Integers above 2^53 are bigints
 * and print as digits. `undefined` when it is nested so deeply that it cannot be written.
 */
export function jsonText(value: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    return JSON.stringify(value, withBigints, indent);
  }
}

function withBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value;
}
