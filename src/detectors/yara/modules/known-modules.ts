import type { Module } from "../conditions/value.ts";
import { NeedsEngine } from "../syntax/rule-error.ts";
import { elfModule } from "./elf-module.ts";
import { hashModule } from "./hash-module.ts";
import { mathModule } from "./math-module.ts";

const modules: ReadonlyMap<string, Module> = new Map(
  [elfModule, hashModule, mathModule].map((module) => [module.name, module]),
);
const others: ReadonlySet<string> = new Set(
  "pe dotnet macho dex magic cuckoo time console string lnk vt test_proto2".split(" "),
);

/** The module of this name; undefined for other names. Error: {@link NeedsEngine} for modules that are not here. */
export function moduleOf(name: string): Module | undefined {
  if (others.has(name)) throw new NeedsEngine(`the ${name} module`);
  return modules.get(name);
}
