/** What every value is that JavaScript has no primitive for: tells values from the objects of JSON. */
export abstract class ObjectValue {
  abstract readonly kind: string;
}
