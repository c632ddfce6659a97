import { describe, expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import { readManifests } from "./read-manifests.ts";
import { readYaml } from "./read-yaml.ts";
import { readYamlList } from "./yaml-list.ts";
import type { YamlPlace } from "./yaml-place.ts";

interface ReadList {
  readonly value: unknown;
  readonly places: readonly string[];
}

function whole(text: string): ReadList {
  const root: YamlPlace = { offset: 0 };
  const read = readYaml(text, { root });
  return { value: "value" in read ? read.value : read.error, places: listed(root) };
}

function byItems(text: string): ReadList | undefined {
  const root: YamlPlace = { offset: 0 };
  const read = readYamlList(text, root);
  return read && { value: read.value, places: listed(root) };
}

/** `path offset` of all places in the items. */
function listed(root: YamlPlace): string[] {
  const places: string[] = [];
  const visit = (place: YamlPlace, path: string): void => {
    for (const [key, one] of place.children ?? []) {
      const name = `${path}/${key}`;
      if (name.startsWith("/items/")) places.push(`${name} ${one.offset}`);
      visit(one, name);
    }
  };
  visit(root, "");
  return places;
}

const asKubectl = `apiVersion: v1
items:
- apiVersion: v1
  kind: ConfigMap
  data:
    script: |
      - not an item
      items:
      # no comment
      - nor this

    folded: >-
      a
      - b
  metadata: {name: a, labels: {x: "y
      z"}}
- kind: Pod   # a comment
# at the edge
  spec:
    containers:
    - name: b
      args:
      - -v
-
  kind: Pod
- &one
  kind: Secret
  a: &two 1
  b: *two
kind: List
metadata:
  resourceVersion: ""
`;

describe("a list that is read item by item", () => {
  test.each([
    ["as kubectl prints it", asKubectl],
    [
      "with its items further in",
      asKubectl.replaceAll(/^(?=[- #].*\n|\n)/gm, "    ").replace("    resource", "  resource"),
    ],
    ["with everything before its items", "kind: PodList\nmetadata: {}\nitems: # all\n\n# first\n- a: 1\n- b: 2"],
    ["with items that are text, null and lists", "kind: List\nitems:\n- text\n-\n- - a\n  - b\n- |\n  - c\n"],
    ["with keys that objects have of themselves", "__proto__: {kind: x}\nkind: List\nitems:\n- __proto__: {a: 1}\n"],
  ])("%s is what the whole text is", (_, text) => {
    expect(byItems(text)).toEqual(whole(text));
  });

  test.each([
    ["has an alias that reaches into another item", "kind: List\nitems:\n- &a {b: 1}\n- *a\n"],
    ["has a key that is such an alias", "kind: List\nitems:\n- &a x\n- *a : 1\n"],
    ["has an alias of something before its items", "x: &a 1\nkind: List\nitems:\n- *a\n"],
    ["has a quote over the edge", 'kind: List\nitems:\n- a: "b\n- c: d"\n'],
    ["has a quote around its items", 'kind: List\nx: "b\nitems:\n- c: d\ny: z"\n'],
    ["has brackets over the edge", "kind: List\nitems:\n- a: [b,\n- c: d]\n"],
    ["is in brackets", "kind: List\nitems: [{a: 1}]\n"],
    ["is empty", "kind: List\nitems:\n"],
    ["has no items", "kind: List\n"],
    ["has items twice", "kind: List\nitems:\n- a: 1\nitems:\n- b: 1\n"],
    ["has items that are a mapping", "kind: List\nitems:\n  a: 1\n"],
    ["has a line between two indentations", "kind: List\nitems:\n  - a: 1\n b: 2\n"],
    ["has tabs", "kind: List\nitems:\n- a: 1\n\tb: 2\n"],
    ["has another kind", "kind: Basket\nitems:\n- a: 1\n"],
    ["cannot be read", "kind: List\nitems:\n- a: 1\n  a b: c: d\n"],
    ["has items further in than a mapping behind them", "kind: List\nitems:\n  - a: 1\n- b: 1\n"],
  ])("%s is left to the reader of the whole", (_, text) => {
    expect(byItems(text)).toBeUndefined();
  });

  test("may be longer than other documents, and has its places", () => {
    const item = `- apiVersion: v1\n  kind: ConfigMap\n  data:\n    text: ${"x".repeat(1000)}\n  metadata:\n    name: a\n`;
    const number = 5000;
    const problems: Problem[] = [];
    const { resources } = readManifests(`apiVersion: v1\nitems:\n${item.repeat(number)}kind: List\n`, {
      path: "all.yaml",
      problem: (problem) => problems.push(problem),
    });
    expect(problems).toEqual([]);
    expect(resources.length).toBe(number);
    expect(resources[number - 1]?.locate(["metadata", "name"])).toEqual({
      path: "all.yaml",
      line: 2 + number * 6,
      column: 5,
    });
  });

  test("is a problem when it is too long and no such list", () => {
    const problems: Problem[] = [];
    const item = `- kind: Pod\n  x: ${"x".repeat(1000)}\n`;
    const { resources } = readManifests(`kind: List\nitems:\n- &a {}\n- *a\n${item.repeat(5000)}`, {
      path: "all.yaml",
      problem: (problem) => problems.push(problem),
    });
    expect(resources).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual(["line 1: the document is longer than 4194304 characters"]);
  });
});
