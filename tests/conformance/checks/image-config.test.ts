import { expect, test } from "vitest";
import { dockerfileChecks } from "../../../src/checks/dockerfile/builtin.ts";
import { imageChecks } from "../../../src/checks/image/builtin.ts";
import type { ImageFacts } from "../../../src/checks/image/image-facts.ts";
import { readImageConfiguration } from "../../../src/checks/image/read-image-configuration.ts";
import { runChecks } from "../../../src/checks/run-checks.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["hardening", "dockerfile-lint-facts"];

interface CaseGroup {
  readonly func: string;
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly path?: string;
        readonly assesses?: readonly { readonly Code: string }[];
        readonly cmd?: string;
        readonly cmdSlices?: Readonly<Record<string, readonly string[]>>;
        readonly expected?: unknown;
      }
    >
  >;
}

// The findings of Dockle in configurations, and ours.
const codes: Readonly<Record<string, string>> = {
  AvoidRootDefault: "image/root-user",
  AddHealthcheck: "image/healthcheck",
  UseCOPY: "image/history-add",
  UseApkAddNoCache: "image/package-cache",
  MinimizeAptGet: "image/package-cache",
};

// Dockle's functions, and what says the same here.
const functions: Readonly<Record<string, string>> = {
  TestReducableApkAdd: "image/package-cache",
  TestReducableAptGetUpdate: "image/package-refresh-alone",
  TestReducableAptGetInstall: "image/package-cache",
  TestAddStatement: "image/history-add",
  TestSensitiveVars: "image/secret-variable",
  TestUseDistUpgrade: "image/dist-upgrade",
};

// Tests of Dockle's own inner functions, which have no like here: a list that contains enough of another; words of a script that is not
// read as a shell reads it.
const inner = ["TestContainsThreshold", "TestSplitByCommands"];

describeWithCorpus("Images get the verdicts that Dockle gives them", () => {
  test("configurations and steps of the history", () => {
    const groups = corpusJson<CaseGroup[]>(...folder, "dockle-manifest-cases.json");
    const ran = { configurations: 0, steps: 0, inner: 0 };
    for (const { func, cases } of groups) {
      for (const [name, { path = "", assesses, cmd, cmdSlices, expected }] of Object.entries(cases)) {
        const id = functions[func];
        if (func === "TestAssess") {
          const config = corpusJson<unknown>(...folder, path.replace("./testdata", "dockle-image-configs"));
          const wanted = (assesses ?? []).map(({ Code }) => codes[Code] ?? Code).sort();
          expect(failures(config, Object.values(codes)), name).toEqual(wanted);
          ran.configurations += 1;
        } else if (id !== undefined) {
          const found = failures(historyOf(cmd ?? Object.values(cmdSlices ?? {}).map((words) => words.join(" "))), [
            id,
          ]);
          expect(found.length > 0, `${func} ${name}`).toBe(expected);
          ran.steps += 1;
        } else {
          expect(inner, func).toContain(func);
          ran.inner += 1;
        }
      }
    }
    expect(ran).toEqual({ configurations: 5, steps: 35, inner: 8 });
  });

  test("every check of Dockle has one of ours", () => {
    const { checks } = corpusJson<{ checks: { id: string; default_level: string }[] }>(...folder, "dockle.json");
    const ids = checks.filter(({ default_level: level }) => level !== "unsupported").map(({ id }) => id);
    expect(ids.filter((id) => dockle[id] === undefined && !(id in outside))).toEqual([]);
    expect(unknownChecks(dockle)).toEqual([]);
    expect(checks).toHaveLength(20);
  });

  test("every check of hadolint has one of ours, or stands in the list of those that we leave out", () => {
    const { rules } = corpusJson<{ rules: { id: string }[] }>(...folder, "hadolint.json");
    const ids = rules.map(({ id }) => id);
    expect(ids.filter((id) => hadolint[id] === undefined && !(id in outside))).toEqual([]);
    expect(ids.filter((id) => hadolint[id] !== undefined && id in outside)).toEqual([]);
    expect(unknownChecks(hadolint)).toEqual([]);
    expect(ids).toHaveLength(71);
  });
});

