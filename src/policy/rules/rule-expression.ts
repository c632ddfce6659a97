/** What all expressions of one evaluation of a policy may still cost. */
export interface CostBudget {
  left: number;
}

/** What an expression reads: plain JSON. */
export interface ExpressionValues {
  readonly finding: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
}

/** A condition in CEL. */
export interface RuleExpression {
  readonly source: string;
  /** Whether the condition holds, or what is missing for an answer. Takes its cost from the budget. */
  readonly evaluate: (values: ExpressionValues, budget: CostBudget) => boolean | { readonly missing: string };
}

/** Compiles a condition; `error` says why the text is not one, and where in it. */
export type CompileExpression = (source: string) => RuleExpression | { readonly error: string };
