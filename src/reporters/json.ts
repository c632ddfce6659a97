import { isJsonObject } from "../model/objects/json-object.ts";

/**
 * Every property of a report in the order in which JSON has them, whatever the order in which an object was built. A
 * property that is not here comes after these, in order of its name.
 */
const propertyOrder = `
  schemaVersion tool createdAt scope registry prefix reference repository images failures empty totals target filter baseline severities ignoreUnfixed leftOut results
  counts distro layers packages developmentLeftOut unread scanners findings secrets malware malwareEngines suppressed waived waivedSecrets waivedMalware idleWaivers vex problems packagesOf
  database verdict kind code message decision reasons
  advisory ecosystem index framework id idLike aliases state severity title resource location score severities summary
  published modified references
  type name version
  codename architecture source licenses vendor module purl package files path paths layer
  ownedBy declaration relation development via fixedIn channel channelFix status statusReason facts assessment evidence matchedBy rule scheme comparison
  imageId manifestDigest tags namespace platform user attachedSbom attachedSbomRefused digest diffId size createdBy
  base verified inPart
  builtAt records newest ecosystems parts behind limits gaps severityGaps
  knownExploited exploitPrediction exploits probability percentile date
  finding waiver known by document statement vulnerability products justification
  line column shape fingerprint engine source sha256 signatures deleted commit subject value expected reason owner until remediation commands mappings
`;
const position: ReadonlyMap<string, number> = new Map(
  propertyOrder
    .trim()
    .split(/\s+/)
    .map((name, index) => [name, index]),
);

/** Properties that are for the stages and not for readers. */
const unprinted: ReadonlySet<string> = new Set([
  "linkedPackages",
  "builtFor",
  "linkedPrograms",
  "mainModule",
  "groupIsGuess",
  "ownProject",
]);

/** Characters that JSON allows in a string and a terminal may obey or hide: also a report on a terminal is harmless. */
const unsafe = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A report, or another object, as JSON: two spaces of indentation, a line break at the end, properties in a fixed
 * order. A long list, or one whose items come as they are asked for, is written one item at a time. The form of a
 * report of a scan is `docs/report.schema.json`.
 */
export function* jsonText(value: object): Iterable<string> {
  let opening = "{\n";
  for (const [name, member] of ordered(value)) {
    const start = `${opening}  ${JSON.stringify(name)}: `;
    opening = ",\n";
    if (isIterable(member)) yield* list(start, member);
    else yield start + text(member, "  ");
  }
  yield opening === "{\n" ? "{}\n" : "\n}\n";
}

function isIterable(member: unknown): member is Iterable<unknown> {
  return typeof member === "object" && member !== null && Symbol.iterator in member;
}

function* list(start: string, items: Iterable<unknown>): Iterable<string> {
  const first = `${start}[\n`;
  let opening = first;
  for (const item of items) {
    yield `${opening}    ${text(item, "    ")}`;
    opening = ",\n";
  }
  yield opening === first ? `${start}[]` : "\n  ]";
}

function text(value: unknown, indentation: string): string {
  const plain = JSON.stringify(
    value,
    (_, inner: unknown) => (isJsonObject(inner) ? Object.fromEntries(ordered(inner)) : inner),
    2,
  );
  return harmlessJson(plain).replaceAll("\n", `\n${indentation}`);
}

/** JSON with the characters escaped that a terminal may obey or hide. */
export function harmlessJson(text: string): string {
  return text.replace(unsafe, escaped);
}

function ordered(record: object): [string, unknown][] {
  const last = position.size;
  return Object.entries(record)
    .filter(([name, value]) => value !== undefined && !unprinted.has(name))
    .sort(([a], [b]) => (position.get(a) ?? last) - (position.get(b) ?? last) || (a < b ? -1 : 1));
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}
