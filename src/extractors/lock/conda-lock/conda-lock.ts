import { readDocument } from "../../../io/documents/read-document.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readParsed } from "../../read-parsed.ts";

/**
 * The packages that a lock file of conda-lock names, of all platforms: those of conda, and those of PyPI that pip
 * installs beside them.
 *
 * Source: conda-lock, "Lockfile format", version 1.
 */
export const condaLock: Extractor = {
  id: "lock/conda-lock",
  revision: 1,
  files: [{ basename: "conda-lock.yml" }, { suffix: ".conda-lock.yml" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readParsed(file, context, { format: "a lock file of conda-lock", parse });
  if (lock === undefined) return;
  const broken = damage(file, context, "package");
  const seen = new Set<string>();
  for (const entry of lock) {
    const { name, version, manager, category } = isJsonObject(entry) ? entry : {};
    const type = manager === "pip" ? "pypi" : "conda";
    if (!isWord(name) || !isWord(version)) broken.note("it has no name or no version");
    else if (!seen.has(`${type} ${name} ${version}`)) {
      seen.add(`${type} ${name} ${version}`);
      const declaration = category === "dev" ? ({ declaration: { development: true } } as const) : {};
      yield { kind: "package", package: { type, name, version, ...declaration } };
    }
  }
  broken.report();
}

function parse(text: string): readonly unknown[] | undefined {
  const document = readDocument(text);
  const { package: packages } = "value" in document && isJsonObject(document.value) ? document.value : {};
  return Array.isArray(packages) ? packages : undefined;
}
