import { malformedTest } from "./malformed-test.ts";
import type { TestPlace } from "./rule-test.ts";

/** A value from a test file, with the way to it, so that whoever wrote it can find what is wrong. */
export class Shape {
  readonly value: unknown;
  readonly place: TestPlace;
  readonly #path: string;

  constructor(value: unknown, place: TestPlace, path: string) {
    this.value = value;
    this.place = place;
    this.#path = path;
  }

  /** `PlimsollError` `file-malformed`: file and line, the way to the value, and `what` is wrong with it. */
  refuse(what: string): never {
    throw malformedTest(this.place, this.#path === "" ? what : `${this.#path} ${what}`);
  }

  /** The members of a mapping. A key that is not among `known` is refused. */
  members<Key extends string>(known: readonly Key[]): (key: Key) => Shape | undefined {
    const map = this.mapping();
    const unknown = [...map.keys()].find((key) => !known.some((name) => name === key));
    if (unknown !== undefined) this.refuse(`has the key "${unknown}", which is none of ${known.join(", ")}`);
    return (key) => map.get(key);
  }

  mapping(): ReadonlyMap<string, Shape> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("is not a mapping");
    return new Map(Object.entries(value).map(([key, member]) => [key, this.#inside(member, key)]));
  }

  list(): readonly Shape[] {
    if (!Array.isArray(this.value)) this.refuse("is not a list");
    return this.value.map((member, index) => this.#inside(member, `${index}`));
  }

  text(): string {
    if (typeof this.value !== "string") this.refuse("is not a text");
    return this.value;
  }

  /** A text, or a number or truth value as YAML prints it. */
  scalarText(): string {
    if (typeof this.value !== "string" && typeof this.value !== "number" && typeof this.value !== "boolean") {
      this.refuse("is not a text or number");
    }
    return String(this.value);
  }

  truth(): boolean {
    if (typeof this.value !== "boolean") this.refuse("is not true or false");
    return this.value;
  }

  /** An integer from `least` to 2^32 - 1. */
  number(least = 0): number {
    const value = this.seconds();
    if (!Number.isInteger(value)) this.refuse("is not an integer");
    if (value < least) this.refuse(`is less than ${least}`);
    return value;
  }

  /** A number from 0 to 2^32 - 1, with fractions. */
  seconds(): number {
    const { value } = this;
    if (typeof value !== "number") this.refuse("is not a number");
    if (!(value >= 0 && value <= 0xffff_ffff)) this.refuse("is negative or too large");
    return value;
  }

  /** A name or a number that stands for the same thing. */
  nameOrNumber(): string | number {
    return typeof this.value === "number" ? this.number() : this.text();
  }

  /** A list of texts, or one text with blanks between them. */
  words(): readonly string[] {
    if (typeof this.value === "string") return this.value.split(" ").filter((word) => word !== "");
    return this.list().map((word) => word.scalarText());
  }

  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.mapping()].map(([key, member]) => [key, member.scalarText()]));
  }

  #inside(value: unknown, key: string): Shape {
    return new Shape(value, this.place, this.#path === "" ? key : `${this.#path}.${key}`);
  }
}
