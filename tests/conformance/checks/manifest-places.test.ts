import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonRoot } from "../../../src/checks/manifests/reading/json-place.ts";
import { splitDocuments } from "../../../src/checks/manifests/reading/manifest-document.ts";
import { readYaml } from "../../../src/checks/manifests/reading/read-yaml.ts";
import { readYamlList } from "../../../src/checks/manifests/reading/yaml-list.ts";
import type { YamlPlace } from "../../../src/checks/manifests/reading/yaml-place.ts";
import { corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

// The slow one of the two is the one to compare with.
const largest = 40_000;
const folders = ["hardening", "images", "platform", "purl", "runtime"];

describeWithCorpus("places in JSON", () => {
  test("are those that the same text has as YAML, in every file that is both", () => {
    let files = 0;
    let places = 0;
    for (const path of folders.flatMap((folder) => [...filesIn(corpusPath(folder), [".json"])])) {
      const text = readFileSync(path, "utf8");
      if (!isJson(text)) continue;
      const wanted: YamlPlace = { offset: jsonRoot(text).offset };
      if (!("value" in readYaml(text, { root: wanted }))) continue;
      files++;
      const expected = [...listed(wanted)];
      expect({ path, places: [...listed(jsonRoot(text))] }).toEqual({ path, places: expected });
      places += expected.length;
    }
    // Some keys and values of JSON are none in YAML: those files are left out above.
    expect(files).toBeGreaterThanOrEqual(450);
    expect(places).toBeGreaterThanOrEqual(90_000);
  }, 60_000);
});

describeWithCorpus("a list read item by item", () => {
  test("has the values and places of the whole text, whatever documents are in it", () => {
    let documents = 0;
    const list: string[] = [];
    for (const path of filesIn(corpusPath("hardening"), [".yaml", ".yml"])) {
      for (const { text } of splitDocuments(readFileSync(path, "utf8").replaceAll("\r\n", "\n"))) {
        const item = asItem(text);
        const wanted: YamlPlace = { offset: 0 };
        const one = `apiVersion: v1\nitems:\n${item}kind: List\n`;
        const whole = readYaml(one, { root: wanted });
        if (!("value" in whole)) continue;
        const found: YamlPlace = { offset: 0 };
        expect({ path, value: readYamlList(one, found)?.value }).toEqual({ path, value: whole.value });
        expect({ path, places: itemsOf(found) }).toEqual({ path, places: itemsOf(wanted) });
        documents++;
        list.push(item);
      }
    }
    expect(documents).toBeGreaterThanOrEqual(300);
    const text = `apiVersion: v1\nitems:\n${list.slice(0, 500).join("")}kind: List\n`;
    expect({ value: readYamlList(text, { offset: 0 })?.value }).toEqual(readYaml(text));
  }, 60_000);
});

function itemsOf(root: YamlPlace): string[] {
  const items = root.children?.get("items");
  return items ? [...listed(items)].slice(1) : [];
}

/** `path offset` of a place and of all in it. */
function* listed(place: YamlPlace, path = ""): Iterable<string> {
  yield `${path} ${place.offset}`;
  for (const [key, one] of place.children ?? []) yield* listed(one, `${path}/${key}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function* filesIn(folder: string, endings: readonly string[]): Iterable<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    if (!endings.some((ending) => name.endsWith(ending))) continue;
    const stats = statSync(path);
    if (stats.isFile() && stats.size <= largest) yield path;
  }
}

/** A document as an item of a list, as `kubectl get -o yaml` indents it. */
function asItem(text: string): string {
  return `-\n${text.trim().replaceAll(/^(?=.)/gm, "  ")}\n`;
}
