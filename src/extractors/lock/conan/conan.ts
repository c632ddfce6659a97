import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { readJson } from "../../language/read-json.ts";
import { type Damage, damage } from "../../os/damage.ts";

/**
 * The Conan packages that a lock file names: the nodes of the graph in Conan 1, without the project itself, and the
 * lists of requirements in Conan 2. Tools that only the build needs are listed as such.
 *
 * Source: Conan, "Lockfiles", versions 0.4 and 0.5; a reference is `name/version@user/channel#revision%time`.
 */
export const conanLock: Extractor = {
  id: "lock/conan",
  revision: 1,
  files: [{ basename: "conan.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readJson(file, context);
  if (lock === undefined) return;
  const broken = damage(file, context, "package");
  const { graph_lock: graph, requires, build_requires, python_requires } = isJsonObject(lock) ? lock : {};
  if (isJsonObject(graph)) yield* ofGraph(graph, broken);
  else if (Array.isArray(requires)) {
    yield* ofList(requires, broken);
    for (const list of [build_requires, python_requires]) yield* ofList(list, broken, { development: true });
  } else broken.note("the list of packages is missing");
  broken.report();
}

function* ofGraph({ nodes }: JsonObject, broken: Damage): Generator<Extraction> {
  if (!isJsonObject(nodes)) broken.note("the list of packages is missing");
  for (const [key, node] of Object.entries(isJsonObject(nodes) ? nodes : {})) {
    const { ref, path, context } = isJsonObject(node) ? node : {};
    const isProject = key === "0" && path !== undefined;
    if (!isProject) yield* packageOf(ref, broken, context === "build" ? { development: true } : {});
  }
}

function* ofList(list: unknown, broken: Damage, marks: Marks = {}): Generator<Extraction> {
  for (const reference of Array.isArray(list) ? list : []) yield* packageOf(reference, broken, marks);
}

type Marks = { readonly development?: true };

function* packageOf(reference: unknown, broken: Damage, marks: Marks): Generator<Extraction> {
  const [, name, version] = /^([\w.+-]{1,100})\/([^\s@#%/]{1,100})(?:[@#%]|$)/.exec(String(reference)) ?? [];
  if (name === undefined || version === undefined) {
    broken.note(`${JSON.stringify(String(reference).slice(0, 100))} is not a package with a version`);
    return;
  }
  const declaration: Pick<FoundPackage, "declaration"> = marks.development ? { declaration: marks } : {};
  yield { kind: "package", package: { type: "conan", name, version, ...declaration } };
}
