import type { XmlElement } from "../../../io/documents/xml.ts";
import type { Context } from "../../../model/plugin.ts";
import { feedOverLimit } from "../../read-feed-file.ts";
import { readFeedXml, textOf } from "../../read-feed-xml.ts";
import { type OvalCriteria, ovalDefinition } from "../oval/oval-definition.ts";
import { OvalTests, ovalTestElements, type RpmTest } from "../oval/oval-tests.ts";

// Microsoft's definitions have in <metadata> <patchable> (true, false, Not Applicable), <advisory_date>, <severity>,
// and one <reference source="CVE">; the criteria are one group of tests that must all hold: "less than" the fixed
// version, or "less than or equal" the last one where there is no fix, and for some "greater than" the last version
// before the defect came in. The tests, their objects and states follow all definitions.

/** A definition for one CVE in one package. */
export interface AzureDefinition {
  readonly id: string;
  readonly cve: string;
  /** `true`, `false`, `Not Applicable`. */
  readonly patchable: string;
  readonly severity?: string | undefined;
  /** `2024-04-17T22:02:46Z`. */
  readonly date?: string | undefined;
  readonly description?: string | undefined;
  readonly conditions: readonly RpmTest[];
  /** Unreadable parts of the conditions: `the operator OR`. */
  readonly unread?: string | undefined;
}

/** With what they test. */
const mostDefinitions = 2_000_000;

interface Untested extends Omit<AzureDefinition, "conditions"> {
  readonly tests: readonly string[];
}

const readOperations: ReadonlySet<string> = new Set([
  "less than",
  "less than or equal",
  "greater than",
  "greater than or equal",
]);

/**
 * The definitions of a file, all of which are in memory, because what they test stands behind them.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `cancelled`.
 */
export async function* readAzureDefinitions(
  path: string,
  { label, context }: { readonly label: string; readonly context: Context },
): AsyncGenerator<AzureDefinition> {
  const elements = new Set(["definition", ...ovalTestElements]);
  const definitions: Untested[] = [];
  const tests = new OvalTests();
  let count = 0;
  const options = { label, root: "oval_definitions", elements, signal: context.signal };
  for await (const element of readFeedXml(path, options)) {
    if (element.name !== "definition") {
      tests.add(element);
      continue;
    }
    const definition = untested(element);
    count += 1 + definition.tests.length;
    if (count > mostDefinitions)
      throw feedOverLimit(`${label} has more than ${mostDefinitions} definitions and criteria`);
    definitions.push(definition);
  }
  for (const { tests: ids, ...definition } of definitions) {
    const conditions = ids.flatMap((id) => tests.find(id) ?? []);
    yield { ...definition, conditions, unread: definition.unread ?? unreadIn(conditions, ids.length) };
  }
}

function unreadIn(conditions: readonly RpmTest[], tests: number): string | undefined {
  const [first] = conditions;
  if (conditions.length < tests) return "a missing test or one that does not test a version";
  const other = conditions.find(({ operation }) => !readOperations.has(operation));
  if (other) return `the operation ${JSON.stringify(other.operation.slice(0, 40))}`;
  return conditions.some(({ name }) => name !== first?.name) ? "conditions on several packages" : undefined;
}

function untested(element: XmlElement): Untested {
  const { id, description, references, metadata, criteria } = ovalDefinition(element);
  return {
    id,
    cve: references.find(({ source }) => source === "CVE")?.id ?? "",
    patchable: textOf(metadata, "patchable") ?? "",
    severity: textOf(metadata, "severity"),
    date: textOf(metadata, "advisory_date"),
    description,
    tests: criteria?.criterions.map(({ test }) => test) ?? [],
    unread: criteria && unreadCriteria(criteria),
  };
}

function unreadCriteria({ operator, criterions, criteria, passedOver }: OvalCriteria): string | undefined {
  if (criteria.length > 0) return "nested criteria";
  if (operator === "OR" && criterions.length > 1) return "the operator OR";
  return passedOver[0];
}
