const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A date, or a date with a time and a zone, as RFC 3339 in UTC; undefined for any other text. */
export function dateTime(text: string | undefined): string | undefined {
  if (text === undefined || !form.test(text)) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return undefined;
  const written = new Date(time).toISOString();
  return form.test(written) ? written : undefined;
}
