import { EvaluationFault } from "../values/fault.ts";
import { QuantityValue } from "../values/quantity-value.ts";
import { intOf } from "./integers.ts";
import { type Overload, overload } from "./overload.ts";

/** Amounts of resources, by k8s.io/apiserver, pkg/cel/library/quantity.go. */
export const quantityFunctions: readonly Overload[] = [
  overload("isQuantity", { takes: ["string"], gives: "bool", run: ([text]) => readQuantity(text) !== undefined }),
  overload("quantity", { takes: ["string"], gives: "quantity", run: ([text]) => parseQuantity(text) }),
  // Kubernetes has it as a function only, whatever its documentation says.
  overload("sign", {
    takes: ["quantity"],
    gives: "int",
    run: ([{ nano }]) => (nano === 0n ? 0n : nano > 0n ? 1n : -1n),
  }),
  overload(".isInteger", { takes: ["quantity"], gives: "bool", run: ([quantity]) => wholeOf(quantity) !== undefined }),
  overload(".asInteger", {
    takes: ["quantity"],
    gives: "int",
    run: ([quantity]) => {
      const whole = wholeOf(quantity);
      if (whole === undefined) throw new EvaluationFault("cannot convert value to integer");
      return whole;
    },
  }),
  overload(".asApproximateFloat", { takes: ["quantity"], gives: "double", run: ([{ nano }]) => Number(nano) / 1e9 }),
  overload(".add", {
    takes: ["quantity", "quantity"],
    gives: "quantity",
    run: ([a, b]) => new QuantityValue(a.nano + b.nano),
  }),
  overload(".add", {
    takes: ["quantity", "int"],
    gives: "quantity",
    run: ([a, b]) => new QuantityValue(a.nano + b * billion),
  }),
  overload(".sub", {
    takes: ["quantity", "quantity"],
    gives: "quantity",
    run: ([a, b]) => new QuantityValue(a.nano - b.nano),
  }),
  overload(".sub", {
    takes: ["quantity", "int"],
    gives: "quantity",
    run: ([a, b]) => new QuantityValue(a.nano - b * billion),
  }),
  overload(".isLessThan", { takes: ["quantity", "quantity"], gives: "bool", run: ([a, b]) => a.nano < b.nano }),
  overload(".isGreaterThan", { takes: ["quantity", "quantity"], gives: "bool", run: ([a, b]) => a.nano > b.nano }),
  overload(".compareTo", {
    takes: ["quantity", "quantity"],
    gives: "int",
    run: ([a, b]) => (a.nano === b.nano ? 0n : a.nano < b.nano ? -1n : 1n),
  }),
];

const billion = 1_000_000_000n;
const shape = /^([+-]?)(\d{0,100})(?:\.(\d{0,100}))?([eE][+-]?\d{1,3}|[KMGTPE]i|[numkMGTPE])?$/;
const powersOfTen: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const powersOfTwo: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

function parseQuantity(text: string): QuantityValue {
  const read = readQuantity(text);
  if (!read)
    throw new EvaluationFault(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  return read;
}

/** Undefined for what is not a quantity. A fraction finer than 10⁻⁹ is rounded up. */
function readQuantity(text: string): QuantityValue | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", fraction = "", suffix = ""] = match;
  if (digits === "" && fraction === "") return undefined;
  let numerator = BigInt(digits + fraction) * billion;
  let ten = -fraction.length;
  if (/^[eE]./.test(suffix) && suffix !== "Ei") ten += Number(suffix.slice(1));
  else if (suffix in powersOfTwo) numerator <<= BigInt(powersOfTwo[suffix] ?? 0);
  else ten += powersOfTen[suffix] ?? 0;
  if (ten > 0) numerator *= 10n ** BigInt(ten);
  const denominator = ten < 0 ? 10n ** BigInt(-ten) : 1n;
  const nano = (numerator + denominator - 1n) / denominator;
  return new QuantityValue(sign === "-" ? -nano : nano);
}

function wholeOf({ nano }: QuantityValue): bigint | undefined {
  if (nano % billion !== 0n) return undefined;
  try {
    return intOf(nano / billion);
  } catch {
    return undefined;
  }
}
