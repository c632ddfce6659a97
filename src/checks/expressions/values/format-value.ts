import { ObjectValue } from "./object-value.ts";

/** One of the formats of Kubernetes that a string can be validated against. */
export class FormatValue extends ObjectValue {
  readonly kind = "format";
  readonly name: string;
  /** What is wrong with a string; empty when nothing is. */
  readonly validate: (text: string) => readonly string[];

  constructor(name: string, validate: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.validate = validate;
  }

  equals(other: unknown): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}
