import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileYaraRules } from "../../src/detectors/yara/compile-yara-rules.ts";
import { scanBytes } from "../../src/detectors/yara/scan-bytes.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { generatedFile, generatedRule, Random } from "./generate-rules.ts";

// Debian's yara as the reference, where .ci/install-tools could install it. Not compared: more than 16 places of a
// string, and the lengths of matches of regular expressions, which in YARA depend on the atom that it chose.

const hasYara = spawnSync("yara", ["--version"]).status === 0;
const rulesOfSet = 100;
const filesOfSet = 5;

test.skipIf(!hasYara).each([1, 2, 3, 4])(
  "2,000 rules and files are as in yara, part %i",
  { timeout: 60_000 },
  (part) => {
    const folder = temporaryFolder();
    for (let set = 0; set < 5; set++) {
      const random = new Random(part * 1000 + set);
      const rules = Array.from({ length: rulesOfSet }, (_, index) => generatedRule(random, `r${index}`));
      const compiled = compileYaraRules([{ name: "all", text: withImports(rules) }]);
      expect(compiled.problems).toEqual([]);
      const left = new Set(compiled.unsupported.map(({ name }) => name));
      const path = join(folder, "rules.yar");
      writeFileSync(path, withImports(rules.filter((_, index) => !left.has(`r${index}`))));
      for (let file = 0; file < filesOfSet; file++) {
        const bytes = generatedFile(random);
        const ours = scanBytes(compiled, bytes).matches.map(({ rule, strings }) => [
          rule,
          strings.flatMap(({ name, places }) => places.map(({ offset, length }) => ({ name, offset, length }))),
        ]);
        const theirs = yara(path, { folder, bytes });
        expect(comparable(Object.fromEntries(ours), rules)).toEqual(comparable(theirs, rules));
      }
    }
  },
);

interface Place {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

function withImports(rules: readonly string[]): string {
  return `import "math"\nimport "hash"\n${rules.join("")}`;
}

function yara(
  rules: string,
  { folder, bytes }: { readonly folder: string; readonly bytes: Uint8Array },
): Record<string, Place[]> {
  const file = join(folder, "file");
  writeFileSync(file, bytes);
  const { status, stdout, stderr } = spawnSync("yara", ["-w", "-s", "-L", rules, file], { encoding: "latin1" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const found: Record<string, Place[]> = {};
  let places: Place[] = [];
  for (const line of stdout.split("\n")) {
    const [, rule] = /^(r\d+) \//.exec(line) ?? [];
    if (rule !== undefined) {
      places = [];
      found[rule] = places;
    }
    const [, offset, length, name] = /^0x([0-9a-f]+):(\d+):(\$\w+)/.exec(line) ?? [];
    if (name !== undefined) places.push({ name, offset: Number.parseInt(offset ?? "", 16), length: Number(length) });
  }
  return found;
}

function comparable(found: Readonly<Record<string, Place[]>>, rules: readonly string[]): unknown {
  return Object.entries(found)
    .map(([rule, places]) => {
      const counts = new Map<string, number>();
      const compared = places
        .toSorted((one, other) => one.offset - other.offset)
        .filter(({ name }) => {
          const count = (counts.get(name) ?? 0) + 1;
          counts.set(name, count);
          return count <= 16;
        })
        .map(({ name, offset, length }) => {
          const isRegexp = rules[Number(rule.slice(1))]?.includes(`${name} = /`);
          return `${name} at ${offset}${isRegexp ? "" : `, ${length} bytes`}`;
        });
      return `${rule}: ${compared.sort().join("; ")}`;
    })
    .sort();
}
