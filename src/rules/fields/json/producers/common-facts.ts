/** A program of which an event tells, as far as its producer knows it. Texts are as in the JSON. */
export interface ProcessFacts {
  /** The name in the kernel, at most 15 bytes. */
  readonly name?: string | undefined;
  readonly exepath?: string | undefined;
  /** All arguments after the first, joined by blanks. */
  readonly args?: string | undefined;
  readonly cwd?: string | undefined;
  readonly pid?: number | undefined;
  readonly uid?: number | undefined;
  /** -1 without a login. */
  readonly loginUid?: number | undefined;
}

/** One end of a connection. */
export interface EndFacts {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
}

/** What producers of events have in common, under the names of Falco's fields. */
export interface CommonFacts {
  /** The kernel's word for what happened, where there is one: `execve`, `procexit`, `connect`, … */
  readonly type?: string | undefined;
  readonly process?: ProcessFacts | undefined;
  readonly parent?: ProcessFacts | undefined;
  readonly container?: {
    /** `host` for none. */
    readonly id?: string | undefined;
    readonly name?: string | undefined;
    readonly image?: string | undefined;
  };
  readonly pod?: { readonly name?: string | undefined; readonly namespace?: string | undefined };
  readonly connection?: {
    readonly protocol?: string | undefined;
    readonly local?: EndFacts;
    readonly remote?: EndFacts;
    /** Which end began it. */
    readonly client?: "local" | "remote" | undefined;
  };
  /** The file that the event is about. */
  readonly path?: string | undefined;
}

/** The facts of an event of one producer. */
export type ReadFacts = (value: unknown) => CommonFacts;

const longestName = 15;

/** The last part of a path as the kernel would call the process, which cuts names after 15 bytes. */
export function nameOf(path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return Buffer.from(name, "utf8").subarray(0, longestName).toString("utf8");
}

/** A text that is not empty. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A whole number, also one that is written as text. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}
