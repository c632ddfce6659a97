import { type CatalogueCheck, checkCatalogue } from "../../src/pipeline/check/check-catalogue.ts";
import { frameworkTexts } from "../../src/reporters/framework-text.ts";

/** The checks that each command has, without those of the user. */
const sections: readonly (readonly [command: string, about: string, checks: readonly CatalogueCheck[]])[] = [
  [
    "plimsoll check manifests",
    "Pod Security Standards: `--pss` selects which of them a run includes.",
    of("check manifests").filter(({ id }) => id.startsWith("pss/")),
  ],
  ["", "Checks that are independent of `--pss`:", of("check manifests").filter(({ id }) => !id.startsWith("pss/"))],
  ["plimsoll check dockerfile", "", of("check dockerfile")],
  ["plimsoll check image", "", of("check image")],
  ["plimsoll check docker", "", of("check docker")],
  ["plimsoll check host", "", of("check host")],
  ["plimsoll check kubernetes", "Checks of a node, with `--part node`:", of("check kubernetes --part node")],
  ["", "Checks of a cluster, with `--part cluster`:", of("check kubernetes --part cluster")],
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
function row({ id, severity, title, mappings }: CatalogueCheck): string {
  const cells = [`\`${id}\``, severity, title.pass, title.fail, frameworkTexts(mappings).join("; ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<")).join(" | ")} |`;
}

function of(command: string): readonly CatalogueCheck[] {
  return checkCatalogue.filter((check) => check.command === command);
}
