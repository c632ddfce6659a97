import { describe, expect, test } from "vitest";
import { program } from "../../src/apps/cli/run.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { credentialKinds } from "./credential-kinds.ts";
import { secretsFound } from "./marked-secret.ts";
import { otherCommands, registryCommands } from "./registry-commands.ts";
import { twoAtATime } from "./run-in-own-home.ts";
import { trials } from "./tried-commands.ts";

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

describe.skipIf(obstacle !== undefined)(`all is well, and nothing shows${obstacle ? ` (${obstacle})` : ""}`, () => {
  const shared = trials(startPlimsoll());

  test.each(Object.keys(credentialKinds))("of %s", async (name) => {
    const store = await shared.store();
    const kind = await credentialKinds[name]?.({ store: store.host, certificates: shared.certificates });
    if (!kind) throw new Error("there is no such kind");
    const results = await twoAtATime(registryCommands, async (command) => {
      const { code, leaks, stderr } = await shared.run(command, { kind, store });
      return { command: `${command.command} ${command.how ?? ""}`, code, leaks, stderr };
    });
    for (const result of results) console.log(result);
    expect(results.filter(({ leaks }) => leaks.length > 0)).toEqual([]);
    expect(results.filter(({ code }) => code !== 0)).toEqual([]);
    expect(secretsFound(kind.heard().join("\n"), kind.shown).toSorted()).toEqual(kind.shown.map(({ name }) => name).toSorted());
  });
});
