import { malformedYaml } from "../../io/documents/yaml-shape.ts";
import type { PlimsollError } from "../../model/error.ts";
import type { TestPlace } from "./rule-test.ts";

/** Where the form of rule tests is described. */
export const testHint = "See docs/rules.md for the format of rule tests.";

/** The error of a test that cannot be run: file and line, then what is wrong. */
export function malformedTest(place: TestPlace, what: string): PlimsollError {
  return malformedYaml(place, what, testHint);
}
