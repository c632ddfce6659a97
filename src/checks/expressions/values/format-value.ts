import { ObjectValue } from "./object-value.ts";

/** A format of Kubernetes that a string can be validated against. */
export class FormatValue extends ObjectValue {
  readonly kind = "format";
  readonly name: string;
  /** The faults of a string; empty for a valid one. */
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
