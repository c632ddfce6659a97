/** An AppArmor policy cannot be read: a syntax error, or a statement that the compiler refuses. */
export class PolicyError extends Error {
  readonly line: number;
  readonly file: string | undefined;

  constructor(message: string, line: number, file?: string) {
    super(message);
    this.name = "PolicyError";
    this.line = line;
    this.file = file;
  }
}
