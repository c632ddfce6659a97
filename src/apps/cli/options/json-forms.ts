/** What JSON may come in: that of a program or service, any, or whatever each object shows itself to be. */
export const jsonForms = [
  "auto",
  "json",
  "falco",
  "tetragon",
  "tracee",
  "cloudtrail",
  "github",
  "okta",
  "gcpaudit",
] as const;

/** A member of {@link jsonForms}. */
export type JsonForm = (typeof jsonForms)[number];
