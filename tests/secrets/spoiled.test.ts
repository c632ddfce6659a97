import { describe, expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { credentialKinds } from "./credential-kinds.ts";
import { nameOf, registryCommands } from "./registry-commands.ts";
import { twoAtATime } from "./run-in-own-home.ts";
import { spoilingServers } from "./spoiling-servers.ts";
import { trials } from "./tried-commands.ts";

/** Each server goes wrong for one command of so many, with one kind of credentials each. */
const everyFew = 3;
const kinds = Object.entries(credentialKinds);
const commands = registryCommands.filter(({ asksNobody }) => !asksNobody);

describe.skipIf(obstacle !== undefined)(`nothing shows in the end${obstacle ? ` (${obstacle})` : ""}`, () => {
  const shared = trials(startPlimsoll());

  test.each(Object.entries(spoilingServers).map(([name, spoil], index) => ({ name, spoil, index })))(
    "when a server $name",
    async ({ spoil, index }) => {
      const store = await shared.store();
      const tried = commands.flatMap((command, at) => {
        const kind = kinds[(5 * at + 7 * index) % kinds.length];
        return (at + index) % everyFew === 0 && kind ? [{ command, kind }] : [];
      });
      const results = await twoAtATime(tried, async ({ command, kind: [name, open] }, turn) => {
        const kind = await open({ store: store.host, certificates: shared.certificates, spoil, turn });
        const { code, leaks } = await shared.run(command, { kind, store });
        return { name: `${nameOf(command)}, with ${name}`, code, leaks, heard: kind.heard().length };
      });
      expect(results.flatMap(({ name, leaks }) => leaks.map((leak) => `${name}: ${leak}`))).toEqual([]);
      expect(results.filter(({ heard }) => heard === 0)).toEqual([]);
      expect(results.some(({ code }) => code === 3)).toBe(true);
    },
  );
});
