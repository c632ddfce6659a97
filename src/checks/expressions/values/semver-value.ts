import { compareText } from "../../../model/text/compare-text.ts";
import { ObjectValue } from "./object-value.ts";

/** A semantic version. */
export class SemverValue extends ObjectValue {
  readonly kind = "semver";
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: readonly string[];
  readonly build: readonly string[];

  constructor(parts: Omit<SemverValue, "kind" | "equals" | "compare">) {
    super();
    this.major = parts.major;
    this.minor = parts.minor;
    this.patch = parts.patch;
    this.prerelease = parts.prerelease;
    this.build = parts.build;
  }

  equals(other: unknown): boolean {
    return other instanceof SemverValue && this.compare(other) === 0;
  }

  /** By semver.org, section 11. */
  compare(other: SemverValue): number {
    for (const part of ["major", "minor", "patch"] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1 : 1;
    }
    if (this.prerelease.length === 0 || other.prerelease.length === 0) {
      return Math.sign(other.prerelease.length - this.prerelease.length);
    }
    const length = Math.min(this.prerelease.length, other.prerelease.length);
    for (let index = 0; index < length; index++) {
      const order = compareIdentifiers(this.prerelease[index] ?? "", other.prerelease[index] ?? "");
      if (order !== 0) return order;
    }
    return Math.sign(this.prerelease.length - other.prerelease.length);
  }
}

function compareIdentifiers(a: string, b: string): number {
  const isNumber = /^\d+$/;
  const isLeftNumber = isNumber.test(a);
  if (isLeftNumber !== isNumber.test(b)) return isLeftNumber ? -1 : 1;
  if (isLeftNumber && BigInt(a) !== BigInt(b)) return BigInt(a) < BigInt(b) ? -1 : 1;
  return isLeftNumber ? 0 : compareText(a, b);
}
