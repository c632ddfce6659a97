import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonCatalogue } from "../../../src/pipeline/watch/rule-sources.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";
import { loadedRules } from "../../setup/judge-json.ts";

interface PluginField {
  readonly class: string;
  readonly name: string;
  readonly type: "string" | "uint64";
  readonly flags?: readonly string[];
  readonly arg?: { readonly required: boolean; readonly index: boolean; readonly key: boolean };
}

const sources: Readonly<Record<string, string>> = {
  cloudtrail: "aws_cloudtrail",
  gcpaudit: "gcp_auditlog",
  github: "github",
  okta: "okta",
};

describeWithCorpus("the fields of clouds and services", () => {
  const { cases } = corpusJson<{ cases: readonly PluginField[] }>("runtime", "fields", "plugin-fields.json");

  test.each(Object.entries(sources))("those of %s are there with type and form, and no others", (plugin, source) => {
    const catalogue = jsonCatalogue(source);
    const own = catalogue?.definitions.filter(({ name }) => !/^(?:evt|jevt|json)\./.test(name)) ?? [];
    for (const { description } of own) expect(description).toMatch(/^\S.{5,119}$/);
    const shapes = own.map(({ name, type, isList = false, argument }) => ({ name, type, isList, argument }));
    const listed = cases
      .filter((field) => field.class === plugin)
      .map(({ name, type, flags = [], arg }) => ({
        name,
        type: type === "string" ? "CHARBUF" : "UINT64",
        isList: flags.includes("IS_LIST"),
        argument: arg && {
          ...(arg.required && { isRequired: true }),
          ...(arg.index && { isIndex: true }),
          ...(arg.key && { isKey: true }),
        },
      }));
    expect(sorted(shapes)).toEqual(sorted(listed));
    for (const { name, argument } of listed) {
      expect(catalogue?.resolve(name, argument?.isRequired ? "1" : undefined)?.definition.name).toBe(name);
    }
  });

  test("there are 177 of them", () => {
    const counts = Object.keys(sources).map((plugin) => cases.filter((field) => field.class === plugin).length);
    expect(counts).toEqual([73, 25, 25, 54]);
  });
});

describeWithCorpus("the rule files that users of Falco have, loaded as the program loads them", () => {
  const files = readdirSync(corpusPath("runtime", "rules-upstream")).filter((name) => name.endsWith(".yaml"));

  test.each(files)("%s has neither errors nor warnings", (name) => {
    const rules = loadedRules({ name, text: corpusBytes("runtime", "rules-upstream", name).toString("utf8") });
    expect(rules.findings).toEqual([]);
    expect(rules.files.map(({ isSuccessful }) => isSuccessful)).toEqual([true]);
    expect(rules.rules.length).toBeGreaterThanOrEqual(15);
  });

  test("there are seven", () => {
    expect(files).toHaveLength(7);
  });
});

function sorted<T extends { readonly name: string }>(fields: readonly T[]): readonly T[] {
  return fields.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
