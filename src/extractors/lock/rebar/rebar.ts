// A lock file of Rebar is Erlang terms: a list of packages with their level, 0 for those that the project itself asks
// for; then the hashes.
//
//   {"1.2.0",
//   [{<<"bcrypt">>,{pkg,<<"bcrypt">>,<<"1.1.5">>},0},
//    {<<"bson">>,
//     {git,"https://…",
//          {ref,"1430…"}},
//     1}]}.

import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Hex packages that a lock file of Rebar names. A package from a version control system has no version there, so it
 * is a problem.
 *
 * Source: rebar3 `apps/rebar/src/rebar_config.erl`.
 */
export const rebarLock: Extractor = {
  id: "lock/rebar",
  revision: 1,
  files: [{ basename: "rebar.lock" }],
  extract,
};

const entryStart = /\{<<"([^"]{1,256})">>,\s{0,20}\{(\w{1,20}),/g;
const packageRest = /^\s{0,20}<<"([^"]{1,256})">>,\s{0,20}<<"([^"]{1,256})">>(?:,[^{}]{0,300})?\}(?:,\s{0,20}(\d+))?/;
/** Enough for the rest of an entry. */
const longestRest = 1_000;

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "package");
  if (!/^\s*(?:\{"|\[)/.test(text)) broken.note("the file is not a list of packages");
  let [line, counted] = [1, 0];
  for (const entry of text.matchAll(entryStart)) {
    const [start, app, kind] = entry;
    for (; counted < entry.index; counted++) if (text.charCodeAt(counted) === 10) line++;
    if (kind !== "pkg") {
      broken.note(`${app} comes from ${kind} and has no version`);
      continue;
    }
    const after = entry.index + start.length;
    const [, name, version, level] = packageRest.exec(text.slice(after, after + longestRest)) ?? [];
    if (name === undefined || version === undefined) broken.note(`${app} has no version`);
    else {
      const relation = level === undefined ? {} : ({ relation: level === "0" ? "direct" : "transitive" } as const);
      yield { kind: "package", package: { type: "hex", name, version, declaration: { line, ...relation } } };
    }
  }
  broken.report();
}
