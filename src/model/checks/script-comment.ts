/** A comment of ShellCheck on a script. */
export interface ScriptComment {
  /** The number in `SC2086`. */
  readonly code: number;
  /** Offsets in the script's text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
}
