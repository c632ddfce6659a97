import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dockerLayout, layoutTar, sha256 } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { judgeWorkloads } from "./judge-workloads.ts";

const folder = temporaryFolder();

/** What `docker save` writes of the image for an architecture, which has one package. */
function archiveFor(architecture: string): Buffer {
  const content = JSON.stringify({ name: architecture, version: "1.0.0" });
  const members = [{ name: `app/node_modules/${architecture}/package.json`, content }];
  return layoutTar(dockerLayout([{ tags: ["app:1"], os: "linux", architecture, layers: [{ members }] }]));
}

test("one image that runs for two platforms is scanned for each", async () => {
  const image = sha256("the index");
  const containers = { a: "amd64", b: "arm64" } as const;
  const exported: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://docker");
    const path = pathname.replace(/^\/v1\.48/, "");
    response.setHeader("api-version", "1.48");
    const answer = (body: unknown): void => void response.end(JSON.stringify(body));
    const described = Object.entries(containers).find(([letter]) => path === `/containers/${letter.repeat(64)}/json`);
    if (path === "/_ping") return void response.end("OK");
    if (path === "/containers/json") {
      return answer(Object.keys(containers).map((letter) => ({ Id: letter.repeat(64), State: "running" })));
    }
    if (described) {
      const [letter, architecture] = described;
      const platform = { os: "linux", architecture };
      return answer({
        Image: image,
        Name: `/${letter}`,
        Config: { Image: "app:1" },
        State: { Status: "running" },
        ImageManifestDescriptor: { digest: sha256(architecture), platform },
      });
    }
    if (path.endsWith("/get")) {
      const { architecture } = JSON.parse(searchParams.get("platform") ?? "{}") as { architecture?: string };
      exported.push(architecture ?? "any");
      return void response.end(archiveFor(architecture ?? "amd64"));
    }
    if (path.startsWith("/images/")) return answer({ Id: image, Os: "linux", Architecture: "amd64" });
    response.writeHead(404).end("{}");
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const places = { docker: { host: `unix://${path}` } };
  const options = {
    ...{ signal: new AbortController().signal, now: new Date("2026-11-20T09:00:00Z"), cache: join(folder, "cache") },
    ...{ required: new Set<never>(), verifyDigests: false, scan: true },
  };
  const { workloads, unlisted } = await judgeWorkloads(places, options);
  expect(unlisted).toEqual([]);
  expect(workloads.map(({ name, platform, scan }) => [name, platform, scan !== null])).toEqual([
    ["a", "linux/amd64", true],
    ["b", "linux/arm64", true],
  ]);
  expect(exported).toEqual(["amd64", "arm64"]);
  const again = await judgeWorkloads(places, { ...options, scan: false });
  expect(again.workloads.every(({ scan }) => scan !== null)).toBe(true);
});
