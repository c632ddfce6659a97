import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { isWord } from "../../language/read-json.ts";
import { damage } from "../../os/damage.ts";
import { readToml } from "../read-toml.ts";

/**
 * The crates that a lock file of Cargo names: those of crates.io and those of the working copy, as
 * `binary/cargo-auditable` does. Crates from Git or another registry are not listed, because they may be forks; a
 * problem names them.
 *
 * Source: the Cargo book, "Cargo.toml vs Cargo.lock"; cargo `core/resolver/encode.rs`.
 */
export const cargoLock: Extractor = {
  id: "lock/cargo",
  revision: 3,
  files: [{ basename: "Cargo.lock" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const lock = readToml(file, context);
  if (lock === undefined) return;
  const { package: packages = [] } = lock;
  const broken = damage(file, context, "crate");
  const elsewhere: string[] = [];
  if (!Array.isArray(packages)) broken.note("its crates are not a list");
  const crates = Array.isArray(packages) ? packages.map((entry) => (isJsonObject(entry) ? entry : {})) : [];
  const requiredBy = requirementsOf(crates);
  for (const crate of crates) {
    const { name, version, source } = crate;
    if (!isWord(name) || !isWord(version)) broken.note("it has no name or no version");
    else if (source === undefined || isCratesIo(source)) {
      yield { kind: "package", package: { type: "cargo", name, version, ...requiredBy(crate) } };
    } else elsewhere.push(`${name} ${version}`);
  }
  broken.report();
  if (elsewhere.length === 0) return;
  const names = elsewhere.slice(0, mostNamed).join(", ");
  const more = elsewhere.length > mostNamed ? ` and ${elsewhere.length - mostNamed} more` : "";
  const message = `crates of ${file.path} from Git or another registry were not compared: ${names}${more}`;
  context.problem({ code: "no-advisories", message, path: file.path });
}

const mostNamed = 5;

/**
 * What a crate requires. Cargo names a crate alone where the file has one version of it, else with the version: `rand`,
 * `rand 0.8.5`, `rand 0.8.5 (registry+…)`.
 */
function requirementsOf(crates: readonly JsonObject[]): (crate: JsonObject) => Pick<FoundPackage, "declaration"> {
  const versions = new Map<unknown, unknown>(crates.map(({ name, version }) => [name, version]));
  return ({ dependencies }) => {
    const requires = (Array.isArray(dependencies) ? dependencies : []).flatMap((text): readonly string[] => {
      const [name, version] = String(text).split(" ", 2);
      const found = version ?? versions.get(name);
      return isWord(name) && isWord(found) ? [`${name}@${found}`] : [];
    });
    return requires.length === 0 ? { declaration: {} } : { declaration: { requires } };
  };
}

function isCratesIo(source: unknown): boolean {
  return (
    source === "registry+https://github.com/rust-lang/crates.io-index" || source === "sparse+https://index.crates.io/"
  );
}
