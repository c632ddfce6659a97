import { trimEnd } from "../../../model/text/trim-end.ts";
import { EvaluationFault } from "../values/fault.ts";
import { type Overload, overload } from "./overload.ts";

/** The encoders extension of CEL. */
export const encoderFunctions: readonly Overload[] = [
  overload("base64.encode", {
    takes: ["bytes"],
    gives: "string",
    run: ([bytes], meter) => {
      meter.spendOn(bytes.length);
      return Buffer.from(bytes).toString("base64");
    },
  }),
  overload("base64.decode", {
    takes: ["string"],
    gives: "bytes",
    run: ([text], meter) => {
      meter.spendOn(text.length);
      if (!isBase64(text)) throw new EvaluationFault("illegal base64 data");
      return Buffer.from(text, "base64");
    },
  }),
];

/** True for base 64 with its padding, or without any. */
export function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && trimEnd(text, "=").length % 4 !== 1;
}
