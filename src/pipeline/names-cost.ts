import type { LayerInventory } from "./layer-inventory.ts";
import { nameCost } from "./name-budget.ts";

/** What keeping the names of a layer costs, about bytes, as `NameBudget` counts it. */
export function costOfNames({ names, whiteouts, opaques, symlinks, hardlinks }: LayerInventory): number {
  let cost = 0;
  for (const list of [names, whiteouts, opaques]) for (const name of list) cost += nameCost(name);
  for (const list of [symlinks, hardlinks]) for (const [, target] of list) cost += nameCost(target);
  return cost;
}
