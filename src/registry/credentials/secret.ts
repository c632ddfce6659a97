/**
 * A password or token that does not show itself: as text and in JSON it is `[secret]`, and `util.inspect` and
 * `console.log` see nothing of it, nor where they look at what holds it. Only {@link Secret.reveal} gives it away.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself, to be written only into a request or a helper's input. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
