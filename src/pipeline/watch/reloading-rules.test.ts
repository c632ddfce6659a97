import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { ReloadingRules } from "./reloading-rules.ts";

const path = join(temporaryFolder(), "rules.yaml");
const rule = "- rule: R\n  desc: d\n  condition: evt.type=open\n  output: o\n  priority: INFO\n";

test("rules that no longer hold are refused, and a mistake of the program is not taken for theirs", () => {
  writeFileSync(path, rule);
  const refused: string[] = [];
  const mistake = { isMade: false };
  const loading = {
    paths: [path],
    get selection() {
      if (mistake.isMade) throw new TypeError("ours");
      return [];
    },
  };
  using rules = new ReloadingRules(loading, {
    loaded: () => undefined,
    refused: ({ code }) => void refused.push(code),
  });
  rules.reload();
  expect(rules.takeNew()?.map(({ name }) => name)).toEqual(["R"]);
  writeFileSync(path, "- rule: R\n");
  rules.reload();
  expect(refused).toEqual(["rules-malformed"]);
  expect(rules.takeNew()).toBeUndefined();
  mistake.isMade = true;
  expect(() => rules.reload()).toThrow(new TypeError("ours"));
  expect(refused).toEqual(["rules-malformed"]);
});
