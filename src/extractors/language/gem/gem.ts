import type { OpenFile } from "../../../model/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { readSpecification } from "./specification.ts";

/** The largest specification that is read, in bytes: a hundred times a long one. */
const specificationLimit = 1024 * 1024;

/**
 * Installed Ruby gems, from the specification that RubyGems writes for each, in the tree or in a folder that is the
 * root of the tree:
 *
 * - `specifications/<name>-<version>.gemspec`, installed;
 * - `specifications/default/<name>-<version>.gemspec`, which came with Ruby itself.
 *
 * A `.gemspec` anywhere else is the source of a gem, a program that only Ruby can read, and says nothing of what is
 * installed.
 *
 * Source: RubyGems, `Gem::Specification#to_ruby` and "Specification Reference"; package-URL type `gem`.
 */
export const gem: Extractor = {
  id: "language/gem",
  revision: 2,
  files: [{ suffix: ".gemspec" }],
  folders: [{ basename: "specifications" }],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path, size, above = [] } = file;
  if (!isInstalled(path) && !above.some((root) => isInstalled(`${root}/${path}`))) return;
  if (size > specificationLimit) {
    const message = `${path} was not read: it has ${size} bytes, the limit is ${specificationLimit}`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const { name, version, platform, licenses } = readSpecification(new TextDecoder().decode(file.read(0, size)));
  if (name === undefined || version === undefined) {
    const missing = name === undefined ? "name" : "version";
    problem({ code: "unreadable", message: `${path} states no ${missing}, so its gem is not known`, path });
    return;
  }
  yield {
    kind: "package",
    package: {
      type: "gem",
      name,
      version,
      ...(licenses.length > 0 ? { licenses } : {}),
      ...(platform === undefined ? {} : { qualifiers: { platform } }),
    },
  };
}

function isInstalled(path: string): boolean {
  const folders = path.split("/").slice(0, -1);
  const last = folders.at(-1);
  return last === "specifications" || (last === "default" && folders.at(-2) === "specifications");
}
