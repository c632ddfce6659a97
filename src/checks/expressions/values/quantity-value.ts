import { ObjectValue } from "./object-value.ts";

/** An amount as Kubernetes writes it: `1.5Gi`, `250m`. */
export class QuantityValue extends ObjectValue {
  readonly kind = "quantity";
  /** In units of 10⁻⁹, the smallest that Kubernetes keeps. */
  readonly nano: bigint;

  constructor(nano: bigint) {
    super();
    this.nano = nano;
  }

  equals(other: unknown): boolean {
    return other instanceof QuantityValue && other.nano === this.nano;
  }
}
