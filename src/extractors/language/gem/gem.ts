import type { OpenFile } from "../../../model/images/file.ts";
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
 * - `specifications/default/<name>-<version>.gemspec`, which came with Ruby itself;
 * - `bundler/gems/<name>-<commit>/`, a working copy that Bundler took from Git, and the same in `vendor/cache`, where
 *   it keeps them for `bundle install --local`: the `.gemspec` files in it, up to two folders down. Bundler writes them
 *   again as those of installed gems. A `.gemspec` that was left as it is in Git can be a program: where its name or
 *   version is not plain, it is reported as not read.
 *
 * A `.gemspec` anywhere else is the source of a gem and does not state which gems are installed.
 *
 * Source: RubyGems, `Gem::Specification#to_ruby` and "Specification Reference"; Bundler, `Bundler::Source::Git`;
 * package-URL type `gem`.
 */
export const gem: Extractor = {
  id: "language/gem",
  revision: 4,
  files: [{ suffix: ".gemspec" }],
  folders: [{ basename: "specifications" }],
  extract,
};

function* extract(file: OpenFile, { problem }: Context): Generator<Extraction> {
  const { path, size, above = [] } = file;
  const places = [path, ...above.map((root) => `${root}/${path}`)];
  const isFromGit = places.some(isInGitGem);
  if (!isFromGit && !places.some(isInstalled)) return;
  if (size > specificationLimit) {
    const message = `${path} was not read: it is ${size} bytes; the limit is ${specificationLimit} bytes`;
    problem({ code: "limit-exceeded", message, path });
    return;
  }
  const text = new TextDecoder().decode(file.read(0, size));
  const { name, version, platform, licenses, isPlain } = readSpecification(text);
  if (isFromGit && !(isPlain && name !== undefined && version !== undefined)) {
    yield { kind: "unread", format: { packagesOf: "Bundler from Git", kind: "installed", type: "gem" } };
    return;
  }
  if (name === undefined || version === undefined) {
    const missing = name === undefined ? "name" : "version";
    problem({ code: "unreadable", message: `${path} has no ${missing}, so its gem could not be identified`, path });
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

/** Where Bundler looks for specifications in a working copy. */
const inGitGem = /(?:^|\/)(?:bundler\/gems|vendor\/cache)\/[^/]+-[0-9a-f]{7,40}\/((?:[^/]+\/){0,2})[^/]+$/;
/** What lies here is for the tests of the gem. */
const ofTests = /(?:^|\/)(?:test|tests|spec|features|fixtures)\//;

function isInGitGem(path: string): boolean {
  const folders = inGitGem.exec(path)?.[1];
  return folders !== undefined && !ofTests.test(folders);
}
