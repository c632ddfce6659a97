import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCluster } from "../../src/engines/kubernetes/cluster-client.ts";
import type { ExecSurroundings } from "../../src/engines/kubernetes/exec-credential.ts";
import { readKubeContext } from "../../src/engines/kubernetes/kube-context.ts";
import { readKubeConfig } from "../../src/engines/kubernetes/read-kube-config.ts";
import { main, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { hasTerminal, openTerminal } from "../end-to-end/terminal.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";
import { shop } from "./ps-pods.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`a plug-in that takes its time${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startCluster(folder);
    cluster.lists = shop;
  });
  afterAll(() => cluster.close());

  /** A kubeconfig with a plug-in that runs a line of shell, and then gives the token. */
  function kubeconfig(script: string): string {
    const apiVersion = "client.authentication.k8s.io/v1";
    const credential = { apiVersion, kind: "ExecCredential", status: { token: cluster.token } };
    writeFileSync(join(folder, "plugin"), `#!/bin/sh\n${script}\necho '${JSON.stringify(credential)}'\n`);
    chmodSync(join(folder, "plugin"), 0o755);
    const user = `exec: { apiVersion: ${apiVersion}, command: ./plugin, interactiveMode: IfAvailable }`;
    return writeKubeconfig(cluster, "kubeconfig", { user });
  }

  async function ask(script: string, exec: Partial<ExecSurroundings> = {}): Promise<object | "gone"> {
    const config = await readKubeConfig({ paths: [kubeconfig(script)], required: true });
    if (!config) throw new Error("no kubeconfig");
    using client = openCluster(await readKubeContext(config, undefined), {
      exec: { environment: process.env, searchPath: "", ...exec },
      answerTimeout: 500,
    });
    return await client.get("/api/v1/nodes", { signal: AbortSignal.timeout(20_000) });
  }

  test("is not counted as an answer of the cluster that is late", async () => {
    expect(await ask("sleep 1")).toHaveProperty("items");
  });

  test("is named when it takes too long", async () => {
    cluster.requests.length = 0;
    await expect(ask("exec sleep 20", { timeout: 300 })).rejects.toMatchObject({
      code: "engine-failed",
      message: `the program ${folder}/plugin in the kubeconfig returned no credentials: it did not exit within 1 s`,
    });
    expect(cluster.requests).toEqual([]);
  });

  test("is heard while it runs, where somebody listens", async () => {
    const heard: string[] = [];
    const tell = (words: string): void => void heard.push(words);
    await ask("printf 'enter the c\\303' >&2; sleep 0.5; printf '\\266de at\\nhttps://example.org\\n' >&2", { tell });
    const name = `The program ${folder}/plugin in the kubeconfig reports:\n`;
    expect(heard[0]).toBe(`${name}enter the c`);
    expect(heard.join("")).toBe(`${name}enter the cöde at\nhttps://example.org\n`);
  });

  test("is not heard without a terminal", async () => {
    const args = ["ps", "--engine", "kubernetes", "--no-update", "--kubeconfig", kubeconfig("echo s3cret >&2")];
    const { code, stdout, stderr } = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "0" } });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain("s3cret");
  });

  test.skipIf(!hasTerminal)(
    `is shown on a terminal, without what would steer it${hasTerminal ? "" : " (no tmux)"}`,
    async () => {
      const path = kubeconfig(
        "printf 'To sign in, enter ABCD at\\033]0;title\\007 https://example.org\\n' >&2; sleep 1",
      );
      const terminal = openTerminal("bash --norc --noprofile -i", {
        columns: 120,
        rows: 40,
        env: {
          PATH: process.env["PATH"] ?? "",
          HOME: folder,
          TMPDIR: folder,
          HISTFILE: "",
          NODE: process.execPath,
          CONFIG: path,
        },
      });
      await terminal.until((text) => /[#$]\s*$/.test(text));
      terminal.press(
        `$NODE ${main} ps --engine kubernetes --no-update --kubeconfig $CONFIG -o $HOME/report; echo ended with $((0+$?))`,
      );
      terminal.press("Enter");
      const prompt = "To sign in, enter ABCD at\\x1b]0;title\\x07 https://example.org";
      const text = await terminal.until((shown) => /ended with \d/.test(shown));
      expect(text.split("\n").map((line) => line.trimEnd())).toContain(prompt);
      expect(terminal.tells("pane_title")).not.toBe("title");
    },
  );
});
