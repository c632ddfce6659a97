/** A fault in a rule file. */
export class RuleError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Valid YARA that this engine does not evaluate; the message completes the sentence "needs …". */
export class NeedsEngine extends Error {}
