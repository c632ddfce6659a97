import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Channel, DatabaseStatus } from "../src/model/findings/advisory.ts";
import type {
  Finding,
  FindingPackage,
  FixStatus,
  MatchEvidence,
  Severity,
  SourcedSeverity,
} from "../src/model/findings/finding.ts";
import type { MalwareEngineStatus, MalwareFinding } from "../src/model/findings/malware.ts";
import type { SecretFinding } from "../src/model/findings/secret.ts";
import type { Assessment, VexJustification, VexProduct, VexStatement, VexStatus } from "../src/model/findings/vex.ts";
import type { Waiver } from "../src/model/findings/waiver.ts";
import type { Distribution } from "../src/model/packages/distribution.ts";
import type { DeclaredPlace, Package, PackageType } from "../src/model/packages/package.ts";
import type { UnreadKind } from "../src/model/packages/unread-files.ts";
import type { Problem, ProblemCode } from "../src/model/reports/problem.ts";
import type { AttachedSbom, Layer, ReportLimits, SbomSigner, Target, TargetKind } from "../src/model/reports/report.ts";
import type { Decision } from "../src/model/reports/verdict.ts";
import { completeReport } from "../src/reporters/fixtures/complete-report.ts";
import { hostileReport, sampleReport, shopReport } from "../src/reporters/fixtures/sample-reports.ts";
import { jsonText } from "../src/reporters/json.ts";
import { objectsIn, readReportSchema } from "./setup/report-schema.ts";

/** The parts of a JSON Schema that this test reads. */
interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

type Words<Word extends string> = Record<Word, true>;
type Optional<T> = Words<
  { [Key in keyof T & string]-?: Partial<Pick<T, Key>> extends Pick<T, Key> ? Key : never }[keyof T & string]
>;

const { schema, errorsOf } = readReportSchema<Schema>("report.schema.json");

// A word that the model gains or loses makes one of these a type error.
const packageTypes: Words<PackageType> = {
  ...{ alpm: true, apk: true, bitnami: true, brew: true, cargo: true, cocoapods: true, composer: true, conan: true },
  ...{ conda: true, cpan: true, cran: true, deb: true, ebuild: true, gem: true, generic: true, github: true },
  ...{ golang: true, hackage: true, hex: true, julia: true, k8s: true, luarocks: true, maven: true, npm: true },
  ...{ nuget: true, opam: true, opkg: true, pub: true, pypi: true, rpm: true, snap: true, swift: true },
  ...{ terraform: true, "vscode-extension": true },
};
const kinds: Words<TargetKind> = {
  ...{ docker: true, podman: true, "containers-storage": true, containerd: true, registry: true },
  ...{ "docker-archive": true, "oci-archive": true, "oci-dir": true, dir: true, repo: true, file: true, sbom: true },
};
const severities: Words<Severity> = {
  ...{ critical: true, high: true, medium: true, low: true, negligible: true, unknown: true },
};
const statuses: Words<FixStatus> = {
  ...{ fixed: true, affected: true, "will-not-fix": true, "fix-deferred": true, "end-of-life": true },
  "under-investigation": true,
};
const problemCodes: Words<ProblemCode> = {
  ...{ unreadable: true, "limit-exceeded": true, "unknown-distribution": true, "no-advisories": true },
  "unknown-version": true,
  "end-of-life": true,
  "not-examined": true,
};
const matchedBy: Words<MatchEvidence["matchedBy"]> = { "source-package": true, package: true };
const rules: Words<MatchEvidence["rule"]> = { versions: true, range: true };
const unreadKinds: Words<UnreadKind> = { installed: true, declared: true };
const databaseKinds: Words<DatabaseStatus["kind"]> = { "built-in": true, file: true };
const channels: Words<Channel> = { esm: true, eus: true, fips: true, ksplice: true, livepatch: true, ltss: true };
const sides: Words<Assessment["by"]> = { publisher: true, user: true };
const vexStatuses: Words<VexStatus> = { not_affected: true, affected: true, fixed: true, under_investigation: true };
const justifications: Words<VexJustification> = {
  ...{ component_not_present: true, vulnerable_code_not_present: true, vulnerable_code_not_in_execute_path: true },
  ...{ vulnerable_code_cannot_be_controlled_by_adversary: true, inline_mitigations_already_exist: true },
};
const sbomFormats: Words<AttachedSbom["format"]> = { cyclonedx: true, spdx: true };
const sbomPlaces: Words<AttachedSbom["place"]> = { attestation: true, artifact: true, index: true };
const signerKinds: Words<SbomSigner["kind"]> = { key: true, identity: true };
const decisions: Words<Decision> = {
  ...{ allowed: true, warned: true, denied: true, "cannot-tell": true, "not-judged": true },
};

