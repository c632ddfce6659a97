import type { Evidence } from "../model/checks/check.ts";

const longestValue = 500;

/** One thing that was looked at; `value` undefined when nothing was there. Long values are cut. */
export function evidence(subject: string, value: string | number | boolean | undefined, expected?: string): Evidence {
  const text = value === undefined ? undefined : String(value);
  return {
    subject,
    ...(text !== undefined && { value: text.length > longestValue ? `${text.slice(0, longestValue)}…` : text }),
    ...(expected !== undefined && { expected }),
  };
}

/** A word for a shell command that people review: quoted unless it is plain. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
