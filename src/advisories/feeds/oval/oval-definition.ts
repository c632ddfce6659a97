import type { XmlElement } from "../../../io/documents/xml.ts";
import { childOf, childrenOf, textOf } from "../../read-feed-xml.ts";

// An OVAL definition: <metadata> with <title>, <reference source="CVE" ref_id="">, <description> and what the publisher
// adds, and <criteria operator="AND|OR|ONE|XOR" negate="">, which hold further <criteria>, <criterion test_ref=""
// comment=""> and <extend_definition definition_ref="">. A test joins an object (a package's name) with a state (its
// version); see oval-tests.ts. No publisher that is read negates, extends or has operators other than AND and OR.
//
// Source: OVAL 5.11, "OVAL Definition Schema" and "Linux Definition Schema".

/** What a definition refers to. */
export interface OvalReference {
  readonly source: string;
  readonly id: string;
  readonly address?: string;
}

/** A condition on the machine. */
export interface OvalCriterion {
  readonly test: string;
  /** The publisher's words for it: `bind is earlier than 30:9.3.3-8.el5`. */
  readonly comment: string;
}

/** Conditions that must all hold, or one of which must hold; skipped conditions are in neither list. */
export interface OvalCriteria {
  readonly operator: "AND" | "OR";
  readonly criterions: readonly OvalCriterion[];
  readonly criteria: readonly OvalCriteria[];
  /** The conditions skipped here and further inside, in words: `a negated condition`, `the operator XOR`. */
  readonly passedOver: readonly string[];
}

/** The metadata that all publishers give. */
export interface OvalDefinition {
  /** `oval:com.oracle.elsa:def:20070057`. */
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
  readonly references: readonly OvalReference[];
  /** The element, for what else a publisher writes there. */
  readonly metadata?: XmlElement;
  readonly criteria?: OvalCriteria;
}

/** Reads an element `definition`. Its depth is bounded by the reader of XML. */
export function ovalDefinition(element: XmlElement): OvalDefinition {
  const metadata = childOf(element, "metadata");
  const title = textOf(metadata, "title");
  const description = textOf(metadata, "description");
  const criteria = childOf(element, "criteria");
  return {
    id: element.attributes["id"] ?? "",
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    references: childrenOf(metadata, "reference").map(referenceOf),
    ...(metadata && { metadata }),
    ...(criteria && { criteria: criteriaOf(criteria) }),
  };
}

function referenceOf({ attributes }: XmlElement): OvalReference {
  const address = attributes["ref_url"];
  return {
    source: attributes["source"] ?? "",
    id: attributes["ref_id"] ?? "",
    ...(address !== undefined && { address }),
  };
}

function criteriaOf(element: XmlElement): OvalCriteria {
  if (isNegated(element)) return { operator: "AND", criterions: [], criteria: [], passedOver: ["a negated condition"] };
  const operator = element.attributes["operator"]?.toUpperCase() ?? "AND";
  const criterions: OvalCriterion[] = [];
  const criteria: OvalCriteria[] = [];
  const passedOver: string[] = [];
  if (operator !== "AND" && operator !== "OR") passedOver.push(`the operator ${operator.slice(0, 20)}`);
  for (const child of element.children) {
    const { name, attributes } = child;
    if (name === "criteria" && !isNegated(child)) {
      const inside = criteriaOf(child);
      criteria.push(inside);
      passedOver.push(...inside.passedOver.slice(0, mostPassedOver));
    } else if (name === "criterion" && !isNegated(child)) {
      criterions.push({ test: attributes["test_ref"] ?? "", comment: attributes["comment"] ?? "" });
    } else if (isCondition(name)) passedOver.push(isNegated(child) ? "a negated condition" : name);
  }
  return { operator: operator === "AND" ? "AND" : "OR", criterions, criteria, passedOver };
}

/** So much is passed on from each group to the one around it, or a deep tree would be many times its size. */
const mostPassedOver = 10;

function isCondition(name: string): boolean {
  return name === "criteria" || name === "criterion" || name === "extend_definition";
}

/** Source: XML Schema, part 2, section 3.2.2: "1" is true as well. */
function isNegated({ attributes }: XmlElement): boolean {
  const negate = attributes["negate"];
  return negate === "true" || negate === "1";
}
