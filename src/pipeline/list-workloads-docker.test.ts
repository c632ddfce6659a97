import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { Workload } from "../model/workload.ts";
import { listOfEngine } from "./list-workloads-docker.ts";

const folder = temporaryFolder();
const [imageId, manifest, other] = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`);
const container = "c".repeat(64);

/** What is listed of an engine with one container, which was started by `name` and whose image has these names. */
async function listed(name: string, repoDigests: readonly string[]): Promise<Workload | undefined> {
  const answers: Readonly<Record<string, unknown>> = {
    "/_ping": "OK",
    "/containers/json?all=1": [{ Id: container, State: "running" }],
    [`/containers/${container}/json`]: {
      Image: imageId,
      Name: "/web",
      Config: { Image: name },
      State: { Status: "running", StartedAt: "2026-01-01T00:00:00Z" },
    },
    [`/images/${encodeURIComponent(imageId ?? "")}/json`]: {
      Id: imageId,
      RepoDigests: repoDigests,
      Architecture: "amd64",
      Os: "linux",
    },
  };
  const server = createServer(({ url = "" }, response) => {
    const answer = answers[url];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? {}));
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { workloads } = await listOfEngine({ host: `unix://${path}` }, { signal: new AbortController().signal });
  server.closeAllConnections();
  server.close();
  return workloads[0];
}

test("an image that was started by a digest has it, also when the engine knows none of its names any more", async () => {
  const image = `registry.example/shop@${manifest}`;
  const expected = { image, imageId, digest: manifest, pinned: image };
  expect(await listed(image, [])).toMatchObject(expected);
  expect(await listed(image, [`registry.example/shop@${other}`, image])).toMatchObject(expected);
});

test("one that was started by a tag has the digest under which the engine knows it", async () => {
  const known = [`registry.example/other@${other}`, `registry.example/shop@${manifest}`];
  const pinned = `registry.example/shop:1@${manifest}`;
  expect(await listed("registry.example/shop:1", known)).toMatchObject({ digest: manifest, pinned });
  expect(await listed("registry.example/shop:1", [])).not.toHaveProperty("digest");
});
