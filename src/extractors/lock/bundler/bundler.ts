// A lock file of Bundler has sections without indentation, one for each source. Their `specs` have a gem on a line of
// four spaces; deeper lines are what it requires:
//
//   GEM
//     remote: https://rubygems.org/
//     specs:
//       nokogiri (1.13.3-x86_64-linux)
//         racc (~> 1.4)

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The gems that a lock file of Bundler names: those of its sections `GEM`, `GIT` and `PLUGIN SOURCE`. A gem in a folder
 * (`PATH`) is not listed, because it was not published.
 *
 * Source: Bundler `lockfile_parser.rb`.
 */
export const bundlerLock: Extractor = {
  id: "lock/bundler",
  revision: 2,
  files: [{ basename: "Gemfile.lock" }, { basename: "gems.locked" }],
  extract,
};

const sections: ReadonlySet<string> = new Set(["GEM", "GIT", "PLUGIN SOURCE"]);

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "gem");
  const seen = new Set<string>();
  let section = "";
  let hasSection = false;
  const lines = text.split("\n");
  const direct = directGems(lines);
  for (const [index, line] of lines.entries()) {
    if (/^[A-Z]/.test(line)) {
      section = line.trim();
      hasSection = true;
    } else if (sections.has(section) && /^ {4}\S/.test(line)) {
      const [, name, version, platform] =
        /^([\w.-]{1,256}) \(([\w.]{1,256})(?:-([\w.-]{1,256}))?\)$/.exec(line.trim()) ?? [];
      if (name === undefined || version === undefined)
        broken.note(`${JSON.stringify(line.trim().slice(0, 100))} is not a gem with a version`);
      else if (!seen.has(`${name} ${version} ${platform}`)) {
        seen.add(`${name} ${version} ${platform}`);
        const qualifiers = platform === undefined ? {} : { qualifiers: { platform } };
        const relation = direct.has(name) ? "direct" : "transitive";
        const declaration = { line: index + 1, relation } as const;
        yield { kind: "package", package: { type: "gem", name, version, ...qualifiers, declaration } };
      }
    }
  }
  if (!hasSection) broken.note("the file has no sections");
  broken.report();
}

/** The gems of the section `DEPENDENCIES`, which has one with its requirement on each line: `  rails (~> 7.0)!`. */
function directGems(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  let isInside = false;
  for (const line of lines) {
    if (/^[A-Z]/.test(line)) isInside = line.trim() === "DEPENDENCIES";
    const [, name] = isInside ? (/^ {2}([\w.-]{1,256})/.exec(line) ?? []) : [];
    if (name !== undefined) names.add(name);
  }
  return names;
}
