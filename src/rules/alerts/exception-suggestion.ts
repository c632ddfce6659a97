import type { Alert, AlertValue } from "../../model/events/alert.ts";
import type { ExceptionSuggestion } from "../../model/events/alert-volume.ts";
import { type FrequentValue, FrequentValues } from "./frequent-values.ts";

interface Template {
  readonly fields: readonly string[];
  readonly comps: readonly string[];
}

const folderOperator = "pmatch";

/** Which fields exceptions are made of: those that say who did something where, not what differs each time. */
const templates: readonly Template[] = [
  equal("proc.name"),
  equal("proc.name", "proc.pname"),
  equal("proc.name", "user.name"),
  equal("proc.exepath"),
  equal("proc.exepath", "proc.pname"),
  equal("proc.cmdline"),
  equal("proc.cmdline", "proc.pname"),
  equal("container.image.repository"),
  equal("container.image.repository", "proc.name"),
  equal("k8s.ns.name", "container.image.repository"),
  equal("k8s.ns.name", "container.image.repository", "proc.name"),
  { fields: ["fd.name"], comps: [folderOperator] },
  { fields: ["proc.name", "fd.name"], comps: ["=", folderOperator] },
  { fields: ["container.image.repository", "proc.name", "fd.name"], comps: ["=", "=", folderOperator] },
  equal("proc.name", "fd.sip"),
  equal("ka.user.name"),
  equal("ka.user.name", "ka.verb"),
  equal("ka.user.name", "ka.target.namespace"),
  equal("ka.user.name", "ka.target.namespace", "ka.target.resource"),
];

/** How many combinations of values of one template are counted. */
const capacity = 200;
const longestValue = 300;
const wantedCoverage = 0.8;
const mostValues = 20;

/** Counts combinations of values of a rule's alerts, in bounded memory, to suggest exceptions. */
export class ExceptionCounter {
  readonly #counts = templates.map(() => new FrequentValues<readonly string[]>(capacity));
  #total = 0;

  add(alert: Alert): void {
    this.#total++;
    const fields = new Map(alert.fields);
    for (const [index, { fields: names, comps }] of templates.entries()) {
      const values = names.map((name, at) => exceptionValue(fields.get(name), comps[at] === folderOperator));
      if (values.every((value) => value !== undefined)) this.#counts[index]?.add(values.join("\0"), values);
    }
  }

  /**
   * The template with few values and, among those, most fields, from all that would hold back four fifths of the
   * alerts: it lets the fewest others through. Undefined when all need many values.
   */
  suggestion(): ExceptionSuggestion | undefined {
    const possible = templates.flatMap(({ fields, comps }, index) => {
      const values = this.#enough(this.#counts[index]?.top() ?? []);
      return values === undefined ? [] : [{ fields, comps, values, coverage: this.#share(values) }];
    });
    const fewest = Math.min(...possible.map(({ values }) => values.length));
    const [best] = possible
      .filter(({ values }) => values.length <= Math.max(fewest + 1, fewest * 1.5))
      .sort(
        (a, b) => b.fields.length - a.fields.length || a.values.length - b.values.length || b.coverage - a.coverage,
      );
    return best;
  }

  #enough(top: readonly FrequentValue<readonly string[]>[]): ExceptionSuggestion["values"] | undefined {
    const chosen: ExceptionSuggestion["values"][number][] = [];
    let covered = 0;
    for (const { value, count, excess } of top.slice(0, mostValues)) {
      chosen.push({ values: value, count: count - excess });
      covered += count - excess;
      if (covered >= this.#total * wantedCoverage) return chosen;
    }
    return undefined;
  }

  #share(values: ExceptionSuggestion["values"]): number {
    return values.reduce((sum, { count }) => sum + count, 0) / this.#total;
  }
}

function equal(...fields: readonly string[]): Template {
  return { fields, comps: fields.map(() => "=") };
}

/** The value of a field as an exception can name it; undefined when it cannot. For files it is the folder. */
function exceptionValue(value: AlertValue | undefined, isFolder: boolean): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value !== "string" || value === "" || value === "<NA>" || value.length > longestValue) return undefined;
  if (!isFolder) return value;
  const folder = value.slice(0, value.lastIndexOf("/"));
  // Patterns would match more than the folder, and the root all there is.
  return folder.startsWith("/") && !/[*?[\]\\]/.test(folder) ? folder : undefined;
}

/** A suggestion as an item of a rule file, which adds the exception to the rule when it is loaded after it. */
export function exceptionYaml(rule: string, { fields, comps, values, coverage }: ExceptionSuggestion): string {
  const name = `suggested_${fields.join("_").replaceAll(".", "_")}`;
  const [only] = fields.length === 1 ? fields : [];
  const shown = only === undefined ? { fields: sequence(fields), comps: sequence(comps) } : single(only, comps);
  const lines = values.map(({ values: row, count }) => {
    const texts = row.map((value) => JSON.stringify(conditionText(value)));
    return `        - ${only === undefined ? `[${texts.join(", ")}]` : texts.join()} # ${count}`;
  });
  return `${[
    `# ${Math.floor(coverage * 100)} % of the alerts`,
    `- rule: ${JSON.stringify(rule)}`,
    "  exceptions:",
    `    - name: ${name}`,
    `      fields: ${shown.fields}`,
    `      comps: ${shown.comps}`,
    "      values:",
    ...lines,
    "  override:",
    "    exceptions: append",
  ].join("\n")}\n`;
}

function sequence(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
}

function single(field: string, [comp]: readonly string[]): { readonly fields: string; readonly comps: string } {
  return { fields: field, comps: comp === folderOperator ? folderOperator : "in" };
}

/** A value as it stands in a condition, where exceptions are put into: in quotes unless it is a plain word. */
function conditionText(value: string): string {
  if (/^[^()"'\s=,\\\0-\x1f]+$/.test(value)) return value;
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replace(/[\0-\x1f]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}
