import { expect, test } from "vitest";
import type { CsafRelationship } from "./csaf-document.ts";
import { ByProduct, resolveProduct } from "./csaf-products.ts";

function relationships(...list: readonly (readonly [id: string, component: string, platform: string])[]) {
  const entries = list.map(([id, component, platform]): [string, CsafRelationship] => [
    id,
    { category: "default_component_of", product: { id, name: id }, component, platform },
  ]);
  return { relationships: new Map(entries) };
}

test("a product that is not a combination is its own component", () => {
  expect(resolveProduct(relationships(), "tool")).toEqual({ component: "tool", through: [], platform: undefined });
});

test("what lies between a package and its platform is told, outermost last", () => {
  const document = relationships(["p:m", "m", "p"], ["p:m:s", "s", "p:m"], ["p:m:s:c", "c", "p:m:s"]);
  expect(resolveProduct(document, "p:m:s:c")).toEqual({ component: "c", through: ["s", "m"], platform: "p" });
});

test("combinations that run in a circle stand for nothing", () => {
  expect(resolveProduct(relationships(["a", "c", "b"], ["b", "c", "a"]), "a")).toBeUndefined();
  expect(resolveProduct(relationships(["a", "a", "p"]), "a")).toBeUndefined();
  const chain = Array.from({ length: 100 }, (_, index) => [`${index}`, "c", `${index + 1}`] as const);
  expect(resolveProduct(relationships(...chain), "0")).toBeUndefined();
});

test("what names a product comes before what names none", () => {
  const everywhere = { text: "all", products: undefined };
  const here = { text: "here", products: ["a", "a", "b"] };
  const items = new ByProduct([everywhere, here]);
  expect(items.of("a")).toEqual([here, everywhere]);
  expect(items.of("z")).toEqual([everywhere]);
});
