import type { FileInScan, FunctionForm, Module, Type, Value } from "../conditions/value.ts";
import { partOf } from "./part-of.ts";

const integer = "integer";
const float = "float";

/** Statistics over the bytes of parts of a file, and over texts. */
export const mathModule: Module = {
  name: "math",
  type: {
    kind: "structure",
    fields: {
      MEAN_BYTES: float,
      entropy: onBytes(float, entropyOf),
      mean: onBytes(float, (bytes) => sumOf(bytes) / bytes.length),
      deviation: {
        kind: "function",
        forms: [
          {
            parameters: [integer, integer, float],
            result: float,
            call: (file, [offset, size, mean]) => {
              const part = partOf(file, Number(offset), Number(size));
              return part && deviationOf(part, Number(mean));
            },
          },
          {
            parameters: ["text", float],
            result: float,
            call: (_, [text, mean]) => deviationOf(Buffer.from(String(text), "latin1"), Number(mean)),
          },
        ],
      },
      in_range: form([float, float, float], "boolean", (value, low, high) => value >= low && value <= high),
      min: form([integer, integer], integer, Math.min),
      max: form([integer, integer], integer, Math.max),
      abs: form([integer], integer, Math.abs),
      to_number: {
        kind: "function",
        forms: [{ parameters: ["boolean"], result: integer, call: (_, [value]) => (value === true ? 1 : 0) }],
      },
      count: {
        kind: "function",
        forms: [
          counted(integer, [integer], (found) => found),
          counted(integer, [integer, integer, integer], (found) => found),
        ],
      },
      percentage: {
        kind: "function",
        forms: [
          counted(float, [integer], (found, all) => found / all),
          counted(float, [integer, integer, integer], (found, all) => found / all),
        ],
      },
      mode: {
        kind: "function",
        forms: [
          { parameters: [], result: integer, call: ({ bytes }) => modeOf(bytes) },
          {
            parameters: [integer, integer],
            result: integer,
            call: (file, [offset, size]) => {
              const part = partOf(file, Number(offset), Number(size));
              return part && modeOf(part);
            },
          },
        ],
      },
    },
  },
  fieldsOf: () => ({ MEAN_BYTES: 127.5 }),
};

function onBytes(result: FunctionForm["result"], calculate: (bytes: Uint8Array) => number): Type {
  return {
    kind: "function",
    forms: [
      {
        parameters: [integer, integer],
        result,
        call: (file, [offset, size]) => {
          const part = partOf(file, Number(offset), Number(size));
          return part && calculate(part);
        },
      },
      { parameters: ["text"], result, call: (_, [text]) => calculate(Buffer.from(String(text), "latin1")) },
    ],
  };
}

function form(
  parameters: FunctionForm["parameters"],
  result: FunctionForm["result"],
  calculate: (...values: number[]) => Value,
): Type {
  const call = (_: FileInScan, values: readonly Value[]): Value => calculate(...values.map(Number));
  return { kind: "function", forms: [{ parameters, result, call }] };
}

/** How often a byte occurs in a part, or in the whole file. */
function counted(
  result: FunctionForm["result"],
  parameters: FunctionForm["parameters"],
  calculate: (found: number, all: number) => number,
): FunctionForm {
  return {
    parameters,
    result,
    call: (file, [byte, offset = 0, size = file.bytes.length]) => {
      const part = partOf(file, Number(offset), Number(size));
      if (part === undefined || Number(byte) < 0 || Number(byte) > 255) return undefined;
      return calculate(histogramOf(part)[Number(byte)] ?? 0, part.length);
    },
  };
}

function histogramOf(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts;
}

function entropyOf(bytes: Uint8Array): number {
  let entropy = 0;
  for (const count of histogramOf(bytes)) {
    if (count > 0) entropy -= (count / bytes.length) * Math.log2(count / bytes.length);
  }
  return entropy;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum;
}

function deviationOf(bytes: Uint8Array, mean: number): number {
  let sum = 0;
  for (const byte of bytes) sum += Math.abs(byte - mean);
  return sum / bytes.length;
}

function modeOf(bytes: Uint8Array): number {
  const counts = histogramOf(bytes);
  return counts.indexOf(Math.max(...counts));
}
