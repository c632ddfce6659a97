import type { FindingFacts, PolicyContext } from "./finding-facts.ts";
import type { ExpressionValues } from "./rule-expression.ts";

/**
 * The facts as expressions read them. A missing fact is absent, also an unknown severity, so that an expression which
 * needs it has no result instead of a wrong one.
 */
export function expressionValues(facts: FindingFacts, { environment, images }: PolicyContext): ExpressionValues {
  const { kind, ids, severity, paths, vulnerability } = facts;
  const { layer, ...known } = vulnerability ?? {};
  return {
    finding: {
      kind,
      ids,
      ...(severity !== "unknown" && { severity }),
      paths,
      ...known,
      ...(layer && { baseImage: layer.base }),
    },
    target: { environment, images },
  };
}
