import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dockerLayout, layoutTar, sha256 } from "../setup/image.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer } from "./small-targets.ts";

const plimsoll = startPlimsoll();

test("an image in the form of skopeo's dir: is no folder without packages", async () => {
  const folder = join(plimsoll.folder, "copied");
  mkdirSync(folder);
  writeFileSync(join(folder, "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ schemaVersion: 2, layers: [] }));
  for (const target of ["copied", "dir:copied"]) {
    const { code, stdout, stderr } = await plimsoll(["scan", target, "--no-update"]);
    expect([target, code, stdout]).toEqual([target, 3, ""]);
    expect(stderr).toContain("skopeo calls dir:");
    expect(stderr).toContain("skopeo copy dir:copied oci:IMAGE");
  }
});

test("an archive that is not there is not looked for in a registry, also with the name of an image in it", async () => {
  for (const target of ["none.tar", "none.tar:app"]) {
    const { code, stderr } = await plimsoll(["scan", target, "--no-update"], { env: { PLIMSOLL_OFFLINE: "0" } });
    expect(code).toBe(3);
    expect(stderr).toContain(`${target} does not exist`);
  }
});

test("NAME:TAG is the image of that name beside a file NAME, such as the output of the run before", async () => {
  const id = sha256("the config");
  const saved = layoutTar(dockerLayout([{ tags: ["nginx:1.27"], layers: [npmLayer("inside", "1.0.0")] }]));
  const server = createServer(({ url = "" }, response) => {
    const { pathname } = new URL(url, "http://docker");
    if (pathname.includes("/images/") && pathname.endsWith("/json")) {
      response.end(JSON.stringify({ Id: id, Os: "linux", Architecture: "amd64" }));
    } else if (pathname.endsWith("/get")) response.end(saved);
    else response.end("OK");
  });
  const path = join(plimsoll.folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = { DOCKER_HOST: `unix://${path}` };
  for (const run of ["first", "second"]) {
    const { code, stderr } = await plimsoll(["sbom", "nginx:1.27", "-o", "nginx", "--no-cache"], { env });
    expect([run, code, stderr]).toEqual([run, 0, ""]);
    expect(readFileSync(join(plimsoll.folder, "nginx"), "utf8")).toContain("pkg:npm/inside@1.0.0");
  }
  const asked = await plimsoll(["sbom", "./nginx:1.27"], { env });
  expect(asked).toMatchObject({ code: 3, stderr: expect.stringContaining("contains no image named 1.27") });
});

test("NAME:TAG is an image in the archive NAME, and what else it could mean is said when that holds none", async () => {
  const saved = layoutTar(dockerLayout([{ tags: ["app:1"], layers: [npmLayer("inside", "1.0.0")] }]));
  writeFileSync(join(plimsoll.folder, "app"), saved);
  expect((await plimsoll(["sbom", "app:app:1"])).stdout).toContain("pkg:npm/inside@1.0.0");
  const { code, stderr } = await plimsoll(["sbom", "app:2"]);
  expect(code).toBe(3);
  expect(stderr).toContain("app contains no image named 2");
  expect(stderr.replace(/\s+/g, " ")).toContain("use docker:app:2 or registry:app:2");
  expect((await plimsoll(["sbom", "app:1", "-o", "app"])).stderr).toContain("the output would overwrite the target");
});

test("a Docker Engine over SSH does not stop the registry from being asked", async () => {
  const env = { PLIMSOLL_OFFLINE: "0", DOCKER_HOST: "ssh://build.example" };
  const { code, stderr } = await plimsoll(["scan", "127.0.0.1:1/app:1", "--no-update"], { env });
  expect(code).toBe(3);
  expect(stderr).toContain("uses SSH, which is not supported");
  expect(stderr).toMatch(/127\.0\.0\.1:1\b.*(?:nothing answers|cannot be reached|refused)|nothing answers/s);
});