const target: Optional<Target> = {
  ...{ imageId: true, manifestDigest: true, tags: true, namespace: true, platform: true, user: true },
  ...{ attachedSbom: true, attachedSbomRefused: true },
};
const attachedSbom: Optional<AttachedSbom> = { time: true };
const signer: Optional<SbomSigner> = { issuer: true };
const distro: Optional<Distribution> = { version: true, codename: true, repositories: true };
const layers: Optional<Layer> = { digest: true, diffId: true, createdBy: true, inPart: true };
const packages: Optional<
  Omit<Package, "linkedPackages" | "builtFor" | "linkedPrograms" | "mainModule" | "groupIsGuess" | "ownProject">
> = {
  ...{ architecture: true, source: true, licenses: true, vendor: true, module: true, ownedBy: true },
  declaration: true,
};
const findings: Optional<Finding> = {
  ...{ score: true, summary: true, fixedIn: true, channelFix: true, statusReason: true, facts: true },
  ...{ published: true, modified: true, references: true, assessment: true },
};
const findingPackage: Optional<FindingPackage> = { source: true, declaration: true };
const declaration: Optional<DeclaredPlace> = { line: true, relation: true, development: true, via: true };
const severity: Optional<SourcedSeverity> = { score: true };
const facts: Optional<NonNullable<Finding["facts"]>> = {
  ...{ knownExploited: true, exploitPrediction: true, exploits: true },
};
const knownExploited: Optional<NonNullable<NonNullable<Finding["facts"]>["knownExploited"]>> = { dueAt: true };
const evidence: Optional<MatchEvidence> = { severity: true };
const statement: Optional<VexStatement> = {
  ...{ justification: true, impact_statement: true, status_notes: true, action_statement: true, timestamp: true },
};
const vulnerability: Optional<VexStatement["vulnerability"]> = { aliases: true };
const products: Optional<VexProduct> = { subcomponents: true };
const problems: Optional<Problem> = { path: true };
const database: Optional<DatabaseStatus & ReportLimits> = {
  ...{ path: true, behind: true, gaps: true, severityGaps: true },
};
const databaseParts: Optional<DatabaseStatus["parts"][number]> = { refused: true };
const databaseEcosystems: Optional<DatabaseStatus["ecosystems"][number]> = { newest: true };
const waiver: Optional<Waiver> = {
  ...{ package: true, path: true, image: true, resource: true, owner: true, until: true },
};
const secret: Optional<SecretFinding> = { fingerprint: true, deleted: true, commit: true };
const malware: Optional<MalwareFinding> = { deleted: true };
const malwareEngines: Optional<MalwareEngineStatus> = { signatures: true, version: true, builtAt: true };
const assessment: Optional<Assessment> = { document: true };
const ofStatement = { "": statement, vulnerability, products };
const ofFinding = {
  ...{ "": findings, package: findingPackage, severities: severity, facts, "facts/knownExploited": knownExploited },
  "package/declaration": declaration,
  ...{ evidence, ...below("assessment/statement", ofStatement) },
};
const optional: Readonly<Record<string, Readonly<Record<string, true>>>> = {
  ...{
    "": {
      unread: true,
      developmentLeftOut: true,
      filter: true,
      vex: true,
      waived: true,
      idleWaivers: true,
      baseline: true,
      scanners: true,
      secrets: true,
      malware: true,
      malwareEngines: true,
      waivedSecrets: true,
      waivedMalware: true,
    },
    target,
    distro,
    layers,
    packages,
    "packages/declaration": declaration,
    problems,
    database,
  },
  ...{ "database/parts": databaseParts, "database/ecosystems": databaseEcosystems },
  ...{ "target/attachedSbom": attachedSbom, "target/attachedSbom/signer": signer },
  ...below("findings", ofFinding),
  ...below("suppressed/finding", ofFinding),
  ...below("suppressed/statement", ofStatement),
  ...below("waived/finding", ofFinding),
  ...{ "waived/waiver": waiver, "waivedSecrets/waiver": waiver, secrets: secret, "waivedSecrets/finding": secret },
  ...{ "waivedMalware/waiver": waiver, malware, malwareEngines, "waivedMalware/finding": malware },
  "waived/finding/assessment": assessment,
  ...{ "findings/assessment": assessment, suppressed: assessment, "suppressed/finding/assessment": assessment },
};

