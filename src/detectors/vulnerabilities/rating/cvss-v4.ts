import { type Metrics, readMetrics } from "./cvss-metrics.ts";

// CVSS 4.0 sorts vectors into 270 macrovectors, named by five equivalence classes, each with a score that experts
// agreed on, and then moves the score down by how far the vector lies below the worst one of its macrovector:
//
//   class 1   AV PR UI        0..2        class 4   SC SI SA              0..2
//   class 2   AC AT           0..1        class 5   E                     0..2
//   class 3+6 VC VI VA with CR IR AR, as pairs 00 01 10 11 21
//
// Only the base metrics and E count here; the requirements CR IR AR then have their worst value.

const required = {
  AV: "N A L P",
  AC: "L H",
  AT: "N P",
  PR: "N L H",
  UI: "N P A",
  VC: "H L N",
  VI: "H L N",
  VA: "H L N",
  SC: "H L N",
  SI: "H L N",
  SA: "H L N",
};

/** Values from worst to best; each step down is a tenth of a point. `S` is worse than `H` and never a base value. */
const orders: Readonly<Record<string, string>> = {
  AV: "NALP",
  AC: "LH",
  AT: "NP",
  PR: "NLH",
  UI: "NPA",
  VC: "HLN",
  VI: "HLN",
  VA: "HLN",
  SC: "HLN",
  SI: "SHLN",
  SA: "SHLN",
};

const pairs = ["00", "01", "10", "11", "21"];

/**
 * Tenths of a point. A row per class 1 and 2 (00, 01, 10, 11, 20, 21); in it per pair of classes 3 and 6, class 4,
 * class 5.
 * Source: CVSS v4.0 specification, section 8.3.
 */
// biome-ignore format: one row for each pair of classes 1 and 2
const table: readonly (readonly number[])[] = [
  [100, 98, 95, 100, 93, 91, 93, 89, 81, 99, 95, 92, 96, 87, 81, 90, 80, 68, 98, 95, 90, 93, 89, 81, 88, 78, 69, 95, 92, 84, 92, 81, 65, 80, 70, 48, 92, 82, 72, 79, 69, 50, 69, 55, 27],
  [99, 95, 92, 95, 90, 84, 92, 82, 72, 97, 92, 85, 91, 83, 71, 81, 71, 53, 95, 92, 85, 92, 80, 70, 84, 71, 50, 93, 85, 73, 82, 72, 59, 70, 52, 30, 86, 75, 52, 71, 52, 29, 63, 29, 17],
  [98, 94, 91, 94, 86, 77, 87, 74, 63, 95, 87, 81, 89, 74, 64, 75, 63, 49, 94, 88, 76, 86, 74, 59, 72, 57, 52, 89, 77, 67, 76, 58, 50, 57, 52, 25, 83, 70, 54, 65, 58, 26, 53, 21, 13],
  [95, 88, 76, 90, 75, 61, 77, 68, 52, 90, 76, 70, 77, 62, 53, 66, 59, 30, 89, 76, 62, 74, 57, 47, 61, 57, 24, 78, 67, 58, 59, 57, 23, 52, 29, 16, 71, 59, 30, 58, 26, 15, 23, 13, 6],
  [93, 86, 75, 86, 74, 56, 70, 52, 40, 87, 72, 58, 74, 61, 34, 54, 40, 22, 85, 74, 62, 72, 55, 46, 53, 34, 19, 75, 55, 51, 57, 41, 19, 36, 19, 8, 64, 51, 20, 47, 21, 11, 24, 9, 4],
  [88, 73, 60, 73, 59, 41, 54, 45, 20, 75, 53, 50, 55, 40, 20, 43, 22, 11, 75, 58, 40, 61, 48, 20, 46, 17, 8, 55, 45, 21, 51, 18, 9, 18, 7, 2, 53, 24, 14, 24, 12, 5, 10, 3, 1],
];

/** A class of vectors: its worst ones, as the values of these metrics, and how many tenths deep it is. */
interface VectorClass {
  readonly metrics: readonly string[];
  readonly worst: readonly string[];
  readonly depth: number;
}

function classes(metrics: readonly string[], ...all: readonly Omit<VectorClass, "metrics">[]): readonly VectorClass[] {
  return all.map((one) => ({ metrics, ...one }));
}

