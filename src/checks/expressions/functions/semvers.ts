import { EvaluationFault } from "../values/fault.ts";
import { SemverValue } from "../values/semver-value.ts";
import { type Overload, overload } from "./overload.ts";

/** Semantic versions, by k8s.io/apiserver, pkg/cel/library/semver.go. */
export const semverFunctions: readonly Overload[] = [
  overload("isSemver", { takes: ["string"], gives: "bool", run: ([text]) => typeof readSemver(text) !== "string" }),
  overload("isSemver", {
    takes: ["string", "bool"],
    gives: "bool",
    run: ([text, isLoose]) => typeof readSemver(isLoose ? normalized(text) : text) !== "string",
  }),
  overload("semver", { takes: ["string"], gives: "semver", run: ([text]) => parseSemver(text) }),
  overload("semver", {
    takes: ["string", "bool"],
    gives: "semver",
    run: ([text, isLoose]) => parseSemver(isLoose ? normalized(text) : text),
  }),
  overload(".major", { takes: ["semver"], gives: "int", run: ([{ major }]) => major }),
  overload(".minor", { takes: ["semver"], gives: "int", run: ([{ minor }]) => minor }),
  overload(".patch", { takes: ["semver"], gives: "int", run: ([{ patch }]) => patch }),
  overload(".isLessThan", { takes: ["semver", "semver"], gives: "bool", run: ([a, b]) => a.compare(b) < 0 }),
  overload(".isGreaterThan", { takes: ["semver", "semver"], gives: "bool", run: ([a, b]) => a.compare(b) > 0 }),
  overload(".compareTo", { takes: ["semver", "semver"], gives: "int", run: ([a, b]) => BigInt(a.compare(b)) }),
];

const longest = 256;
const number = /^(?:0|[1-9]\d{0,18})$/;
const identifier = /^[0-9A-Za-z-]+$/;

function parseSemver(text: string): SemverValue {
  const read = readSemver(text);
  if (typeof read === "string") throw new EvaluationFault(read);
  return read;
}

/** A version, or why a text is none. */
function readSemver(text: string): SemverValue | string {
  if (text === "") return "Version string empty";
  if (text.length > longest) return "the version is too long";
  const match = /^([^.]*)\.([^.]*)\.([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(text);
  if (!match) return "No Major.Minor.Patch elements found";
  const [, major = "", minor = "", patch = "", prerelease, build] = match;
  if (![major, minor, patch].every((part) => number.test(part)))
    return `the version ${JSON.stringify(text)} has a part that is not a number`;
  const before = prerelease?.split(".") ?? [];
  const after = build?.split(".") ?? [];
  if (![...before, ...after].every((part) => identifier.test(part)) || before.some((part) => /^0\d+$/.test(part))) {
    return `the version ${JSON.stringify(text)} has an invalid pre-release or build version`;
  }
  return new SemverValue({
    major: BigInt(major),
    minor: BigInt(minor),
    patch: BigInt(patch),
    prerelease: before,
    build: after,
  });
}

/** Without a `v` before it, with three numbers, and without zeros before them. */
function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/s.exec(text.slice(0, longest + 1).trim());
  if (!match) return text;
  const [, major = "", minor = "0", patch = "0", rest = ""] = match;
  return `${[major, minor, patch].map((part) => part.replace(/^0+(?=\d)/, "")).join(".")}${rest}`;
}
