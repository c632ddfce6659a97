import { createHash } from "node:crypto";

/** A secret of a test that can be found again, however it was written and wherever it was cut. */
export interface MarkedSecret {
  /** What it is, for a person: "the password of ada". */
  readonly name: string;
  readonly value: string;
  /** Its first and last characters: letters and digits, which no other text has. */
  readonly mark: string;
}

/**
 * A password with characters that each language writes in its own way, the same each time for a name; a token has only
 * what may stand in a header, and a plain one letters and digits alone, as the names of hosts have them.
 */
export function markedSecret(name: string, kind: "password" | "token" | "plain" = "password"): MarkedSecret {
  const mark = `Mk${createHash("sha256").update(name).digest("hex").slice(0, 9)}Xq7Z`;
  const between = { password: '/+"& é\\<%', token: ".-_~+/=", plain: "0" }[kind];
  return { name, value: `${mark}${between}${mark}`, mark };
}

/** The marks of secrets that are in a text, by the names of the secrets; bytes as `latin1`. */
export function secretsFound(text: string, secrets: readonly MarkedSecret[]): readonly string[] {
  const folded = text.toLowerCase();
  return secrets
    .filter(({ mark }) => formsOf(mark).some((form) => isIn(form, { text, folded })))
    .map(({ name }) => name);
}

interface Form {
  readonly text: string;
  /** True where upper and lower case are the same. */
  readonly folds: boolean;
}

function isIn(
  { text: form, folds }: Form,
  { text, folded }: { readonly text: string; readonly folded: string },
): boolean {
  return folds ? folded.includes(form.toLowerCase()) : text.includes(form);
}

/** As it is, in hexadecimal, and in base64 whatever stands before it. */
const formsOf = remembered((mark): readonly Form[] => {
  // Also of one that was cut.
  const start = mark.slice(0, 11);
  const inBase64 = [0, 1, 2].map((before) => {
    const whole = Buffer.from(`${"\0".repeat(before)}${start}`)
      .toString("base64")
      .replace(/=+$/, "");
    // The first characters hold bits of what is before, the last one bits of what follows.
    return whole.slice(before === 0 ? 0 : before + 1, (start.length + before) % 3 === 0 ? undefined : -1);
  });
  return [
    { text: start, folds: true },
    { text: Buffer.from(start).toString("hex"), folds: true },
    // As Node.js shows bytes.
    { text: Array.from(Buffer.from(start), (byte) => byte.toString(16)).join(" "), folds: true },
    ...inBase64.map((text) => ({ text, folds: false })),
  ];
});

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
