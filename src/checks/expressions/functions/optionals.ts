import { EvaluationFault } from "../values/fault.ts";
import { ListValue, MapValue, noValue, OptionalValue, UnsignedValue, type Value } from "../values/value.ts";
import { type Overload, overload } from "./overload.ts";

/**
 * Values that may be absent. `or` and `orValue` are here for their names: the compiler evaluates them, as they leave
 * out what is not needed.
 */
export const optionalFunctions: readonly Overload[] = [
  overload("optional.of", { takes: ["any"], gives: "optional", run: ([value]) => new OptionalValue(value) }),
  overload("optional.ofNonZeroValue", {
    takes: ["any"],
    gives: "optional",
    run: ([value]) => (isZero(value) ? noValue : new OptionalValue(value)),
  }),
  overload("optional.none", { takes: [], gives: "optional", run: () => noValue }),
  overload("optional.unwrap", { takes: ["list"], gives: "list", run: ([list]) => unwrap(list) }),
  overload(".unwrapOpt", { takes: ["list"], gives: "list", run: ([list]) => unwrap(list) }),
  overload(".hasValue", { takes: ["optional"], gives: "bool", run: ([{ value }]) => value !== undefined }),
  overload(".value", {
    takes: ["optional"],
    gives: "any",
    run: ([{ value }]) => {
      if (value === undefined) throw new EvaluationFault("optional.none() dereference");
      return value;
    },
  }),
  overload(".or", {
    takes: ["optional", "optional"],
    gives: "optional",
    run: ([a, b]) => (a.value === undefined ? b : a),
  }),
  overload(".orValue", {
    takes: ["optional", "any"],
    gives: "any",
    run: ([a, b]) => (a.value === undefined ? b : a.value),
  }),
];

function unwrap({ items }: ListValue): ListValue {
  return new ListValue(
    items.flatMap((item) => {
      if (!(item instanceof OptionalValue))
        throw new EvaluationFault("no such overload: unwrap takes a list of optionals");
      return item.value === undefined ? [] : [item.value];
    }),
  );
}

function isZero(value: Value): boolean {
  if (value instanceof ListValue) return value.items.length === 0;
  if (value instanceof MapValue) return value.size === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof UnsignedValue) return value.value === 0n;
  if (value instanceof OptionalValue) return value.value === undefined;
  if (typeof value === "object" && value !== null && "nanoseconds" in value) return value.nanoseconds === 0n;
  return value === null || value === false || value === "" || value === 0n || value === 0;
}
