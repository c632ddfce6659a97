import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

function ps(args: readonly string[], env: Readonly<Record<string, string>>): Promise<RunResult> {
  return plimsoll(["ps", "--no-update", ...args], { env });
}

describe("plimsoll ps where nothing can be asked", () => {
  test("says that no engine answers, and what to do", async () => {
    const { code, stderr } = await ps([], {
      KUBECONFIG: join(folder, "none"),
      CONTAINER_HOST: `unix://${folder}/none`,
    });
    // A machine with containerd answers with what that runs.
    if (code === 0) return;
    expect(code).toBe(3);
    expect(stderr).toContain("no container engine responds");
    expect(stderr).toContain("--kubeconfig");
  });

  test("says which of the engines that were named is not there", async () => {
    const { code, stderr } = await ps(["--engine", "docker"], { DOCKER_HOST: `unix://${folder}/none.sock` });
    expect(code).toBe(3);
    expect(stderr).toContain("no Docker Engine socket found at");
    const cluster = await ps(["--engine", "kubernetes"], { PLIMSOLL_OFFLINE: "0", KUBECONFIG: join(folder, "none") });
    expect(cluster.code).toBe(3);
    expect(cluster.stderr).toContain("no kubeconfig found");
  });

  describe("beside an engine that answers", () => {
    const server = createServer(({ url = "" }, response) => void response.end(url.endsWith("_ping") ? "OK" : "[]"));
    const host = `unix://${join(folder, "answers.sock")}`;
    beforeAll(() => new Promise<void>((resolve) => server.listen(join(folder, "answers.sock"), resolve)));
    afterAll(() => void server.close());

    const kubeconfig = (name: string, context: string, user: string): string => {
      const path = join(folder, name);
      const cluster = "clusters: [{ name: a, cluster: { server: 'https://127.0.0.1:1' } }]";
      const contexts = "contexts: [{ name: a, context: { cluster: a, user: a } }]";
      const users = `users: [{ name: a, user: ${user} }]`;
      writeFileSync(path, [`current-context: ${context}`, contexts, cluster, users].join("\n"));
      return path;
    };

    test.each<readonly [string, string, () => Readonly<Record<string, string>>]>([
      ["a context that is not there", "no context", () => ({ KUBECONFIG: kubeconfig("gone", "b", "{}") })],
      [
        "a certificate that is not there",
        "cannot be read",
        () => ({ KUBECONFIG: kubeconfig("bare", "a", "{ client-certificate: none.crt, client-key: none.key }") }),
      ],
      [
        "a cluster that may not be asked",
        "--offline forbids",
        () => ({ KUBECONFIG: kubeconfig("offline", "a", "{}"), PLIMSOLL_OFFLINE: "1" }),
      ],
      [
        "a service over SSH",
        "uses SSH, which is not supported",
        () => ({ CONTAINER_HOST: "ssh://me:s3cret@build.example/podman.sock" }),
      ],
      [
        "a service of Podman that is not there",
        "no Podman socket found",
        () => ({ CONTAINER_HOST: `unix://${folder}/podman.sock` }),
      ],
      [
        "a containerd that is not there",
        "no containerd socket",
        () => ({ CONTAINERD_ADDRESS: `${folder}/none/c.sock` }),
      ],
    ])("%s is told of, and does not end the listing", async (_, why, variables) => {
      const env = { DOCKER_HOST: host, PLIMSOLL_OFFLINE: "0", KUBECONFIG: join(folder, "none"), ...variables() };
      const { code, stdout } = await ps(["--format", "json"], env);
      const { engines, unlisted } = psReport(stdout);
      expect([code, engines[0]]).toEqual([3, "docker"]);
      expect(unlisted.map(({ message }) => message)).toContainEqual(expect.stringContaining(why));
      expect(stdout).not.toContain("s3cret");
    });

    test.each(["unix:///nope/docker.sock", "ssh://build.example", "tcp://127.0.0.1:1", "nonsense"])(
      "a Docker Engine at %s is told of, where Podman answers",
      async (value) => {
        const env = { DOCKER_HOST: value, CONTAINER_HOST: host, KUBECONFIG: join(folder, "none") };
        const { code, stdout } = await ps(["--format", "json"], env);
        const { unlisted } = psReport(stdout);
        expect([code, unlisted.map(({ engine }) => engine)]).toEqual([3, ["docker"]]);
      },
    );

    test("one that was asked for by its name and cannot be used as asked ends it", async () => {
      const env = { DOCKER_HOST: "nonsense", CONTAINER_HOST: host };
      expect((await ps(["--engine", "docker,podman"], env)).code).toBe(2);
    });
  });

  test("refuses an engine that it does not know", async () => {
    const { code, stderr } = await ps(["--engine", "docker,rkt"], {});
    expect(code).toBe(2);
    expect(stderr).toContain("docker, podman, containerd, kubernetes");
  });
});
