import { describe, expect, test } from "vitest";
import { program } from "../../src/apps/cli/run.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { credentialKinds } from "./credential-kinds.ts";
import { secretsFound } from "./marked-secret.ts";
import { nameOf, otherCommands, registryCommands } from "./registry-commands.ts";
import { twoAtATime } from "./run-in-own-home.ts";
import { trials } from "./tried-commands.ts";

/** Each kind of credentials is tried with one command of so many, and each command with one kind of so many. */
const everyFew = 3;

test("every command of the program is among those that are tried, or known to ask no registry", () => {
  const { commands } = program(new AbortController().signal, { exitCode: 0 });
  const leaves = commands.flatMap((command) => {
    if (command.commands.length === 0) return [{ name: command.name(), command }];
    return command.commands.map((one) => ({ name: `${command.name()} ${one.name()}`, command: one }));
  });
  expect(leaves.length).toBeGreaterThan(20);
  const tried = new Set(registryCommands.map(({ command }) => command));
  expect(leaves.map(({ name }) => name).toSorted()).toEqual([...tried, ...otherCommands].toSorted());
  const asking = leaves.filter(({ command }) => command.options.some(({ long }) => long === "--registry-trust"));
  expect(asking.length).toBeGreaterThan(5);
  expect(asking.filter(({ name }) => !tried.has(name)).map(({ name }) => name)).toEqual([]);
});

describe.skipIf(obstacle !== undefined)(`where all is well nothing shows${obstacle ? ` (${obstacle})` : ""}`, () => {
  const shared = trials(startPlimsoll());

  test.each(Object.entries(credentialKinds).map(([name, open], index) => ({ name, open, index })))(
    "of $name",
    async ({ open, index }) => {
      const store = await shared.store();
      const kind = await open({ store: store.host, certificates: shared.certificates });
      const commands = registryCommands.filter((_, at) => (at + index) % everyFew === 0);
      const results = await twoAtATime(commands, async (command) => {
        const { code, leaks, stderr } = await shared.run(command, { kind, store });
        return { name: nameOf(command), code, leaks, stderr };
      });
      expect(results.flatMap(({ name, leaks }) => leaks.map((leak) => `${name}: ${leak}`))).toEqual([]);
      expect(results.filter(({ code }) => code !== 0)).toEqual([]);
      const shown = kind.shown.map((secret) => secret.name);
      expect(secretsFound(kind.heard().join("\n"), kind.shown)).toEqual(shown);
    },
  );
});
