/** A double as Go writes it shortest: exponents from 10²¹ up and below 10⁻⁴. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) return exponentText(value);
  return plainText(value);
}

/** Without an exponent. */
export function plainText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = "", first = "", rest = "", exponentPart = "0"] = match;
  const digits = first + rest;
  const exponent = Number(exponentPart);
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, "0");
}

/** With an exponent of at least two digits, and as many digits as asked for. */
export function exponentText(value: number, digits?: number): string {
  return value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
}
