import { compareText } from "../model/text/compare-text.ts";
import { compareLegacyPython, type LegacyPythonVersion, parseLegacyPython } from "./legacy-python.ts";
import { compareNaturals, endOfDigits, isDigit, type Natural, readNatural } from "./natural.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// [epoch "!"] number {"." number} [pre] [post] [dev] ["+" local], case and a leading "v" do not matter
//   pre    [sep] ("a" | "alpha" | "b" | "beta" | "c" | "rc" | "pre" | "preview") [sep] [number]
//   post   "-" number | [sep] ("post" | "rev" | "r") [sep] [number]
//   dev    [sep] "dev" [sep] [number]
//   local  letters and digits, separated
//   sep    "." | "-" | "_"; a missing number is 0

/** A Python version, each part in the form in which it is compared. */
export interface Pep440Version {
  readonly kind: "pep440";
  readonly epoch: Natural;
  /** Trailing zeros are left out. */
  readonly release: readonly Natural[];
  /** Place in the order: a development release of the version itself, a, b, rc, none. */
  readonly phase: 0 | 1 | 2 | 3 | 4;
  readonly phaseNumber: Natural;
  /** -1 when there is none. */
  readonly post: Natural;
  /** Infinity when there is none. */
  readonly dev: Natural;
  /** Empty when there is none. A string is a segment that is not a number. */
  readonly local: readonly (Natural | string)[];
}

const suffix =
  /^(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/d;

/**
 * Versions of Python packages. A version from before PEP 440 that does not follow it (`trunk`, `5.0-final`) sorts below
 * every version that does, by the rule of setuptools of that time, as in OSV. Text with white space inside does not
 * parse. A local version is higher than its public one, which stands for it where a record lists it or names it as the
 * last one.
 *
 * Source: PEP 440, with its appendix B, as kept in the "Version specifiers" specification of PyPA.
 */
export const pep440: VersionScheme<Pep440Version | LegacyPythonVersion> = {
  id: "pep440",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const normal = text.trim().toLowerCase();
    return parseStrict(normal) ?? parseLegacyPython(normal);
  },

  compare(a, b) {
    if (a.kind === "legacy") return b.kind === "legacy" ? compareLegacyPython(a, b) : -1;
    if (b.kind === "legacy") return 1;
    return (
      compareNaturals(a.epoch, b.epoch) ||
      compareReleases(a.release, b.release) ||
      compareNaturals(a.phase, b.phase) ||
      compareNaturals(a.phaseNumber, b.phaseNumber) ||
      compareNaturals(a.post, b.post) ||
      compareNaturals(a.dev, b.dev) ||
      compareLocals(a.local, b.local)
    );
  },

  // "If the specified version identifier is a public version identifier, then the local version label of any candidate
  // versions MUST be ignored", and "<=" knows public ones alone.
  standsFor(named, version) {
    if (named.kind === "legacy" || version.kind === "legacy") return false;
    if (named.local.length > 0 || version.local.length === 0) return false;
    return pep440.compare(named, { ...version, local: [] }) === 0;
  },
};

function parseStrict(text: string): Pep440Version | undefined {
  let position = text.startsWith("v") ? 1 : 0;
  let epoch: Natural = 0;
  let end = endOfDigits(text, position);
  if (text.charCodeAt(end) === 33 && end > position) {
    epoch = readNatural(text, position, end);
    position = end + 1;
    end = endOfDigits(text, position);
  }
  if (end === position) return undefined;
  const release = [readNatural(text, position, end)];
  while (text.charCodeAt(end) === 46 && isDigit(text.charCodeAt(end + 1))) {
    position = end + 1;
    end = endOfDigits(text, position);
    release.push(readNatural(text, position, end));
  }
  while (release.at(-1) === 0) release.pop();
  const parts = end === text.length ? released : parseSuffix(text.slice(end));
  return parts === undefined ? undefined : { kind: "pep440", epoch, release, ...parts };
}

type SuffixParts = Omit<Pep440Version, "kind" | "epoch" | "release">;

const released: SuffixParts = { phase: 4, phaseNumber: 0, post: -1, dev: Infinity, local: [] };

function parseSuffix(text: string): SuffixParts | undefined {
  const match = suffix.exec(text);
  if (match === null) return undefined;
  const [, word, phaseNumber, implicitPost, post, dev, local] = match;
  const hasPost = implicitPost !== undefined || post !== undefined;
  return {
    phase: word !== undefined ? phaseOf(word) : dev !== undefined && !hasPost ? 0 : 4,
    phaseNumber: readWhole(phaseNumber ?? ""),
    post: hasPost ? readWhole(implicitPost ?? post ?? "") : -1,
    dev: dev === undefined ? Infinity : readWhole(dev),
    local: local === undefined ? [] : local.split(/[-_.]/).map(readLocalSegment),
  };
}

function phaseOf(word: string): 1 | 2 | 3 {
  return word.startsWith("a") ? 1 : word.startsWith("b") ? 2 : 3;
}

function readWhole(digits: string): Natural {
  return readNatural(digits, 0, digits.length);
}

function readLocalSegment(segment: string): Natural | string {
  return endOfDigits(segment, 0) === segment.length ? readWhole(segment) : segment;
}

function compareReleases(a: readonly Natural[], b: readonly Natural[]): -1 | 0 | 1 {
  for (let index = 0; index < a.length || index < b.length; index++) {
    const order = compareNaturals(a[index] ?? 0, b[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** A number is higher than a word, and more segments are higher than fewer. */
function compareLocals(a: readonly (Natural | string)[], b: readonly (Natural | string)[]): -1 | 0 | 1 {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const order = compareLocalSegments(a[index] ?? 0, b[index] ?? 0);
    if (order !== 0) return order;
  }
  return compareNaturals(a.length, b.length);
}

function compareLocalSegments(a: Natural | string, b: Natural | string): -1 | 0 | 1 {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
  return typeof b === "string" ? 1 : compareNaturals(a, b);
}
