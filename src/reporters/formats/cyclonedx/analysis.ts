import type { Assessment, VexJustification, VexStatus } from "../../../model/findings/vex.ts";
import { type Waiver, waiverText } from "../../../model/findings/waiver.ts";
import { dateTime } from "../../documents/date-time.ts";
import { type Property, properties } from "../../documents/plimsoll-properties.ts";

const states: Readonly<Record<VexStatus, string>> = {
  not_affected: "not_affected",
  fixed: "resolved",
  under_investigation: "in_triage",
  affected: "exploitable",
};

/** The nearest words; the property `plimsoll:statement:justification` has the statement's own. */
const justifications: Readonly<Record<VexJustification, string>> = {
  component_not_present: "code_not_present",
  vulnerable_code_not_present: "code_not_present",
  vulnerable_code_not_in_execute_path: "code_not_reachable",
  vulnerable_code_cannot_be_controlled_by_adversary: "requires_environment",
  inline_mitigations_already_exist: "protected_by_mitigating_control",
};

/**
 * The statement and the waiver that apply to a finding as `analysis`. A waiver has no state: it says nothing about the
 * vulnerability.
 */
export function analysisOf(assessment: Assessment | undefined, waiver: Waiver | undefined): object {
  const stated = assessment && statementAnalysis(assessment);
  const details = [...(stated ? [stated.detail] : []), ...(waiver ? [waiverText(waiver)] : [])];
  return { ...stated, detail: details.join("\n") };
}

function statementAnalysis({ statement }: Assessment) {
  const { status, justification, impact_statement: impact, status_notes: notes, action_statement: action } = statement;
  const texts = [impact, notes, action].filter((text) => text !== undefined && text !== "");
  const time = dateTime(statement.timestamp);
  return {
    state: states[status],
    ...(status === "not_affected" && justification && { justification: justifications[justification] }),
    detail: [`Stated by ${statement.author}.`, ...texts].join("\n"),
    ...(time !== undefined && { lastUpdated: time }),
  };
}

/** The parts of the statement that `analysis` has no member for. */
export function statementProperties({ by, document, statement }: Assessment): readonly Property[] {
  return properties([
    ["plimsoll:statement:by", by],
    ["plimsoll:statement:author", statement.author],
    ["plimsoll:statement:document", document],
    ["plimsoll:statement:justification", statement.justification],
  ]);
}
