import type { Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";

/**
 * Has a command refuse `--name` beside `--no-name`. One option with two values is none of its business: the last one
 * holds, unless the option itself says otherwise, so that an alias or a script can be overruled. Error, before the
 * command runs: `usage`.
 */
export function refuseContradictions(command: Command): void {
  const given = new Map<string, Set<Option>>();
  for (const option of command.options) {
    command.on(`option:${option.name()}`, () => {
      given.set(option.attributeName(), (given.get(option.attributeName()) ?? new Set()).add(option));
    });
  }
  command.hook("preAction", () => {
    for (const [first, other] of given.values()) {
      if (first === undefined || other === undefined) continue;
      throw new PlimsollError("usage", `${first.long} and ${other.long} cannot be used together`, {
        hint: "Remove one of these options.",
      });
    }
  });
}