/** Source: specification, tables 24 to 30. */
const class1 = classes(
  ["AV", "PR", "UI"],
  { worst: ["NNN"], depth: 1 },
  { worst: ["ANN", "NLN", "NNP"], depth: 4 },
  { worst: ["PNN", "ALP"], depth: 5 },
);
const class2 = classes(["AC", "AT"], { worst: ["LN"], depth: 1 }, { worst: ["HN", "LP"], depth: 2 });
const class3 = classes(
  ["VC", "VI", "VA"],
  { worst: ["HHH"], depth: 7 },
  { worst: ["LHH", "HLH"], depth: 8 },
  { worst: ["LLL"], depth: 10 },
);
const class4 = classes(
  ["SC", "SI", "SA"],
  { worst: ["HSS"], depth: 6 },
  { worst: ["HHH"], depth: 5 },
  { worst: ["LLL"], depth: 4 },
);

/**
 * The score of a CVSS 4.0 vector from its base metrics and its exploit maturity (`E`), 0 to 10; undefined when it is
 * not one. The other metrics are passed over.
 *
 * Source: CVSS v4.0 specification document, section 8.
 */
export function scoreCvss4(vector: string): number | undefined {
  const metrics = readMetrics(vector, "CVSS:4.0", required);
  if (!metrics) return undefined;
  if (impacts.every((name) => metrics.get(name) === "N")) return 0;
  const levels = levelsOf(metrics);
  const { one, two, three, four, five, six } = levels;
  const score = lookUp(levels) ?? 0;
  const nextOf3 =
    three === 0
      ? Math.max(lookUp({ ...levels, six: 1 }) ?? 0, lookUp({ ...levels, three: 1 }) ?? 0)
      : lookUp({ ...levels, six: six + 1 });
  const steps = [
    step(score, lookUp({ ...levels, one: one + 1 }), distance(metrics, class1[one])),
    step(score, lookUp({ ...levels, two: two + 1 }), distance(metrics, class2[two])),
    step(score, nextOf3, distance(metrics, class3[three])),
    step(score, lookUp({ ...levels, four: four + 1 }), distance(metrics, class4[four])),
    step(score, lookUp({ ...levels, five: five + 1 }), 0),
  ].filter((value) => value !== undefined);
  const mean = steps.length === 0 ? 0 : steps.reduce((sum, value) => sum + value, 0) / steps.length;
  return Math.round(Math.min(Math.max(score - mean, 0), 100) + 1e-6) / 10;
}

const impacts: readonly string[] = ["VC", "VI", "VA", "SC", "SI", "SA"];

/** How far the score moves down for one class: undefined when no lower macrovector exists. */
function step(score: number, next: number | undefined, part: number): number | undefined {
  return next === undefined ? undefined : (score - next) * part;
}

/** The level of a vector in each of the six classes, 0 the worst. */
interface Levels {
  readonly one: number;
  readonly two: number;
  readonly three: number;
  readonly four: number;
  readonly five: number;
  readonly six: number;
}

/** The score of a macrovector; undefined when there is none of these levels. */
function lookUp({ one, two, three, four, five, six }: Levels): number | undefined {
  const pair = pairs.indexOf(`${three}${six}`);
  if (one > 2 || two > 1 || four > 2 || five > 2 || pair < 0) return undefined;
  return table[one * 2 + two]?.[pair * 9 + four * 3 + five];
}

function levelsOf(metrics: Metrics): Levels {
  const is = (name: string, value: string): boolean => metrics.get(name) === value;
  const open = Number(is("AV", "N")) + Number(is("PR", "N")) + Number(is("UI", "N"));
  const one = open === 3 ? 0 : open > 0 && !is("AV", "P") ? 1 : 2;
  const two = is("AC", "L") && is("AT", "N") ? 0 : 1;
  const three = is("VC", "H") && is("VI", "H") ? 0 : is("VC", "H") || is("VI", "H") || is("VA", "H") ? 1 : 2;
  const four = is("SC", "H") || is("SI", "H") || is("SA", "H") ? 1 : 2;
  const five = is("E", "P") ? 1 : is("E", "U") ? 2 : 0;
  // Without CR, IR and AR class 6 follows from class 3.
  const six = three === 2 ? 1 : 0;
  return { one, two, three, four, five, six };
}

/**
 * How deep in its class the vector lies, 0 to 1: measured from the first worst vector that is not below it in any
 * metric.
 */
function distance(metrics: Metrics, of: VectorClass | undefined): number {
  if (!of) return 0;
  for (const worst of of.worst) {
    let sum = 0;
    let isBelow = true;
    of.metrics.forEach((name, index) => {
      const steps = level(name, metrics.get(name) ?? "") - level(name, worst.charAt(index));
      if (steps < 0) isBelow = false;
      sum += steps;
    });
    if (isBelow) return sum / of.depth;
  }
  return 0;
}

/** Steps below the worst value of a metric. */
function level(name: string, value: string): number {
  return (orders[name] ?? "").indexOf(value);
}
