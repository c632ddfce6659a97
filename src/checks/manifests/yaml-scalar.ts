// What the text of a plain scalar stands for, as Kubernetes reads YAML: by the rules of YAML 1.1 as gopkg.in/yaml.v2
// has them, on the way to JSON. So `yes` and `on` are true, `0755` is a number in base eight, and times stay text.

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((text) => [text, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((text) => [text, false] as const),
]);
const longestNumber = 64;
const decimal = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const octal = /^([-+]?)0o?([0-7_]+)$/;
const prefixed = /^([-+]?)(0x[0-9a-fA-F_]+|0b[01_]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** The value of a plain scalar; itself when it is neither null, nor a boolean, nor a number. */
export function resolvePlainScalar(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  const mayBeNumber = (first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46;
  if (!mayBeNumber || text.length > longestNumber) return text;
  return readNumber(text) ?? text;
}

function readNumber(text: string): number | undefined {
  if (decimal.test(text)) return Number(text.replaceAll("_", ""));
  const [, octalSign = "", digits] = octal.exec(text) ?? [];
  if (digits !== undefined) return sign(octalSign) * Number.parseInt(digits.replaceAll("_", ""), 8);
  const [, prefixedSign = "", number] = prefixed.exec(text) ?? [];
  if (number !== undefined) return sign(prefixedSign) * Number(number.replaceAll("_", ""));
  return float.test(text) ? Number(text) : undefined;
}

function sign(text: string): number {
  return text === "-" ? -1 : 1;
}
