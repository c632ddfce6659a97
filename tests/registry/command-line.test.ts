import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scan } from "../../src/library.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { tar } from "../setup/tar.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { pushLayers } from "./setup/push-image.ts";
import { basic, reference, testClient } from "./setup/registry-client.ts";

const password = "marker-pa55word";
const htpasswd = "alice:$2b$05$k77b7u3FWX3TXiv04PH9p.BLJbNPd7NCXwnaNfB14dtKClqN5wMaO\n";
const online = { PLIMSOLL_OFFLINE: "0" };

describe.skipIf(registryObstacle !== undefined)(
  `the command line and Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const plimsoll = startPlimsoll();
    let registry: RunningRegistry;
    let image: string;
    let printed = "";
    const run = async (...args: readonly string[]): ReturnType<typeof plimsoll> => {
      const result = await plimsoll(args, { env: online });
      printed += result.stdout + result.stderr;
      return result;
    };
    const logIn = async (user: string, secret: string): ReturnType<typeof plimsoll> => {
      const args = ["login", registry.host, "--username", user, "--password-stdin"];
      const result = await plimsoll(args, { env: online, input: `${secret}\n` });
      printed += result.stdout + result.stderr;
      return result;
    };

    beforeAll(async () => {
      registry = await startDockerRegistry({ auth: { kind: "basic", htpasswd } });
      image = `${registry.host}/team/app:v1`;
    });
    afterAll(() => registry.stop());

    test("asks for a log-in, refuses a wrong one, and stores a right one", async () => {
      const before = await run("scan", image, "--no-update");
      expect(before).toMatchObject({ code: 3, stdout: "" });
      expect(before.stderr).toContain(`plimsoll login ${registry.host}`);
      const wrong = await logIn("alice", "wrong");
      expect(wrong).toMatchObject({ code: 3, stdout: "" });
      expect(wrong.stderr).toContain(`the registry ${registry.host} refuses the request: HTTP status 401`);
      const file = join(plimsoll.folder, "home", ".docker", "config.json");
      expect(existsSync(file)).toBe(false);
      const right = await logIn("alice", password);
      expect(right).toMatchObject({ code: 0 });
      expect(right.stdout).toBe(`Logged in to ${registry.host}; the credential is in ${file}\n`);
      const auth = Buffer.from(`alice:${password}`).toString("base64");
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ auths: { [registry.host]: { auth } } });
    });

    test("tells a log-in without a user or a password which of them is missing", async () => {
      expect(await logIn("", password)).toMatchObject({ code: 2, stdout: "" });
      expect((await logIn("alice", "")).stderr).toContain("the password is empty");
      expect((await logIn("al:ice", password)).stderr).toContain("a user name must not contain a colon");
    });

    test("an address in place of a name is refused, without a word of the password in it", async () => {
      const address = `https://alice:${password}@${registry.host}/team`;
      for (const args of [
        ["scan", address],
        ["scan", "--registry", address],
        ["login", address],
        ["db", "push", address],
        ["scan", `alice:p/${password}@${registry.host}/team`],
        ["scan", `docker:alice:${password}@${registry.host}/team`],
        ["scan", `${registry.host}/team`, `alice:${password}@${registry.host}`],
        ["scan", "--registry", `https://alice:p/${password}@${registry.host}/team`],
        ["scan", image, "--registry-mirror", `docker.io=alice:it's ${password}@m.test/x`],
        ["scan", image, "--registry-trust", `alice:${password}@m.test`],
        ["login", `alice:p/${password}@${registry.host}`],
        ["db", "pull", `https://alice:p/${password}@${registry.host}/team`],
        [`alice:${password}@${registry.host}`],
      ]) {
        expect(await run(...args)).toMatchObject({ code: 2, stdout: "" });
      }
    });

    test("a credential helper that fails after the registry's challenge ends the program, and is named", async () => {
      const folder = join(plimsoll.folder, "helper");
      mkdirSync(folder);
      writeFileSync(join(folder, "config.json"), JSON.stringify({ credHelpers: { [registry.host]: "locked" } }));
      writeFileSync(join(folder, "docker-credential-locked"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
      const env = { ...online, DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
      const { code, stderr } = await plimsoll(["scan", image, "--no-update"], { env });
      expect(code).toBe(3);
      expect(stderr).toContain("docker-credential-locked, which");
    });

    test("scans an image, named with a scheme or bare", async () => {
      const client = testClient({ credentials: { [registry.host]: basic("alice", password) } });
      const manifest = JSON.stringify({ name: "leaky", version: "1.5.0" });
      const layer = tar([{ name: "app/node_modules/leaky/package.json", content: manifest }]);
      await pushLayers(client, reference(image), { tars: [layer] });
      const forced = await run("scan", `registry:${image}`, "--no-update", "--format", "json");
      const bare = await run("scan", image, "--no-update", "--format", "json");
      for (const { stdout } of [forced, bare]) {
        const report = JSON.parse(stdout);
        expect(report.target).toMatchObject({ kind: "registry", name: image, tags: [image] });
        expect(report.packages.map(({ name }: { name: string }) => name)).toEqual(["leaky"]);
        expect(report.layers).toMatchObject([{ verified: true }]);
      }
      const missing = await run("scan", `${registry.host}/team/other`, "--no-update");
      expect(missing).toMatchObject({ code: 3, stdout: "" });
      expect(missing.stderr).toContain(`the registry ${registry.host} does not have ${registry.host}/team/other`);
      const offline = await run("scan", `registry:${image}`, "--offline");
      expect(offline).toMatchObject({ code: 2, stdout: "" });
    });

    test("the library scans it with the same credentials, and asks no registry unless it is told how", async () => {
      const home = join(plimsoll.folder, "home");
      const { packages, target } = await scan(`registry:${image}`, { registry: { environment: {}, home } });
      expect(packages).toMatchObject([{ purl: "pkg:npm/leaky@1.5.0" }]);
      expect(target).toMatchObject({ kind: "registry", name: image });
      await expect(scan(`registry:${image}`)).rejects.toMatchObject({ code: "usage" });
    });

    test("db push and db pull carry a database, and the old one stays when that fails", async () => {
      const [from, to] = [join(plimsoll.folder, "from.db"), join(plimsoll.folder, "to.db")];
      const built = await run("db", "build", "--from", writeBucket(plimsoll.folder), "--db", from);
      expect(built).toMatchObject({ code: 0 });
      const artifact = `${registry.host}/security/advisories`;
      const first = await run("db", "push", artifact, "--db", from);
      expect(first).toMatchObject({ code: 0, stderr: "" });
      expect(first.stdout).toMatch(`${artifact}:latest@sha256:`);
      const { builtAt } = JSON.parse((await run("db", "status", "--db", from, "--format", "json")).stdout);
      const client = testClient({ credentials: { [registry.host]: basic("alice", password) } });
      const { document } = await client.manifest(reference(`${artifact}:latest`));
      expect(document).toMatchObject({
        artifactType: expect.stringMatching(/^application\/vnd\.plimsoll\.advisories\.v\d+$/),
        annotations: { "org.opencontainers.image.created": builtAt },
      });
      expect((await run("db", "push", artifact, "--db", from)).stdout).toBe(first.stdout);
      expect(await run("db", "pull", artifact, "--db", to)).toMatchObject({
        code: 0,
        stdout: first.stdout.replace(from, to),
      });
      expect(readFileSync(to)).toEqual(readFileSync(from));
      const found = await run("scan", image, "--db", to, "--format", "json");
      expect(JSON.parse(found.stdout).findings).toMatchObject([{ id: "TEST-2024-1" }]);
      const bare = await run("db", "push", registry.host, "--db", from);
      expect(bare).toMatchObject({ code: 2, stdout: "" });
      expect(bare.stderr).toContain("is not a repository in a registry");
      const wrong = await run("db", "pull", image, "--db", to);
      expect(wrong).toMatchObject({ code: 3, stdout: "" });
      expect(wrong.stderr).toContain("is not an advisory database");
      expect(readFileSync(to)).toEqual(readFileSync(from));
    });

    test("db push says what in the database may not be passed on", async () => {
      const mirror = join(plimsoll.folder, "mirror");
      const secdb = { packages: [{ pkg: { name: "leaky", secfixes: { "1.2-r3": ["CVE-2024-0001"] } } }] };
      mkdirSync(join(mirror, "packages.wolfi.dev", "os"), { recursive: true });
      writeFileSync(join(mirror, "packages.wolfi.dev", "os", "security.json"), JSON.stringify(secdb));
      const db = ["--db", join(plimsoll.folder, "wolfi.db")];
      expect(await run("db", "build", "--only", "wolfi", "--mirror", mirror, ...db)).toMatchObject({ code: 0 });
      const { code, stderr } = await run("db", "push", `${registry.host}/security/wolfi`, ...db);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^note: the database contains data that may not be redistributed: Wolfi Security Database \(CC-BY-NC-ND/,
      );
    });

    test("scans the whole registry, and looks for signatures", async () => {
      const whole = await run("scan", "--registry", registry.host, "--no-update", "--format", "json");
      expect(JSON.parse(whole.stdout).images).toMatchObject([{ repository: "team/app", tags: ["v1"] }]);
      const key = join(plimsoll.folder, "key.pub");
      const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      writeFileSync(key, publicKey.export({ type: "spki", format: "pem" }));
      expect(await run("verify", image, "--key", key)).toMatchObject({ code: 1 });
      const instead = await run("scan", image, "--no-update", "--use-attached-sbom", "--key", key);
      expect(instead.stderr).toContain("no attached SBOM could be used");
    });

    test("other commands that read the image say nothing of the password either", async () => {
      expect(await run("sbom", image)).toMatchObject({ code: 0 });
      expect((await run("why-not", "CVE-2024-0001", image, "--no-update")).stdout).toContain("CVE-2024-0001");
      expect((await run("check", "image", image)).stdout).toContain("team/app");
    });

    test("log-out forgets it", async () => {
      expect(await run("logout", registry.host)).toMatchObject({ code: 0, stdout: `Logged out of ${registry.host}\n` });
      expect(await run("logout", registry.host)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Not logged in to 127\.0\.0\.1:\d+: .*config\.json has no credential for it\n$/),
      });
      expect((await run("scan", image, "--no-update")).code).toBe(3);
    });

    test("the password is nowhere but where docker would have it", () => {
      expect(printed.length).toBeGreaterThan(1000);
      const forms = [password, Buffer.from(`alice:${password}`).toString("base64")];
      for (const form of forms) expect(printed).not.toContain(form);
      const entries = readdirSync(plimsoll.folder, { withFileTypes: true, recursive: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        const bytes = readFileSync(file, "latin1");
        for (const form of forms) expect(bytes.includes(form), file).toBe(false);
      }
    });
  },
);
