import { expect, test } from "vitest";
import { createdOf } from "./registry-image-dates.ts";

test("a config without a usable date has none", () => {
  const of = (text: string): string | null => createdOf(Buffer.from(text));
  expect(of('{"created":"2024-01-01T00:00:00Z"}')).toBe("2024-01-01T00:00:00Z");
  for (const text of ['{"created":"yesterday"}', '{"created":5}', "{}", "[]", "no JSON"]) expect(of(text)).toBeNull();
});
