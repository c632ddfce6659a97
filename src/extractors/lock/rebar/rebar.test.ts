import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { rebarLock } from "./rebar.ts";

const text = `{"1.2.0",
[{<<"bcrypt">>,{pkg,<<"bcrypt">>,<<"1.1.5">>},0},
 {<<"certifi">>,
  {pkg,<<"certifi">>,<<"2.9.0">>},
  1}]}.
[
{pkg_hash,[
 {<<"bcrypt">>, <<"A676">>}]}
].
`;

describeExtractor(rebarLock, [
  {
    path: "rebar.lock",
    bytes: Buffer.from(text),
    expected: [
      {
        kind: "package",
        package: { type: "hex", name: "bcrypt", version: "1.1.5", declaration: { line: 2, relation: "direct" } },
      },
      {
        kind: "package",
        package: { type: "hex", name: "certifi", version: "2.9.0", declaration: { line: 3, relation: "transitive" } },
      },
    ],
  },
]);

test.each([
  ["a package from Git", '[{<<"bson">>,\n  {git,"https://example.com/bson",\n       {ref,"1430"}},\n  1}].\n'],
  ["another file", "words\n"],
])("lock/rebar reports %s", (_, damaged) => {
  expect(extractorProblems(rebarLock, "rebar.lock", damaged)).toHaveLength(1);
});
