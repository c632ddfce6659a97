/** Headers by name, in any case, as Node's `IncomingMessage` has them. */
export type NotificationHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The value of a header by its name in any case; undefined when there is none, or more than one. */
export function headerOf(headers: NotificationHeaders, name: string): string | undefined {
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .flatMap(([, value]) => value ?? []);
  return values.length === 1 ? values[0] : undefined;
}
