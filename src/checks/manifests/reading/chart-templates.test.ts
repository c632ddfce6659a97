import { expect, test } from "vitest";
import { emptyTemplates, emptyTemplatesText } from "./chart-templates.ts";

const paths = [
  "app/values.yaml",
  "app/templates/_parts.yaml",
  "app/templates/web.yaml",
  "app/templates/debug/pod.yaml",
  "app/charts/db/templates/set.yaml",
  "app2/templates/pod.yaml",
];

test("templates that are not in the output of helm render to nothing", () => {
  const rendered = "---\n# Source: app/templates/web.yaml\nkind: Pod\n---\n# Source: app/crds/a.yaml\nkind: A\n";
  expect(emptyTemplates("app", { paths, rendered })).toEqual(["templates/debug/pod.yaml"]);
});

test("a template cannot say that another one was rendered", () => {
  const rendered = "---\n# Source: app/templates/web.yaml\n# Source: app/templates/debug/pod.yaml\nkind: Pod\n";
  expect(emptyTemplates("app", { paths, rendered })).toContain("templates/debug/pod.yaml");
});

test("the charts of the folder itself are found", () => {
  expect(emptyTemplates(".", { paths: ["templates/a.yaml"], rendered: "" })).toEqual(["templates/a.yaml"]);
});

test("some of the templates are named", () => {
  expect(emptyTemplatesText(["a"])).toMatch(/^Helm template produces no output with the chart's default values: a\./);
  expect(emptyTemplatesText([..."abcdefg"])).toMatch(
    /^7 Helm templates produce no output .*: a, b, c, d, e and 2 more\./,
  );
});
