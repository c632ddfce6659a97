import type { OpenFile } from "../../../model/images/file.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
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
  revision: 2,
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
  for (const entry of Array.isArray(packages) ? packages : []) {
    const { name, version, source } = isJsonObject(entry) ? entry : {};
    if (!isWord(name) || !isWord(version)) broken.note("it has no name or no version");
    else if (source === undefined || isCratesIo(source)) {
      yield { kind: "package", package: { type: "cargo", name, version } };
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

function isCratesIo(source: unknown): boolean {
  return (
    source === "registry+https://github.com/rust-lang/crates.io-index" || source === "sparse+https://index.crates.io/"
  );
}
