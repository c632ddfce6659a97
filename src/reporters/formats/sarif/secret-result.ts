import { type SecretFinding, secretId } from "../../../model/findings/secret.ts";
import type { Target } from "../../../model/reports/report.ts";
import { artifactUri, pathInTarget } from "./artifact-uri.ts";
import { type Candidate, type RunResult, shortened } from "./build-run.ts";

/** A secret as a result; the rule is its kind. */
export function secretResult(secret: SecretFinding, target: Pick<Target, "kind" | "name">): Candidate {
  return { severity: secret.severity, build: () => resultOf(secret, target) };
}

function resultOf(secret: SecretFinding, target: Pick<Target, "kind" | "name">): RunResult {
  const { title, shape, path, line, severity, deleted, fingerprint } = secret;
  const removed = deleted ? ", in a file that a later layer removes" : "";
  return {
    rule: {
      id: secretId(secret),
      shortDescription: { text: title },
      help: {
        text: `${title}\nRevoke it, and issue a new one that is not stored here.`,
        markdown: `**${title}**\n\nRevoke it, and issue a new one that is not stored here.`,
      },
    },
    tags: ["secret"],
    message: shortened(`${title} found: ${shape}${removed}.`),
    location: {
      physicalLocation: {
        artifactLocation: { uri: artifactUri(pathInTarget(target, path)) },
        region: { startLine: line },
      },
      logicalLocations: [{ fullyQualifiedName: shortened(`${target.name}: ${path}`) }],
    },
    identity: ["secret", secret.rule, path, fingerprint ?? ""],
    properties: { severity },
  };
}
