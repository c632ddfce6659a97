import { describe, expect, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { obstacle } from "../engines/ps-cluster.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { credentialKinds, type OpenedKind } from "./credential-kinds.ts";
import type { Spoil } from "./guarded-registry.ts";
import { markedSecret, secretsFound } from "./marked-secret.ts";
import { nameOf, registryCommands } from "./registry-commands.ts";
import { type OwnResult, type OwnRun, runInOwnHome, twoAtATime } from "./run-in-own-home.ts";
import { signerPem } from "./seeded-store.ts";
import { trials } from "./tried-commands.ts";

/** A registry, and its token server, that say nothing any more once they were shown something. */
const silent: Spoil = ({ headers, body }) => headers.authorization !== undefined || body.includes("refresh_token");

/** Makes the program fail where nobody foresees it, with what it is about to send in the error. */
const failing = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from "node:diagnostics_channel";
  subscribe("http.client.request.start", ({ request }) => {
    const names = ["authorization", "proxy-authorization"];
    const [header] = names.map((name) => request.getHeader(name)).filter((value) => value !== undefined);
    if (header === undefined) return;
    const cause = new Error(header);
    process.nextTick(() => {
      throw Object.assign(new Error("cannot send " + header, { cause }), { header, options: { headers: { header } } });
    });
  });
`)}`;

/** One command after the other, with one kind of credentials after the other. */
const pairs = ["scan", "scan of a registry", "ps with a scan", "verify", "login", "db push"].map((name, index) => {
  const kinds = Object.entries(credentialKinds);
  const [kind = "", open] = kinds[(index * 5) % kinds.length] ?? [];
  const command = registryCommands.find((one) => nameOf(one) === name);
  if (!command || !open) throw new Error(`there is no ${name}`);
  return { name: `${name}, with ${kind}`, command, open };
});

describe.skipIf(obstacle !== undefined)(`nothing shows${obstacle ? ` (${obstacle})` : ""}`, () => {
  const plimsoll = startPlimsoll();
  const shared = trials(plimsoll);

  /** Runs all of {@link pairs}; what each is given beside what its kind says. */
  async function tryAll(
    more: (kind: OpenedKind) => Partial<OwnRun>,
    spoil?: Spoil,
  ): Promise<(OwnResult & { readonly name: string; readonly heard: readonly string[] })[]> {
    const store = await shared.store();
    return twoAtATime(pairs, async ({ name, command, open }) => {
      const kind = await open({ store: store.host, certificates: shared.certificates, ...(spoil && { spoil }) });
      const result = await shared.run(command, { kind, store, more: more(kind) });
      return { ...result, name, heard: secretsFound(kind.heard().join("\n"), kind.secrets) };
    });
  }

  test("where it is interrupted once credentials were sent", async () => {
    const interrupted = (kind: OpenedKind): Partial<OwnRun> => ({
      started: (child) => {
        const wait = setInterval(() => {
          if (kind.heard().length === 0) return;
          clearInterval(wait);
          child.kill("SIGINT");
        }, 20);
        child.once("exit", () => clearInterval(wait));
      },
    });
    for (const { name, code, leaks, heard } of await tryAll(interrupted, silent)) {
      expect({ name, code, leaks }).toEqual({ name, code: 130, leaks: [] });
      expect(heard).not.toEqual([]);
    }
  });

  test("of an error that nobody foresaw, although a header is in its message, its members and its cause", async () => {
    const results = await tryAll(({ env }) => ({ env: { ...env, NODE_OPTIONS: `--import=${failing}` } }));
    for (const { name, code, leaks, stderr } of results) {
      expect({ name, code, leaks }).toEqual({ name, code: 3, leaks: [] });
      expect(stderr).toMatch(
        /^error: unexpected: Error: cannot send (?:Basic |Bearer )?\[secret\] \[program-failed\]$/m,
      );
    }
  });

  test("of a helper that fails, nor of a key that cannot be read", async () => {
    const secret = markedSecret("what does not belong there");
    const { host } = await fakeRegistry();
    const script = `#!/bin/sh\ncat\ncat <<'END'\n{"Secret":${JSON.stringify(secret.value)}}\nEND\nexit 1\n`;
    const helper = {
      ".docker/config.json": JSON.stringify({ credHelpers: { [host]: "marked" } }),
      "bin/docker-credential-marked*": script,
    };
    const folder = `.config/containers/certs.d/${host}`;
    const key = { [`${folder}/client.cert`]: signerPem, [`${folder}/client.key`]: secret.value };
    const authority = { [`${folder}/ca.crt`]: `-----BEGIN CERTIFICATE-----\n${secret.value}\n` };
    const config = { ".docker/config.json": `{"auths":{"${host}":{"auth":"${secret.value}` };
    const wrong = { ".docker/config.json": JSON.stringify({ auths: { [host]: { auth: secret.value } } }) };
    const scan = ["scan", `registry:${host}/team/app:v1`, "--no-update"];
    const login = ["login", host, "--username", "ada", "--password-stdin"];
    const runs = [
      ...[helper, key, authority, config, wrong].map((files) => ({ files, args: scan })),
      ...[helper, config].map((files) => ({ files, args: login })),
    ];
    const results = await twoAtATime(runs, async (run) => {
      const { code, leaks } = await runInOwnHome(plimsoll, {
        ...run,
        secrets: [secret],
        input: `${secret.value}\n`,
      });
      return { code, leaks };
    });
    for (const { code, leaks } of results) expect({ code, leaks }).toEqual({ code: 3, leaks: [] });
  });
});
