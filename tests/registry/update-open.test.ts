import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../end-to-end/run-plimsoll.ts";
import { registryObstacle } from "./setup/docker-registry.ts";
import { type GitServer, git, type ServerKind, startGitServer } from "./setup/git-server.ts";
import { fixed, leaky, updateRig } from "./setup/update-rig.ts";

const token = "the-token-of-the-forge";
const kinds: readonly ServerKind[] = ["github", "gitlab", "gitea"];

describe.skipIf(registryObstacle !== undefined)(
  `update open${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const { prepare, update, pushAgain } = updateRig();
    const images = { "1.0.0": [leaky], "1.1.0": [fixed] };

    /** A cloned repository with a Dockerfile, and its server. */
    async function clone(kind: ServerKind): Promise<{ server: GitServer; cwd: string; image: string; open: Open }> {
      const { cwd, image } = await prepare(images, { Dockerfile: "FROM IMAGE:1.0.0\r\nUSER 1000\r\n" });
      const server = await startGitServer(cwd, kind);
      git(cwd, "init", "--quiet", "--initial-branch=main");
      git(cwd, "add", "Dockerfile");
      git(cwd, "commit", "--quiet", "-m", "First");
      git(cwd, "push", "--quiet", server.bare, "main");
      git(cwd, "remote", "add", "origin", server.url);
      const open: Open = async (...args) => {
        const variables = { PLIMSOLL_FORGE_TOKEN: token, GIT_CONFIG_GLOBAL: "/dev/null" };
        const result = await update(cwd, { command: "open", env: variables }, ".", "--forge", kind, ...args);
        expect(`${result.stdout}${result.stderr}`).not.toContain(token);
        return result;
      };
      return { server, cwd, image, open };
    }
    type Open = (...args: readonly string[]) => Promise<RunResult>;

    test.each(kinds)("%s: a branch and a pull request with the proof, once", async (kind) => {
      const { server, cwd, image, open } = await clone(kind);
      expect(await open()).toMatchObject({ code: 0, stderr: "" });
      const [request] = server.requests;
      expect(request).toMatchObject({ base: "main", title: `Update ${image} from 1.0.0 to 1.1.0`, state: "open" });
      expect(request?.body).toContain("- high `TEST-2024-1` in `leaky 1.0.0`");
      expect(request?.branch).toMatch(/^plimsoll\/update\/[a-z0-9-]+$/);
      const branch = request?.branch ?? "";
      expect(git(server.bare, "diff", "--stat", "main", branch)).toContain(
        "1 file changed, 1 insertion(+), 1 deletion(-)",
      );
      expect(git(server.bare, "show", `${branch}:Dockerfile`)).toMatch(
        /^FROM \S+:1\.1\.0@sha256:[0-9a-f]{64}\r\nUSER 1000$/,
      );
      expect(git(server.bare, "log", "-1", "--format=%an %s", branch)).toBe(`Plimsoll ${request?.title}`);
      expect(git(server.bare, "rev-parse", "main")).toBe(git(cwd, "rev-parse", "HEAD"));
      expect(git(cwd, "status", "--short", "--untracked-files=no")).toBe("");
      expect([...server.authorizations].every((shown) => shown.includes(token) || decoded(shown).includes(token))).toBe(
        true,
      );
      expect((await open()).stdout).toContain("unchanged");
      expect(server.requests).toHaveLength(1);
    });

    test("--dry-run prints the pull requests and contacts no server", async () => {
      const { server, image, open } = await clone("github");
      const { code, stdout } = await open("--dry-run");
      expect(code).toBe(0);
      expect(stdout).toContain(`# Update ${image} from 1.0.0 to 1.1.0\n`);
      expect(stdout).not.toContain("<!--");
      expect([...server.authorizations]).toEqual([]);
    });

    test("a pull request is updated in place, respected when closed, and closed when obsolete", async () => {
      const { server, cwd, image, open } = await clone("github");
      await open();
      const [request] = server.requests;
      await pushAgain(`${image}:1.1.0`, [fixed, fixed]);
      expect((await open()).stdout).toContain("updated");
      expect(server.requests).toHaveLength(1);
      if (request) request.state = "closed";
      expect((await open()).stdout).toContain("skipped, a pull request for this image was closed");
      if (request) request.state = "merged";
      expect((await open()).stdout).toContain("skipped, this image was merged before and rolled back");
      if (request) request.state = "open";
      writeFileSync(join(cwd, "Dockerfile"), "FROM scratch\n");
      expect((await open()).stdout).toContain("closed");
      expect(request?.state).toBe("closed");
      git(cwd, "checkout", "--quiet", "Dockerfile");
      git(server.bare, "update-ref", "-d", `refs/heads/${request?.branch}`);
      expect((await open()).stdout).toContain("opened");
    });

    test("uncommitted changes, commits of others, and the limit are respected", async () => {
      const { server, cwd, open } = await clone("github");
      const original = readFileSync(join(cwd, "Dockerfile"), "utf8");
      writeFileSync(join(cwd, "Dockerfile"), `${original}RUN x\n`);
      expect((await open()).stdout).toContain("Dockerfile has uncommitted changes");
      writeFileSync(join(cwd, "Dockerfile"), original);
      await open();
      const [request] = server.requests;
      git(cwd, "push", "--quiet", "--force", server.bare, `main:refs/heads/${request?.branch}`);
      if (request) request.body = request.body.replace(/digest=sha256:[0-9a-f]{64}/, `digest=sha256:${"0".repeat(64)}`);
      expect((await open()).stdout).toContain("skipped, the branch has commits of others");
    });

    test("a pull request from a fork decides nothing", async () => {
      const first = await clone("github");
      await first.open();
      const [own] = first.server.requests;
      const { server, open } = first;
      if (own) server.requests[0] = { ...own, isFork: true, state: "closed" };
      git(server.bare, "update-ref", "-d", `refs/heads/${own?.branch}`);
      expect((await open()).stdout).toContain("opened");
    });

    test("hooks, filters and other programs of a hostile repository do not run", async () => {
      const { cwd, open } = await clone("github");
      const trace = join(cwd, "ran");
      const program = join(cwd, "program");
      writeFileSync(program, `#!/bin/sh\ntouch ${trace}\ncat\n`);
      chmodSync(program, 0o755);
      mkdirSync(join(cwd, ".git/hooks"), { recursive: true });
      for (const hook of ["pre-push", "pre-commit", "post-commit", "reference-transaction", "post-index-change"]) {
        writeFileSync(join(cwd, ".git/hooks", hook), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 });
      }
      writeFileSync(join(cwd, ".git/info/attributes"), "* filter=evil diff=evil\n");
      for (const [key, value] of [
        ["filter.evil.clean", program],
        ["filter.evil.smudge", program],
        ["core.fsmonitor", program],
        ["core.sshCommand", program],
        ["credential.helper", program],
        ["gpg.program", program],
        ["diff.external", program],
      ] as const) {
        git(cwd, "config", key, value);
      }
      expect((await open()).stdout).toContain("opened");
      expect(existsSync(trace)).toBe(false);
    });
  },
);

function decoded(authorization: string): string {
  return Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
}
