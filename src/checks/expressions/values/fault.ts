/**
 * The evaluation of an expression cannot give a value. Logical operators may still do without it. Caught inside of the
 * engine.
 */
export class EvaluationFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * The evaluation ends without an answer, because it exceeded a limit or needs an unknown value: no operator hides it.
 * Caught inside of the engine.
 */
export class AbortFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The text cannot become an expression. Caught inside of the engine. */
export class CompileFault {
  readonly message: string;
  /** The offset of the place in the text, in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    this.message = message;
    this.offset = offset;
  }
}
