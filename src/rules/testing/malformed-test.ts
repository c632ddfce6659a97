import { PlimsollError } from "../../model/error.ts";
import type { TestPlace } from "./rule-test.ts";

/** The error of a test that cannot be run: file and line, then what is wrong. */
export function malformedTest({ file, line }: TestPlace, what: string): PlimsollError {
  return new PlimsollError("file-malformed", `${file}:${line}: ${what}`, {
    hint: "The form of rule tests is described in docs/rules.md.",
  });
}
