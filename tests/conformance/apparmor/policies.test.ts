import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policyFiles } from "../../../src/pipeline/profiles/apparmor-files.ts";
import { compileProfile } from "../../../src/profiles/apparmor/decisions/compile-profile.ts";
import { decideFile } from "../../../src/profiles/apparmor/decisions/decide-file.ts";
import { parsePolicy } from "../../../src/profiles/apparmor/language/parse-policy.ts";
import { PolicyError } from "../../../src/profiles/apparmor/language/policy-error.ts";
import { printPolicy } from "../../../src/profiles/apparmor/language/print.ts";
import { type LoadedPolicy, loadPolicy, type PolicyFiles } from "../../../src/profiles/apparmor/policy/load-policy.ts";
import { readFileAutomaton } from "../../setup/apparmor-automaton.ts";
import { compilePolicy, describeWithParser, describeWithParser4 } from "../../setup/apparmor-parser.ts";
import { corpusBytes, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { nearbyText } from "../../setup/nearby-text.ts";

const folder = ["hardening", "apparmor"] as const;
const installed = "/etc/apparmor.d";

interface ProfileCase {
  readonly id: string;
  readonly profile: string;
  readonly expect: "parse" | "fail";
}

interface EqualityCase {
  readonly reference: string;
  readonly others: readonly string[];
}

function lines<T>(name: string): readonly T[] {
  const all = corpusBytes(...folder, name).toString();
  return all.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as T]));
}

/** The files of the corpus, which its profiles also name by the paths of upstream's tests. */
function corpusFiles(): PolicyFiles {
  const files = policyFiles("-", corpusPath(...folder, "include-root"));
  return {
    read: (path, searched) => files.read(path.replace(/^(?:\.\.\/tst\/)?simple_tests\//, ""), searched),
  };
}

function problemsOf(text: string, files: PolicyFiles): readonly string[] {
  let policy: LoadedPolicy;
  try {
    policy = loadPolicy(text, files);
  } catch (error) {
    if (error instanceof PolicyError) return [error.message];
    throw error;
  }
  const ofProfiles = policy.profiles.flatMap((profile) => compileProfile(profile, policy).problems);
  return [...policy.problems, ...ofProfiles].map(({ message }) => message);
}

describeWithCorpus("AppArmor policy", () => {
  const profiles = lines<ProfileCase>("profiles.jsonl");
  const equalities = lines<EqualityCase>("equality.jsonl").flatMap(({ reference, others }) => [reference, ...others]);
  const readable = [...profiles.flatMap((row) => (row.expect === "parse" ? [row.profile] : [])), ...equalities];

  test("is accepted and refused as by AppArmor's own compiler", () => {
    const different = profiles.filter(
      ({ profile, expect: expected }) => (problemsOf(profile, corpusFiles()).length === 0) !== (expected === "parse"),
    );
    expect(profiles.length).toBeGreaterThan(200);
    expect(different.map(({ id }) => id)).toEqual([]);
    expect(equalities.flatMap((text) => problemsOf(text, corpusFiles()))).toEqual([]);
  });

  test("stays the same when it is printed and parsed again", () => {
    for (const text of readable) {
      const printed = printPolicy(parsePolicy(text));
      expect(printPolicy(parsePolicy(printed))).toBe(printed);
    }
  });

  describeWithParser4("compared with apparmor_parser", () => {
    test("printed policy compiles to the same bytes", { timeout: 120_000 }, () => {
      expect(compareBytes(readable, corpusPath(...folder, "include-root"))).toBeGreaterThan(50);
    });

    test("decides about paths as the compiled automaton does", { timeout: 120_000 }, () => {
      expect(
        comparePaths(
          readable,
          corpusPath(...folder, "include-root"),
          policyFiles("-", corpusPath(...folder, "include-root")),
        ),
      ).toBeGreaterThan(2000);
    });
  });
});

describeWithParser("AppArmor policy of this machine", () => {
  const texts = installedProfiles();

  describe.runIf(texts.length > 0)("in /etc/apparmor.d", () => {
    test("compiles to the same bytes when it is printed", { timeout: 120_000 }, () => {
      expect(compareBytes(texts, installed)).toBeGreaterThan(0);
    });

    test("decides about paths as the compiled automaton does", { timeout: 120_000 }, () => {
      expect(comparePaths(texts, installed, policyFiles("-", installed))).toBeGreaterThan(100);
    });
  });
});

function installedProfiles(): readonly string[] {
  try {
    const files = readdirSync(installed).map((name) => join(installed, name));
    return files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

/** How many policies the compiler takes; their printed forms must compile to the same. */
function compareBytes(texts: readonly string[], base: string): number {
  let compared = 0;
  for (const text of texts) {
    const expected = compilePolicy(text, base);
    if (expected === undefined) continue;
    compared += 1;
    const isSame = compilePolicy(printPolicy(parsePolicy(text)), base)?.equals(expected);
    // Some policies compile to other bytes each time.
    const repeats = isSame || [1, 2, 3, 4].every(() => compilePolicy(text, base)?.equals(expected));
    if (repeats) expect([text, isSame]).toEqual([text, true]);
  }
  return compared;
}

/**
 * How many paths were compared. Paths with `//` are left out: the kernel never asks about them, and newer compilers let
 * `/home/*` in a list of alternatives match `/home/`. So is the rule that changing profiles implies.
 */
function comparePaths(texts: readonly string[], base: string, files: PolicyFiles): number {
  const differences: string[] = [];
  let compared = 0;
  for (const text of texts) {
    const binary = compilePolicy(text, base);
    if (binary === undefined) continue;
    const policy = loadPolicy(text, files);
    const [profile] = policy.profiles;
    if (profile === undefined || policy.profiles.length > 1) continue;
    const compiled = compileProfile(profile, policy);
    const globs = compiled.fileRules.flatMap((rule) => rule.globs);
    if (globs.length === 0) continue;
    const answer = readFileAutomaton(binary);
    for (let seed = 0; seed < Math.min(200, globs.length * 4 + 20); seed += 1) {
      const path = nearbyText(globs[seed % globs.length]?.pattern ?? "/", seed);
      if (path === "" || path.includes("//") || /^\/proc\/[^/]+\/attr\//.test(path)) continue;
      for (const owner of ["own", "other"] as const) {
        const allowed = decideFile(compiled, path, owner).filter((decision) => decision.allowed);
        const letters = allowed.map(({ permission }) => permission).join("");
        compared += 1;
        if (letters !== answer(path)[owner])
          differences.push(`${path} ${owner}: ${letters}, not ${answer(path)[owner]}`);
      }
    }
  }
  expect(differences).toEqual([]);
  return compared;
}
