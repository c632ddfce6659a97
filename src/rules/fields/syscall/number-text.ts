import { trimEnd } from "../../../model/text/trim-end.ts";

/** How {@link integerText} prints. */
export interface IntegerKind {
  /** In bytes: 1, 2, 4 or 8. */
  readonly width: number;
  /** `DEC`, `HEX`, `OCT` or `10_PADDED_DEC`; anything else prints as `DEC`. */
  readonly format: string;
  /** Whether a decimal number may be negative. */
  readonly isSigned: boolean;
}

/** An integer of memory, little-endian, as C's `%d`, `%X`, `%#o` and `%09d` print it. */
export function integerText(bytes: Buffer, at: number, { width, format, isSigned }: IntegerKind): string {
  const isDecimal = format !== "HEX" && format !== "OCT";
  const value =
    width === 8
      ? wide(bytes, at, isSigned && isDecimal)
      : narrow(bytes, at, { width, isSigned: isSigned && isDecimal });
  switch (format) {
    case "HEX":
      return value.toString(16).toUpperCase();
    case "OCT":
      return value === 0 || value === 0n ? "0" : `0${value.toString(8)}`;
    case "10_PADDED_DEC":
      return value.toString().padStart(9, "0");
    default:
      return value.toString();
  }
}

/** A number as C's `%g` prints it: six digits at most, without zeros at the end. */
export function generalFormat(value: number): string {
  if (value === 0) return "0";
  const [digits = "", exponentText = "0"] = value.toExponential(5).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return trimmed(value.toFixed(Math.max(0, 5 - exponent)));
  return `${trimmed(digits)}e${exponent < 0 ? "-" : "+"}${`${Math.abs(exponent)}`.padStart(2, "0")}`;
}

function trimmed(text: string): string {
  return text.includes(".") ? trimEnd(text, "0").replace(/\.$/, "") : text;
}

function narrow(bytes: Buffer, at: number, { width, isSigned }: { width: number; isSigned: boolean }): number {
  return isSigned ? bytes.readIntLE(at, width) : bytes.readUIntLE(at, width);
}

function wide(bytes: Buffer, at: number, isSigned: boolean): number | bigint {
  const high = isSigned ? bytes.readInt32LE(at + 4) : bytes.readUInt32LE(at + 4);
  const value = high * 0x1_0000_0000 + bytes.readUInt32LE(at);
  if (Number.isSafeInteger(value)) return value;
  return isSigned ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at);
}
