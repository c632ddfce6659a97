/*
 * The part of SARIF 2.1.0 that is written here. Source: OASIS, "Static Analysis Results Interchange Format (SARIF)
 * Version 2.1.0 Plus Errata 01"; the members are named as there.
 */

/** A text, and the same in Markdown. */
export interface SarifText {
  readonly text: string;
  readonly markdown?: string;
}

/** A vulnerability or a check, which results refer to by its place in the list of rules. */
export interface SarifRule {
  readonly id: string;
  readonly shortDescription: SarifText;
  readonly fullDescription?: SarifText;
  readonly helpUri?: string;
  readonly help: SarifText;
  readonly properties: {
    /** 0.1 to 10, as text: GitHub derives the severity of an alert from it. */
    readonly "security-severity": string;
    readonly tags: readonly string[];
  };
}

/** `error` for critical and high, `warning` for medium, `note` for the others. */
export type SarifLevel = "error" | "warning" | "note";

/** A place in a file. */
export interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly startLine: number; readonly startColumn?: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
}

/** One finding. */
export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: SarifLevel;
  readonly message: SarifText;
  readonly locations: readonly SarifLocation[];
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** Something that a reader must know beside the results. */
export interface SarifNotification {
  readonly level: "warning" | "note";
  readonly message: SarifText;
}

/** The results for one target. */
export interface SarifRun {
  readonly tool: {
    readonly driver: { readonly name: string; readonly semanticVersion: string; readonly rules: readonly SarifRule[] };
  };
  readonly automationDetails: { readonly id: string };
  readonly invocations: readonly [
    { readonly executionSuccessful: true; readonly toolExecutionNotifications: readonly SarifNotification[] },
  ];
  readonly columnKind: "utf16CodeUnits";
  readonly results: readonly SarifResult[];
  readonly properties: Readonly<Record<string, unknown>>;
}