const dockle: Readonly<Record<string, string>> = {
  "CIS-DI-0001": "image/root-user",
  "CIS-DI-0006": "image/healthcheck",
  "CIS-DI-0007": "image/package-refresh-alone",
  "CIS-DI-0008": "image/set-user-id",
  "CIS-DI-0009": "image/history-add",
  "CIS-DI-0010": "image/secret-variable",
  "DKL-DI-0001": "image/sudo",
  "DKL-DI-0002": "image/system-volume",
  "DKL-DI-0003": "image/dist-upgrade",
  "DKL-DI-0004": "image/package-cache",
  "DKL-DI-0005": "image/package-cache",
  "DKL-DI-0006": "image/tag",
  "DKL-LI-0001": "image/empty-password",
  "DKL-LI-0002": "image/shared-account-id",
  "DKL-LI-0003": "image/left-over-file",
};

const hadolint: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    DL3000: "workdir-relative",
    DL3001: "pointless-command",
    DL3002: "root-user",
    DL3003: "run-cd",
    DL3004: "sudo",
    DL3006: "base-tag",
    DL3007: "base-tag",
    DL3008: "package-version",
    DL3009: "package-cache",
    DL3011: "port-range",
    DL3012: "repeated-instruction",
    DL3013: "package-version",
    DL3014: "package-confirmation",
    DL3015: "package-recommends",
    DL3016: "package-version",
    DL3018: "package-version",
    DL3019: "package-cache",
    DL3020: "add-local",
    DL3021: "copy-target-folder",
    DL3022: "copy-from-known",
    DL3023: "copy-from-self",
    DL3024: "stage-name-unique",
    DL3025: "exec-form",
    DL3026: "base-registry",
    DL3027: "apt-in-script",
    DL3028: "package-version",
    DL3029: "platform-constant",
    DL3030: "package-confirmation",
    DL3032: "package-cache",
    DL3033: "package-version",
    DL3034: "package-confirmation",
    DL3035: "dist-upgrade",
    DL3036: "package-cache",
    DL3037: "package-version",
    DL3038: "package-confirmation",
    DL3040: "package-cache",
    DL3041: "package-version",
    DL3042: "language-cache",
    DL3043: "valid",
    DL3044: "variable-self-reference",
    DL3045: "copy-target-absolute",
    DL3046: "useradd-log",
    DL3048: "label-name",
    DL3049: "label-required",
    DL3057: "healthcheck",
    DL3060: "language-cache",
    DL3061: "valid",
    DL3062: "package-version",
    DL3063: "stage-name-reserved",
    DL3064: "secret-variable",
    DL3065: "platform-redundant",
    DL3066: "numeric-user",
    DL3067: "copy-filesystem",
    DL4000: "maintainer",
    DL4001: "download-tool",
    DL4003: "repeated-instruction",
    DL4004: "repeated-instruction",
    DL4005: "shell-link",
    DL4006: "pipefail",
  }).map(([id, name]) => [id, `dockerfile/${name}`]),
);

// What we leave out, and why.
const outside: Readonly<Record<string, string>> = {
  "CIS-DI-0005": "It looks at the environment of the scanner, not at the image.",
  DL1001: "It forbids waivers; ours have an end and a reason.",
  DL3010: "Whether ADD or COPY unpacks an archive does not matter to security.",
  DL3047: "The output of wget does not matter to security.",
  DL3050: "Labels beside the required ones do no harm.",
  DL3051: "What a label says is for who requires it.",
  DL3052: "What a label says is for who requires it.",
  DL3053: "What a label says is for who requires it.",
  DL3054: "What a label says is for who requires it.",
  DL3055: "What a label says is for who requires it.",
  DL3056: "What a label says is for who requires it.",
  DL3058: "What a label says is for who requires it.",
  DL3059: "Several RUN in a row are no mistake, and make better use of the cache.",
};

/** The ids of failed checks, once for each observation. */
function failures(config: unknown, ids: readonly string[]): string[] {
  const facts: ImageFacts = {
    tags: [],
    config: { value: readImageConfiguration(config) },
    files: { unavailable: "the layers were not read" },
    accounts: { unavailable: "the layers were not read" },
  };
  return runChecks(imageChecks, facts)
    .filter(({ id, state }) => state === "fail" && ids.includes(id))
    .map(({ id }) => id)
    .sort();
}

/** A configuration whose history is one step, after the layer of a base image. */
function historyOf(step: string | readonly string[]): unknown {
  const text = typeof step === "string" ? step : step.join(" && ");
  const shell = text.startsWith("/bin/sh -c ") ? "" : "/bin/sh -c ";
  return { history: [{ created_by: "/bin/sh -c #(nop) ADD file:1 in /" }, { created_by: shell + text }] };
}

function unknownChecks(map: Readonly<Record<string, string>>): string[] {
  const ours = new Set([...dockerfileChecks, ...imageChecks].map(({ id }) => id));
  return Object.values(map).filter((id) => !ours.has(id));
}
