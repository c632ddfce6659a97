const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `30s`, `5m`, `12h`, `7d`; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 0);
}
