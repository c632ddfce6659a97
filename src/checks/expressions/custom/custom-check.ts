import type { CheckLocation, CheckMapping, CheckResult } from "../../../model/checks/check.ts";
import type { Check, CheckDescription, Observation } from "../../check.ts";
import type { CheckTitle } from "../../check-title.ts";
import {
  type EvaluationInput,
  type Expression,
  type Outcome,
  type RunOptions,
  usualCostLimit,
  usualRunLimit,
} from "../expression.ts";
import { Meter } from "../values/meter.ts";
import { kindOf, typeName } from "../values/value.ts";

/** What a custom check looks at: one of these is `object` in its expressions. */
export const customCheckKinds = ["manifest", "docker-container", "image", "dockerfile-instruction", "host"] as const;
/** A member of {@link customCheckKinds}. */
export type CustomCheckKind = (typeof customCheckKinds)[number];

/** A check that a user wrote, with compiled expressions. */
export interface CustomCheck {
  readonly id: string;
  readonly kind: CustomCheckKind;
  readonly title: CheckTitle;
  readonly severity: CheckResult["severity"];
  readonly why: string;
  readonly remediation: string;
  readonly mappings: readonly CheckMapping[];
  /** Which objects it is about; all without it. */
  readonly when: Expression | undefined;
  /** True for an object that passes. */
  readonly expression: Expression;
  readonly message: string | undefined;
  readonly messageExpression: Expression | undefined;
}

/** One object that custom checks look at. */
export interface CustomObject {
  /** Plain JSON. */
  readonly value: unknown;
  /** As of an `Observation`. */
  readonly resource?: string;
  /** Where it is written. */
  locate?(): CheckLocation | undefined;
}

/** The objects of the kind of a check, see {@link runnableCheck}. */
export interface CustomFacts {
  readonly objects: readonly CustomObject[];
}

const longestMessage = 2000;
const tooMuch = "the check exceeds the cost limit: this object and later ones were not checked";

/**
 * A custom check as one that `runChecks` runs, over the objects of its kind. An expression without a value is a `warn`.
 */
export function runnableCheck(check: CustomCheck, { costLimit = usualRunLimit }: RunOptions = {}): Check<CustomFacts> {
  const { id, title, severity, why, remediation, mappings } = check;
  const description: CheckDescription = { id, title, severity, why, remediation, mappings };
  return {
    ...description,
    needs: [],
    *evaluate({ objects }): Iterable<Observation> {
      let left = costLimit;
      for (const object of objects) {
        if (left <= 0) {
          yield { ...placeOf(object), state: "warn", evidence: [], reason: tooMuch };
          return;
        }
        const meter = new Meter(usualCostLimit);
        const observation = observe(check, object, meter);
        left -= usualCostLimit - Math.max(meter.left, 0);
        if (observation) yield observation;
      }
    },
  };
}

/** What a custom check sees of an object; undefined when it is not about it. */
function observe(check: CustomCheck, object: CustomObject, meter: Meter): Observation | undefined {
  const { resource } = object;
  const input = { values: { object: object.value }, meter };
  const cannotTell = (what: string, outcome: Outcome): Observation => ({
    ...placeOf(object),
    state: "warn",
    evidence: [],
    reason: complaint(what, outcome),
  });
  const selected = check.when?.evaluate(input);
  if (selected && (!("value" in selected) || typeof selected.value !== "boolean")) return cannotTell("when", selected);
  if (selected && "value" in selected && selected.value === false) return undefined;
  const outcome = check.expression.evaluate(input);
  if (!("value" in outcome) || typeof outcome.value !== "boolean") return cannotTell("expression", outcome);
  if (outcome.value) return { ...(resource === undefined ? {} : { resource }), state: "pass", evidence: [] };
  const message = messageOf(check, input);
  const evidence = [{ subject: check.expression.source.trim(), value: "false", expected: "true" }];
  return { ...placeOf(object), state: "fail", evidence, ...(message === undefined ? {} : { reason: message }) };
}

function messageOf({ message, messageExpression }: CustomCheck, input: EvaluationInput): string | undefined {
  const outcome = messageExpression?.evaluate(input);
  const made = outcome && "value" in outcome && typeof outcome.value === "string" ? outcome.value.trim() : "";
  return made === "" || made.length > longestMessage ? message : made;
}

function placeOf({ resource, locate }: CustomObject): Pick<Observation, "resource" | "location"> {
  const location = locate?.();
  return { ...(resource === undefined ? {} : { resource }), ...(location ? { location } : {}) };
}

function complaint(what: string, outcome: Outcome): string {
  if ("error" in outcome) return `the ${what} cannot be evaluated: ${outcome.error}`;
  return `the ${what} returns a value of type ${typeName(kindOf(outcome.value))}, not a bool`;
}
