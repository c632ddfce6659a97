import { describe, expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { credentialKinds } from "./credential-kinds.ts";
import { registryCommands } from "./registry-commands.ts";
import { twoAtATime } from "./run-in-own-home.ts";
import { spoilingServers } from "./spoiling-servers.ts";
import { trials } from "./tried-commands.ts";

describe.skipIf(obstacle !== undefined)(`nothing shows${obstacle ? ` (${obstacle})` : ""}`, () => {
  const shared = trials(startPlimsoll());
  const kinds = Object.entries(credentialKinds);

  test.each(Object.entries(spoilingServers).map(([name, spoil], index) => ({ name, spoil, index })))(
    "when a server $name",
    { timeout: 600_000 },
    async ({ name, spoil, index }) => {
      const store = await shared.store();
      const pairs = registryCommands.flatMap((command, at) =>
        kinds.filter((_, kind) => (kind + at + index) % Number(process.env["STRIDE"] ?? 8) === 0).map((kind) => ({ command, kind })),
      );
      const results = await twoAtATime(pairs, async ({ command, kind: [kindName, open] }, turn) => {
        const kind = await open({ store: store.host, certificates: shared.certificates, spoil, turn });
        const { code, leaks, stderr, stdout } = await shared.run(command, { kind, store });
        return { name, command: `${command.command} ${command.how ?? ""}`, kind: kindName, code, leaks, stderr, stdout: stdout.slice(0, 300), heard: kind.heard().length };
      });
      for (const result of results) console.log(result);
      expect(results.filter(({ leaks }) => leaks.length > 0)).toEqual([]);
    },
  );
});
