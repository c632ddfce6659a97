import { type FileFinding, fileFindingId } from "../../../model/findings/file-finding.ts";
import type { Target } from "../../../model/reports/report.ts";
import { commitText } from "../../file-finding-text.ts";
import { artifactUri, pathInTarget } from "./artifact-uri.ts";
import { type Candidate, type RunResult, shortened } from "./build-run.ts";

/** A secret or a malicious file as a result; the rule is its kind. */
export function fileFindingResult(finding: FileFinding, target: Pick<Target, "kind" | "name">): Candidate {
  return { severity: finding.severity, build: () => resultOf(finding, target) };
}

const advice: Readonly<Record<FileFinding["kind"], string>> = {
  secret: "Revoke it, and issue a new one that is not stored here.",
  malware: "Do not run it. Find out how it came here, and rebuild without it.",
};

function resultOf(finding: FileFinding, target: Pick<Target, "kind" | "name">): RunResult {
  const { kind, title, path, severity, deleted } = finding;
  const removed = deleted ? ", in a file that a later layer removes" : "";
  return {
    rule: {
      id: fileFindingId(finding),
      shortDescription: { text: title },
      help: { text: `${title}\n${advice[kind]}`, markdown: `**${title}**\n\n${advice[kind]}` },
    },
    tags: [kind],
    message: shortened(
      `${title} found: ${finding.kind === "secret" ? finding.shape : finding.sha256}${removed}${commitText(finding)}.`,
    ),
    location: {
      physicalLocation: {
        artifactLocation: { uri: artifactUri(pathInTarget(target, path)) },
        region: { startLine: finding.kind === "secret" ? finding.line : 1 },
      },
      logicalLocations: [{ fullyQualifiedName: shortened(`${target.name}: ${path}`) }],
    },
    identity: [kind, finding.rule, path, (finding.kind === "secret" ? finding.fingerprint : finding.sha256) ?? ""],
    properties: { severity },
  };
}
