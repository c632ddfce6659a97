import { expect, test } from "vitest";
import { schemeOf } from "./ecosystems.ts";
import { rememberingSchemeOf } from "./remembering-scheme.ts";

test("a scheme that remembers orders as the one that does not", () => {
  const scheme = rememberingSchemeOf("PyPI");
  const plain = schemeOf("PyPI");
  expect(scheme?.id).toBe("pep440");
  for (const text of ["1.0", "v1.0.0", "not a version", "1!2.0rc1", "1.0"]) {
    expect(scheme?.parse(text)).toEqual(plain?.parse(text));
  }
  expect(scheme?.compare(scheme.parse("1.0"), scheme.parse("1.0.0"))).toBe(0);
  expect(rememberingSchemeOf("Nowhere")).toBeUndefined();
});
