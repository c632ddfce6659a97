import type { CheckDescription } from "../../src/checks/check.ts";
import { dockerChecks } from "../../src/checks/docker/docker-checks.ts";
import { dockerfileChecks } from "../../src/checks/dockerfile/builtin.ts";
import { imageChecks } from "../../src/checks/image/builtin.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "../../src/checks/kubernetes/kubernetes-checks.ts";
import { hostChecks } from "../../src/checks/linux/host-checks.ts";
import { manifestChecks } from "../../src/checks/manifests/manifest-checks.ts";
import { podSecurityTexts } from "../../src/checks/pod-security/pod-security-texts.ts";
import type { CheckMapping } from "../../src/model/check.ts";

const shortNames: Readonly<Record<string, string>> = {
  "NSA/CISA Kubernetes Hardening Guidance": "NSA/CISA",
  "MITRE ATT&CK": "ATT&CK",
};

/** The checks that each command has, without those of the user. */
const sections: readonly (readonly [command: string, about: string, checks: readonly CheckDescription[]])[] = [
  [
    "plimsoll check manifests",
    "Pod Security Standards: which of them are in a run, `--pss` says.",
    Object.entries(podSecurityTexts).map(([id, text]) => ({ id: `pss/${id}`, ...text })),
  ],
  ["", "And these, whatever the standard.", manifestChecks],
  ["plimsoll check dockerfile", "", dockerfileChecks],
  ["plimsoll check image", "", imageChecks],
  ["plimsoll check docker", "", dockerChecks],
  ["plimsoll check host", "", hostChecks],
  ["plimsoll check kubernetes", "Of a node, with `--part node`.", kubernetesNodeChecks],
  ["", "Of a cluster, with `--part cluster`.", kubernetesClusterChecks],
];

/** The text of `docs/check-list.md` behind its first heading: every check with its severity and where standards have its subject. */
export function checkList(): string[] {
  const all = sections.flatMap(([, , checks]) => checks);
  return [
    `There are ${all.length}. What states, severities and mappings mean is in [Checks](checks.md). Ids of benchmarks are facts and name the same subject; titles and texts are ours, and Plimsoll is neither affiliated with nor certified by those who publish them.`,
    ...sections.flatMap(([command, about, checks]) => [
      ...(command === "" ? [] : [`## ${command}`]),
      ...(about === "" ? [] : [about]),
      ["| check | severity | when it passes | when it fails | same subject |", "| --- | --- | --- | --- | --- |"]
        .concat(checks.map(row))
        .join("\n"),
    ]),
  ];
}

// Columns are not aligned: one long cell would make every row as long.
function row({ id, severity, title, mappings }: CheckDescription): string {
  const cells = [`\`${id}\``, severity, title.pass, title.fail, mappingsText(mappings)];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<")).join(" | ")} |`;
}

function mappingsText(mappings: readonly CheckMapping[]): string {
  return [...Map.groupBy(mappings, ({ framework }) => framework)]
    .map(([framework, those]) => {
      if (framework === "CWE") return those.map(({ id }) => id).join(", ");
      return `${shortNames[framework] ?? framework.replace(/ Benchmark$/, "")} ${idsText(those)}`;
    })
    .join("; ");
}

/** Ids with the versions that have them: `1.2.1 (1.8 to 1.10), 1.2.2 (1.11)`. */
function idsText(mappings: readonly CheckMapping[]): string {
  return [...Map.groupBy(mappings, ({ id }) => id)]
    .map(([id, those]) => {
      const versions = those.flatMap(({ version }) => version ?? []);
      const [first, last] = [versions[0], versions.at(-1)];
      if (first === undefined) return id;
      return `${id} (${first === last ? first : `${first} to ${last}`})`;
    })
    .join(", ");
}
