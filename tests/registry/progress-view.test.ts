import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { main, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { hasTerminal, openTerminal } from "../end-to-end/terminal.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const { folder } = startPlimsoll();

describe.skipIf(!hasTerminal)(
  `a run over a registry on a terminal${hasTerminal ? "" : " (tmux is not installed)"}`,
  () => {
    test("shows how far it is, also while a layer stalls, and makes way for the table", async () => {
      const registry = await fakeRegistry();
      const client = testClient();
      const stalls = (await pushImage(client, reference(`${registry.host}/team/slow:1`), { texts: ["slow"] }))
        .layers[0];
      for (const name of ["team/one:1", "team/two:1"]) {
        await pushImage(client, reference(`${registry.host}/${name}`), { texts: [name] });
      }
      let letGo = (): void => undefined;
      registry.intercept = (request, response) => {
        if (!stalls || !request.path.endsWith(stalls.digest)) return false;
        letGo = () => {
          registry.intercept = () => false;
          response.destroy();
        };
        return true;
      };
      const scan = `'${process.execPath}' '${main}' scan --registry ${registry.host}/team --no-update --no-cache`;
      const terminal = openTerminal(`${scan}; echo "ended with $?"; sleep 60`, {
        ...{ columns: 100, rows: 30 },
        env: { PATH: process.env["PATH"] ?? "", HOME: join(folder, "home"), TMPDIR: folder, PLIMSOLL_OFFLINE: "0" },
      });
      const view = await terminal.until((text) => /2 of 3 images/.test(text));
      expect(view.trimEnd().split("\n").length).toBe(1);
      expect(view).toMatch(/^scanning {2}2 of 3 images {2}[\d.]+ MB {2}layers \d read, \d known {2}team\/\w+:1/);
      letGo();
      const table = await terminal.until((text) => text.includes("ended with"));
      expect(table).not.toMatch(/scanning|listing/);
      expect(table).toMatch(/^Scanned {5}127\.0\.0\.1:\d+\/team/);
      for (const name of ["one", "two", "slow"]) expect(table).toContain(`team/${name}:1`);
    });
  },
);
