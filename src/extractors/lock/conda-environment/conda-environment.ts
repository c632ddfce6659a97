import { readDocument } from "../../../io/documents/read-document.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readParsed } from "../../read-parsed.ts";

/**
 * The packages that an environment file of conda pins: `name=version=build`, `name==version` or `name version build`,
 * and for pip `name==version`. What it does not pin is a problem, because the file does not say which version that is.
 *
 * Source: conda, "Creating an environment file manually", "Package match specifications".
 */
export const condaEnvironment: Extractor = {
  id: "lock/conda-environment",
  revision: 1,
  files: [{ basename: "environment.yml" }, { basename: "environment.yaml" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const dependencies = readParsed(file, context, { format: "an environment file of conda", parse });
  if (dependencies === undefined) return;
  const broken = damage(file, context, "dependency");
  for (const { type, text } of dependencies) {
    const pattern = type === "pypi" ? ofPip : ofConda;
    const [, name, version] = pattern.exec(text) ?? [];
    if (name === undefined || version === undefined) {
      broken.note(`${JSON.stringify(text.slice(0, 100))} does not pin a version`);
    } else {
      yield { kind: "package", package: { type, name, version, declaration: { relation: "direct" } } };
    }
  }
  broken.report();
}

const ofConda = /^(?:[\w./-]{1,100}::)?([\w.-]{1,200})(?:==?| {1,4})(\d[\w.!+-]{0,100})(?:(?:=| {1,4})[\w.]{1,100})?$/;
const ofPip = /^([\w.-]{1,200})(?:\[[\w,.-]{1,200}\])? ?== ?(\d[\w.!+-]{0,100})$/;

interface Dependency {
  readonly type: "conda" | "pypi";
  readonly text: string;
}

function parse(text: string): readonly Dependency[] | undefined {
  const document = readDocument(text);
  const { dependencies } = "value" in document && isJsonObject(document.value) ? document.value : {};
  if (!Array.isArray(dependencies)) return undefined;
  return dependencies.flatMap((entry): Dependency[] => {
    const list: unknown = isJsonObject(entry) ? entry["pip"] : undefined;
    if (!Array.isArray(list)) return [{ type: "conda", text: String(entry).trim() }];
    return list.map((text) => ({ type: "pypi", text: String(text).trim() }));
  });
}
