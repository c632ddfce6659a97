import type { CheckMapping } from "../model/checks/check.ts";

const shortNames: Readonly<Record<string, string>> = {
  "NSA/CISA Kubernetes Hardening Guidance": "NSA/CISA",
  "MITRE ATT&CK": "ATT&CK",
  "Pod Security Standards": "Pod Security",
};

/** The ids of each framework, with the versions that have them: `CIS Docker 5.4 (1.6)`, `ATT&CK T1611, T1610`. */
export function frameworkTexts(mappings: readonly CheckMapping[]): readonly string[] {
  return texts(mappings, idsWithVersions);
}

/** As {@link frameworkTexts} without versions, for a line that has little room. */
export function shortFrameworkTexts(mappings: readonly CheckMapping[]): readonly string[] {
  return texts(mappings, (those) => [...new Set(those.map(({ id }) => id))].join(", "));
}

function texts(
  mappings: readonly CheckMapping[],
  idsText: (mappings: readonly CheckMapping[]) => string,
): readonly string[] {
  return [...Map.groupBy(mappings, ({ framework }) => framework)].map(([framework, those]) => {
    if (framework === "CWE") return those.map(({ id }) => id).join(", ");
    return `${shortNames[framework] ?? framework.replace(/ Benchmark$/, "")} ${idsText(those)}`;
  });
}

/** `1.2.1 (1.8 to 1.10), 1.2.2 (1.11)`. */
function idsWithVersions(mappings: readonly CheckMapping[]): string {
  return [...Map.groupBy(mappings, ({ id }) => id)]
    .map(([id, those]) => {
      const versions = those.flatMap(({ version }) => version ?? []);
      const [first, last] = [versions[0], versions.at(-1)];
      if (first === undefined) return id;
      return `${id} (${first === last ? first : `${first} to ${last}`})`;
    })
    .join(", ");
}
