import type { OpenFile } from "../../../model/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isProjectName, isProjectVersion } from "../../language/python/metadata.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Python packages that a requirements file of pip pins (`name==version`). What it does not pin, takes from an
 * address or a folder, or reads from other files (`-r`, `-c`) is a problem, because the file does not say which version
 * that is.
 *
 * Source: pip, "Requirements File Format"; PyPA, "Dependency specifiers".
 */
export const requirements: Extractor = {
  id: "lock/requirements",
  revision: 1,
  files: [{ basename: "requirements.txt" }, { suffix: ".txt", containing: "requirements" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "requirement");
  for (const line of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const requirement = line.replace(/(?:^|\s)#.*$/, "").trim();
    if (requirement === "" || isSetting(requirement)) continue;
    const [, name = "", version = ""] =
      /^([\w.-]+) *(?:\[[^\]]*\])? *={2,3} *([^\s;,]+) *(?:;|$| -)/.exec(requirement) ?? [];
    if (isProjectName(name) && isProjectVersion(version) && !version.includes("*")) {
      yield { kind: "package", package: { type: "pypi", name, version } };
    } else broken.note(`${JSON.stringify(requirement.slice(0, 100))} does not name one version`);
  }
  broken.report();
}

/** Options that name no package, as `--index-url`. */
function isSetting(requirement: string): boolean {
  return requirement.startsWith("-") && !/^(?:-[rce]|--(?:requirement|constraint|editable))\b/.test(requirement);
}
