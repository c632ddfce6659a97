/** The value of a JSON text in which whole numbers that a double cannot hold are bigints. */
export function parseExactJson<T>(text: string): T {
  const exact = (_: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) ? BigInt(source) : value;
  return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]) as T;
}
