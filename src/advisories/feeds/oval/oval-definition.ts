import type { XmlElement } from "../../../io/xml.ts";
import { childOf, childrenOf, textOf } from "../../read-feed-xml.ts";

// An OVAL definition: <metadata> with <title>, <reference source="CVE" ref_id="">, <description> and what the publisher
// adds, and <criteria operator="AND|OR" negate="">, which hold further <criteria> and <criterion test_ref=""
// comment="">. A test joins an object (a package's name) with a state (its version); see oval-tests.ts.
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

/** Conditions of which all, or one, must hold. */
export interface OvalCriteria {
  readonly operator: "AND" | "OR";
  /** Those that are not negated. */
  readonly criterions: readonly OvalCriterion[];
  readonly criteria: readonly OvalCriteria[];
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
  const plain = element.children.filter(({ attributes }) => attributes["negate"] !== "true");
  return {
    operator: element.attributes["operator"]?.toUpperCase() === "OR" ? "OR" : "AND",
    criterions: plain.flatMap(({ name, attributes }) =>
      name === "criterion" ? [{ test: attributes["test_ref"] ?? "", comment: attributes["comment"] ?? "" }] : [],
    ),
    criteria: plain.flatMap((child) => (child.name === "criteria" ? [criteriaOf(child)] : [])),
  };
}
