import { createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AdvisoryDatabaseWriter } from "../../src/advisories/database/database-writer.ts";
import { type PullOptions, pullDatabase, pushDatabase } from "../../src/pipeline/database/database-artifact.ts";
import { PrivateSigstore } from "../../src/registry/signatures/fixtures/private-sigstore.ts";
import { makeKey } from "../../src/registry/signatures/fixtures/sign.ts";
import type { SignaturePolicy } from "../../src/registry/signatures/signature-policy.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { signImage, signKeyless } from "./setup/attach.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const { signal } = new AbortController();
const now = new Date("2025-06-01T00:00:00Z");
const key = makeKey();
const stranger = makeKey();
const sigstore = new PrivateSigstore();

describe.skipIf(registryObstacle !== undefined)(
  `plimsoll db pull${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const plimsoll = startPlimsoll();
    const { folder } = plimsoll;
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      for (const [name, { secret }] of Object.entries({ key, stranger })) {
        writeFileSync(join(folder, `${name}.pub`), createPublicKey(secret).export({ type: "spki", format: "pem" }));
      }
    });
    afterAll(() => registry.stop());

    /** A database of npm and of more parts, with one record each. */
    const write = (name: string, builtAt: string, ...others: readonly string[]): string => {
      const path = join(folder, name);
      using writer = new AdvisoryDatabaseWriter(path);
      for (const part of ["npm", ...others]) {
        writer.startPart({ feed: "osv", revision: 1, name: part, updatedAt: builtAt });
        writer.add({
          kind: "advisory",
          advisory: {
            id: `TEST-${part}`,
            modified: builtAt,
            affected: [{ package: { ecosystem: part, name: "leaky" }, versions: ["1.0.0"] }],
          },
        });
        writer.endPart({});
      }
      writer.finish({ builtAt, source: name });
      return path;
    };
    const push = async (repository: string, database: string) => {
      const client = testClient();
      const name = reference(`${registry.host}/${repository}`);
      const pushed = await pushDatabase(name, { database, client, signal });
      const { digest = "" } = reference(pushed.reference);
      const { bytes } = await client.manifest(reference(pushed.reference));
      return { name, image: { digest, size: bytes.length } };
    };
    const pull = (repository: string, database: string, options: Partial<PullOptions> = {}) =>
      pullDatabase(reference(`${registry.host}/${repository}`), {
        database,
        client: testClient(),
        signal,
        now,
        ...options,
      });
    const trusting = (...keys: (typeof key)[]): { readonly signature: SignaturePolicy } => ({
      signature: { keys: keys.map(({ trusted }) => trusted) },
    });

    test("a database that is older or has fewer parts replaces none, unless that is allowed", async () => {
      const newer = write("newer.db", "2025-05-02T00:00:00Z", "PyPI");
      for (const [name, builtAt, message] of [
        ["older", "2025-05-01T00:00:00Z", "it was built at 2025-05-01T00:00:00Z"],
        ["smaller", "2025-05-03T00:00:00Z", "it lacks PyPI"],
        ["future", "2025-07-01T00:00:00Z", "it is dated in the future"],
      ] as const) {
        const others = name === "smaller" ? [] : ["PyPI"];
        await push(`db/${name}`, write(`${name}.db`, builtAt, ...others));
        const before = readFileSync(newer);
        await expect(pull(`db/${name}`, newer)).rejects.toMatchObject({
          code: "database-rollback",
          message: expect.stringContaining(message),
        });
        expect(readFileSync(newer).equals(before)).toBe(true);
      }
      const { replaced, status } = await pull("db/older", newer, { allowOlder: true });
      expect([replaced?.builtAt, status.builtAt]).toEqual(["2025-05-02T00:00:00Z", "2025-05-01T00:00:00Z"]);
    });

    test("a newer database replaces an older one, and the same one itself", async () => {
      await push("db/next", write("next.db", "2025-05-03T00:00:00Z", "PyPI"));
      const present = write("present.db", "2025-05-02T00:00:00Z");
      await pull("db/next", present);
      expect((await pull("db/next", present)).replaced?.builtAt).toBe("2025-05-03T00:00:00Z");
    });

    test("a database with a damaged one in its place is pulled", async () => {
      await push("db/whole", write("whole.db", "2025-05-03T00:00:00Z"));
      const damaged = write("damaged.db", "2025-05-09T00:00:00Z");
      writeFileSync(damaged, readFileSync(damaged).subarray(0, 5000));
      expect((await pull("db/whole", damaged)).replaced).toBeUndefined();
    });

    test("the signature of the artifact is verified before anything is downloaded", async () => {
      const place = join(folder, "signed.db");
      const { name, image } = await push("db/signed", write("to-sign.db", "2025-05-03T00:00:00Z"));
      await expect(pull("db/signed", place, trusting(key))).rejects.toMatchObject({
        code: "signature-not-verified",
        message: expect.stringMatching(
          /db\/signed:latest@sha256:[0-9a-f]{64} is not verified: no signature was found$/,
        ),
      });
      await signImage(testClient(), name, { image, key });
      await expect(pull("db/signed", place, trusting(stranger))).rejects.toMatchObject({
        code: "signature-not-verified",
        message: expect.stringContaining("it was not made with any of the keys"),
      });
      expect((await pull("db/signed", place, trusting(stranger, key))).status.builtAt).toBe("2025-05-03T00:00:00Z");
    });

    test("a signature of another database does not count for the one that a tag was moved to", async () => {
      const first = await push("db/moved", write("first.db", "2025-05-03T00:00:00Z"));
      await signImage(testClient(), first.name, { image: first.image, key });
      await push("db/moved", write("second.db", "2025-05-04T00:00:00Z"));
      const place = join(folder, "moved.db");
      await expect(pull("db/moved", place, trusting(key))).rejects.toMatchObject({ code: "signature-not-verified" });
      await pull(`db/moved@${first.image.digest}`, place, trusting(key));
    });

    test("the command takes --key, --identity and --allow-older", async () => {
      const db = ["--db", join(folder, "command.db")];
      const source = `${registry.host}/db/command`;
      const { name, image } = await push("db/command", write("command-source.db", "2025-05-03T00:00:00Z"));
      const run = (...args: string[]) =>
        plimsoll(["db", "pull", source, ...db, ...args], { env: { PLIMSOLL_OFFLINE: "0" } });
      expect(await run("--key", "key.pub")).toMatchObject({
        code: 3,
        stdout: "",
        stderr: expect.stringContaining("is not verified: no signature was found"),
      });
      expect((await run("--trusted-root", "built-in")).code).toBe(2);
      await signImage(testClient(), name, { image, key });
      expect(await run("--key", "key.pub")).toMatchObject({ code: 0, stderr: "" });
      writeFileSync(join(folder, "root.json"), sigstore.trustedRoot);
      const identity = "https://github.com/owner/db/.github/workflows/build.yml@refs/heads/main";
      const issuer = "https://token.actions.githubusercontent.com";
      await signKeyless(testClient(), name, { image, sigstore, job: { identity, issuer } });
      const keyless = ["--issuer", issuer, "--trusted-root", "root.json"];
      expect(await run("--identity", "https://github.com/owner/db/*", ...keyless)).toMatchObject({ code: 0 });
      expect((await run("--identity", "https://github.com/other/*", ...keyless)).code).toBe(3);
      await push("db/command", write("command-older.db", "2025-05-01T00:00:00Z"));
      expect(await run()).toMatchObject({ code: 3, stderr: expect.stringContaining("--allow-older") });
      expect(await run("--allow-older")).toMatchObject({
        code: 0,
        stderr: expect.stringContaining(
          "it was built at 2025-05-01T00:00:00Z and replaced a database built at 2025-05-03T00:00:00Z",
        ),
      });
    }, 120_000);
  },
);
