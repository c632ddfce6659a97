/** OpenVEX 0.2.0, "Status Labels". */
export type VexStatus = "not_affected" | "affected" | "fixed" | "under_investigation";

/** OpenVEX 0.2.0, "Status Justifications". */
export type VexJustification =
  | "component_not_present"
  | "vulnerable_code_not_present"
  | "vulnerable_code_not_in_execute_path"
  | "vulnerable_code_cannot_be_controlled_by_adversary"
  | "inline_mitigations_already_exist";

/** What a statement is about. */
export interface VexProduct {
  /**
   * A package URL. Without a version it stands for every version; qualifiers that it has must agree with the package's.
   * `distro` says the release, `arch=source` that a source package is meant.
   */
  readonly "@id": string;
  readonly subcomponents?: readonly { readonly "@id": string }[];
}

/** One statement, by a publisher or a user, in the shape of an OpenVEX 0.2.0 statement, with its author beside it. */
export interface VexStatement {
  readonly vulnerability: { readonly name: string; readonly aliases?: readonly string[] };
  /** Empty where the place in which the statement is kept says the product. */
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  readonly justification?: VexJustification;
  readonly impact_statement?: string;
  readonly status_notes?: string;
  readonly action_statement?: string;
  /** RFC 3339. */
  readonly timestamp?: string;
  /** The author of the statement: `Debian Security Tracker`, or the author of the user's document. */
  readonly author: string;
}

/**
 * A statement, and whose side it is on: the publishers' come with the advisories, the user's from the user's documents.
 */
export interface Assessment {
  readonly by: "publisher" | "user";
  /** The file of the user's document, as it was named; absent for a publisher's statement. */
  readonly document?: string;
  readonly statement: VexStatement;
}

/** A file or a folder with VEX documents that the user named. */
export interface VexSource {
  /** As the user named it. */
  readonly path: string;
  readonly documents: number;
  readonly statements: number;
  /** Parts that could not be used, as sentences without a full stop. They suppress nothing. */
  readonly remarks: readonly string[];
}