const folderReport = sampleReport(
  [{ type: "npm", name: "a", version: "1.0.0", path: "package.json", layer: null, findings: [["CVE-2020-1", "low"]] }],
  { target: { kind: "dir", name: "." }, distro: null, layers: [] },
);

describe("docs/report.schema.json", () => {
  test.each([
    ["a report with every property", completeReport],
    ["the report of an image", shopReport],
    ["a report of hostile text", hostileReport],
    ["the report of a folder", folderReport],
  ])("accepts %s, as the JSON reporter writes it", (_, report) => {
    expect(errorsOf(JSON.parse([...jsonText(report)].join("")))).toEqual([]);
  });

  test("refuses an unknown property in every object of a report", () => {
    const places = objectsIn(structuredClone(completeReport)).map(([place]) => place);
    expect(places.length).toBe(85);
    for (const [index, place] of places.entries()) {
      const report = structuredClone(completeReport);
      Object.assign(objectsIn(report)[index]?.[1] ?? {}, { surprise: 1 });
      expect(errorsOf(report).join(), place).toContain("must NOT have additional properties");
    }
  });

  test("refuses a report without a property that the model always has, and no other", () => {
    const dispensable: string[] = [];
    for (const [index, [place, object]] of objectsIn(completeReport).entries()) {
      for (const name of Object.keys(object)) {
        const report = structuredClone(completeReport);
        delete objectsIn(report)[index]?.[1][name];
        if (errorsOf(report).length === 0) dispensable.push(join(place, name));
      }
    }
    const expected = Object.entries(optional).flatMap(([place, names]) =>
      Object.keys(names).map((name) => join(place, name)),
    );
    expect([...new Set(dispensable)].sort()).toEqual(expected.sort());
  });

  test("knows no property that the model does not have", () => {
    const known = new Set(propertiesIn(schema, "").map(([place]) => place));
    const written = new Set(
      objectsIn(completeReport).flatMap(([place, object]) => Object.keys(object).map((name) => join(place, name))),
    );
    expect([...known].sort()).toEqual([...written].sort());
  });

  test.each([
    ["target/kind", kinds],
    ["target/attachedSbom/format", sbomFormats],
    ["target/attachedSbom/place", sbomPlaces],
    ["target/attachedSbom/signer/kind", signerKinds],
    ["packages/type", packageTypes],
    ["packages/ownedBy/type", packageTypes],
    ["findings/package/type", packageTypes],
    ["findings/severity", severities],
    ["findings/status", statuses],
    ["findings/severities/severity", severities],
    ["findings/channelFix/channel", channels],
    ["findings/assessment/by", sides],
    ["suppressed/by", sides],
    ["suppressed/statement/status", vexStatuses],
    ["suppressed/statement/justification", justifications],
    ["findings/evidence/matchedBy", matchedBy],
    ["findings/evidence/rule", rules],
    ["unread/kind", unreadKinds],
    ["problems/code", problemCodes],
    ["database/kind", databaseKinds],
    ["verdict/decision", decisions],
  ])("lists for %s exactly the words of the model", (place, words) => {
    const property = new Map(propertiesIn(schema, "")).get(place);
    expect([...(property?.enum ?? [])].sort()).toEqual(Object.keys(words).sort());
  });

  test("describes every property in one sentence", () => {
    const properties = propertiesIn(schema, "");
    expect(properties.length).toBeGreaterThan(80);
    for (const [place, { description }] of properties) expect(description, place).toMatch(/^[A-Z][^\n]*[.?]$/);
  });
});

/** The same with another place before each. */
function below<T>(place: string, inner: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(inner).map(([name, value]) => [join(place, name), value]));
}

/** Every property that the schema describes, with its place, references resolved. */
function propertiesIn(part: Schema, place: string): [string, Schema][] {
  const resolved = resolve(part);
  const own = Object.entries(resolved.properties ?? {}).flatMap(([name, child]): [string, Schema][] => {
    const here = join(place, name);
    return [[here, { ...resolve(child), ...child }], ...propertiesIn(child, here)];
  });
  const items = resolved.items ? propertiesIn(resolved.items, place) : [];
  return [...own, ...items, ...(resolved.anyOf ?? []).flatMap((option) => propertiesIn(option, place))];
}

function resolve(part: Schema): Schema {
  if (part.$ref === undefined) return part;
  const definition = schema.$defs?.[part.$ref.replace("#/$defs/", "")];
  if (!definition) throw new Error(`${part.$ref} is not defined`);
  return definition;
}
