import type { CheckReport, CheckResult } from "../../../model/checks/check.ts";
import { escapeMarkdown } from "../markdown/escape-markdown.ts";
import { artifactUri } from "./artifact-uri.ts";
import { type Candidate, type RunResult, shortened } from "./build-run.ts";

/** A check that failed as a result; the rule is the check. */
export function checkResult(result: CheckResult, target: CheckReport["target"]): Candidate {
  return { severity: result.severity, build: () => resultOf(result, target) };
}

function resultOf(result: CheckResult, target: CheckReport["target"]): RunResult {
  const { id, severity, title, resource, location, remediation } = result;
  const place = [target.name, ...(resource === undefined ? [] : [resource])].join(": ");
  const { line = 1, column } = location ?? {};
  const evidence = result.evidence.map(evidenceText).join("; ");
  const mappings = result.mappings.map((one) => `${one.framework} ${one.version ?? ""} ${one.id}`.replace(/ +/g, " "));
  return {
    rule: {
      id: shortened(id),
      shortDescription: { text: shortened(title) },
      help: {
        text: [title, remediation, ...mappings].map(shortened).join("\n"),
        markdown: [title, remediation, ...mappings].map((text) => escapeMarkdown(shortened(text))).join("\n\n"),
      },
    },
    tags: ["check"],
    message: `${resource === undefined ? "" : `${resource}: `}${title}${evidence === "" ? "" : ` (${evidence})`}`,
    location: {
      physicalLocation: {
        artifactLocation: { uri: artifactUri(location?.path ?? target.name) },
        region: { startLine: line, ...(column !== undefined && { startColumn: column }) },
      },
      logicalLocations: [{ fullyQualifiedName: shortened(place) }],
    },
    identity: ["check", id, resource ?? "", location?.path ?? ""],
    properties: { severity },
  };
}

function evidenceText({ subject, value, expected }: CheckResult["evidence"][number]): string {
  const found = value === undefined ? subject : `${subject}: ${value}`;
  return expected === undefined ? found : `${found}, expected ${expected}`;
}
