import type { LayerInventory } from "./layer-inventory.ts";
import { factsCost, linkCost, nameCost } from "./name-budget.ts";

/** What keeping the inventory of a layer costs, about bytes, as `NameBudget` counts it. */
export function costOfInventory(inventory: LayerInventory): number {
  const { names, whiteouts, opaques, symlinks, hardlinks, files } = inventory;
  let cost = 0;
  for (const list of [names, whiteouts, opaques]) for (const name of list) cost += nameCost(name);
  for (const list of [symlinks, hardlinks]) for (const [path, target] of list) cost += linkCost(path, target);
  for (const facts of files) cost += factsCost(facts);
  return cost;
}
