import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { formatPackageUrl, type PackageUrlParts, parsePackageUrl } from "../../../src/model/packages/package-url.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface Parts {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

interface Case {
  readonly description: string;
  readonly test_type: "parse" | "validate" | "build";
  readonly input: string | Parts;
  readonly expected_output: string | Parts | null;
  readonly expected_failure: boolean;
}

const foreignType = "a type that Plimsoll does not judge, whose own rules the library does not have";
const upperCaseKey = "read leniently: maven-test.json and the specification ask for keys in upper case to be lowered";

/** Cases that fail: what and why. */
const expectedFailures: Readonly<Record<string, string>> = {
  "build cpan GDT URI::PackageURL": foreignType,
  "build cpan URI::PackageURL": foreignType,
  "build git codeberg.org forgejo/forgejo a72d2c07cfca03b55371089de6aa230d8c951fa0": foreignType,
  "build otp namespace hex 2.1.1": foreignType,
  "build vcpkg boost asio 1.84.0": foreignType,
  "parse pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25": upperCaseKey,
  "parse pkg:brew/Homebrew/Core/sqlite@3.43.2": foreignType,
  "parse pkg:brew/SQLite@3.43.2": foreignType,
  "parse pkg:chrome-extension/44444algnefjeiefhmpklpfiohadpglk": foreignType,
  "parse pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2.3-beta": foreignType,
  "parse pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2.3.4.5": foreignType,
  "parse pkg:chrome-extension/dogs": foreignType,
  "parse pkg:cpan/GDT/URI::PackageURL": foreignType,
  "parse pkg:cpan/LWP::UserAgent@6.7.6": foreignType,
  "parse pkg:cpan/URI::PackageURL": foreignType,
  "parse pkg:gem/jruby-launcher@1.1.2?Platform=java": upperCaseKey,
  "parse pkg:git/codeberg.org/forgejo/forgejo@a72d2c07cfca03b55371089de6aa230d8c951fa0": foreignType,
  "parse pkg:git/codeberg.org/forgejo/forgejo@a72d2c07cfca03b55371089de6aa230d8c951fa0#options/locale_readme.md":
    foreignType,
  "parse pkg:julia/Dates": "judged by its name, which is all that advisories have; the type asks for a UUID as well",
  "parse pkg:otp/namespace/hex@2.1.1": foreignType,
  "parse pkg:vcpkg/boost/asio@1.84.0": foreignType,
  "validate pkg:brew/Homebrew/Core/sqlite@3.43.2": foreignType,
  "validate pkg:brew/SQLite@3.43.2": foreignType,
  "validate pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c": foreignType,
};

const separators: Readonly<Record<string, string>> = {
  composer: "/",
  github: "/",
  golang: "/",
  maven: ":",
  npm: "/",
  swift: "/",
  "vscode-extension": ".",
};

describeWithCorpus("the package-URL specification's tests", () => {
  test("586 cases are parsed, built and brought to canonical form", () => {
    const failures: string[] = [];
    let count = 0;
    for (const folder of ["spec", "types"]) {
      for (const file of readdirSync(corpusPath("purl/tests", folder))) {
        for (const one of corpusJson<{ tests: readonly Case[] }>("purl/tests", folder, file).tests) {
          count += 1;
          if (!passes(one)) failures.push(`${one.test_type} ${keyOf(one.input)}`);
        }
      }
    }
    expect(count).toBeGreaterThanOrEqual(586);
    expect([...new Set(failures)].sort()).toEqual(Object.keys(expectedFailures).sort());
  });
});

function passes({ test_type, input, expected_output, expected_failure }: Case): boolean {
  const actual =
    test_type === "build"
      ? formatPackageUrl(partsOf(input as Parts))
      : test_type === "validate"
        ? parsePackageUrl(input as string)?.canonical
        : parsedText(input as string);
  if (expected_failure) return actual === undefined;
  const expected = test_type === "parse" ? partsText(expected_output as Parts) : expected_output;
  return actual === expected;
}

function partsOf({ type, namespace, name, version, qualifiers, subpath }: Parts): PackageUrlParts {
  return {
    type,
    namespace: namespace ?? undefined,
    name,
    version: version ?? undefined,
    qualifiers: qualifiers ?? undefined,
    subpath: subpath ?? undefined,
  };
}

/** The parts as one text, the name in the ecosystem's own form. */
function partsText({ type, namespace, name, version, qualifiers, subpath }: Parts): string {
  const separator = separators[type];
  const joined = namespace !== null && separator !== undefined ? `${namespace}${separator}${name}` : name;
  return JSON.stringify([type, namespace, joined, version, Object.entries(qualifiers ?? {}).sort(), subpath]);
}

function parsedText(text: string): string | undefined {
  const parsed = parsePackageUrl(text);
  if (!parsed) return undefined;
  const { type, namespace, name, version, qualifiers, subpath } = parsed;
  const pairs = Object.entries(qualifiers).sort();
  return JSON.stringify([type, namespace ?? null, name, version ?? null, pairs, subpath ?? null]);
}

function keyOf(input: string | Parts): string {
  if (typeof input === "string") return input;
  const { type, namespace, name, version } = input;
  return [type, namespace, name, version].filter((part) => part !== null).join(" ");
}
