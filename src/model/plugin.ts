import type { Problem } from "./reports/problem.ts";

/** What every plug-in has. */
export interface Plugin {
  /** Folder and name, for example `os/apk`: its place in the tree and its name in reports and documents. */
  readonly id: string;
  /** Part of every cache key: raise it whenever the plug-in's output changes for the same input. */
  readonly revision: number;
}

/** What a plug-in is given besides its input. */
export interface Context {
  readonly signal: AbortSignal;
  /** Reports something that could not be examined. */
  readonly problem: (problem: Problem) => void;
}
