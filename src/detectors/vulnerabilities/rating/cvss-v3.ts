import { readMetrics } from "./cvss-metrics.ts";

const required = {
  AV: "N A L P",
  AC: "L H",
  PR: "N L H",
  UI: "N R",
  S: "U C",
  C: "H L N",
  I: "H L N",
  A: "H L N",
};

/** A vector as nearly all are written: the required metrics alone, in their order. */
const usual =
  /^CVSS:3\.[01]\/AV:([NALP])\/AC:([LH])\/PR:([NLH])\/UI:([NR])\/S:([UC])\/C:([HLN])\/I:([HLN])\/A:([HLN])$/;

type Weights = Readonly<Record<string, number>>;

const vectors: Weights = { N: 0.85, A: 0.62, L: 0.55, P: 0.2 };
const complexities: Weights = { L: 0.77, H: 0.44 };
const privileges: Weights = { N: 0.85, L: 0.62, H: 0.27 };
/** Privileges weigh more when the scope changes. */
const changedPrivileges: Weights = { N: 0.85, L: 0.68, H: 0.5 };
const interactions: Weights = { N: 0.85, R: 0.62 };
const impacts: Weights = { H: 0.56, L: 0.22, N: 0 };

/**
 * The base score of a CVSS 3.0 or 3.1 vector, 0 to 10; undefined when it is neither. Temporal and environmental metrics
 * are passed over.
 *
 * Source: CVSS v3.1 specification document, section 7.1 and appendix A (rounding up); the base formula of 3.0 is the
 * same.
 */
export function scoreCvss3(vector: string): number | undefined {
  const values = usual.exec(vector)?.slice(1) ?? inAnyOrder(vector);
  if (!values) return undefined;
  const [attack, complexity, privilege, interaction, scope, ...losses] = values;
  const changed = scope === "C";
  const base = 1 - losses.reduce((rest, loss) => rest * (1 - weight(impacts, loss)), 1);
  const impact = changed ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
  if (impact <= 0) return 0;
  const exploitability =
    8.22 *
    weight(vectors, attack) *
    weight(complexities, complexity) *
    weight(changed ? changedPrivileges : privileges, privilege) *
    weight(interactions, interaction);
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** The values of the required metrics, in their order. */
function inAnyOrder(vector: string): readonly (string | undefined)[] | undefined {
  const prefix = vector.slice(0, 8);
  if (prefix !== "CVSS:3.0" && prefix !== "CVSS:3.1") return undefined;
  const metrics = readMetrics(vector, prefix, required);
  return metrics && Object.keys(required).map((name) => metrics.get(name));
}

function weight(weights: Weights, value = ""): number {
  return weights[value] ?? 0;
}

/** To the next tenth, free of the errors of binary fractions. */
function roundUp(score: number): number {
  const units = Math.round(score * 100_000);
  return units % 10_000 === 0 ? units / 100_000 : (Math.floor(units / 10_000) + 1) / 10;
}
