import { lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { registryObstacle } from "./setup/docker-registry.ts";
import { fixed, leaky, updateRig } from "./setup/update-rig.ts";

describe.skipIf(registryObstacle !== undefined)(
  `update apply${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const { prepare, update } = updateRig();
    const images = { "1.0.0": [leaky], "1.1.0": [fixed] };

    test("only the tags change, in every file, and digests are pinned beside them", async () => {
      const files = {
        Dockerfile: "# IMAGE:1.0.0\r\nARG V=1.0.0\r\nFROM IMAGE:$V AS a\r\nFROM  IMAGE:1.0.0  AS b\r\n",
        "compose.yaml": 'services:\n  a: {image: "IMAGE:$TAG"} # keep\n  b: {image: IMAGE:1.0.0, build: .}\n',
        ".env": "export TAG='1.0.0' # version\n",
        "deploy/pod.yaml":
          "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: &i IMAGE:1.0.0\n  - image: *i\n",
        "chart/values.yaml": "image:\n  repository: IMAGE\n  tag: 1.0.0\n  digest: ''\n",
      };
      const { image, cwd, digests } = await prepare(images, files);
      const read = (): Readonly<Record<string, string>> =>
        Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(cwd, name), "utf8")]));
      const before = read();
      const preview = await update(cwd, "apply", "--dry-run");
      expect(preview).toMatchObject({ code: 0, stderr: "" });
      expect(read()).toEqual(before);
      const digest = digests.get("1.1.0") ?? "";
      expect(preview.stdout).toContain(`+   - image: &i ${image}:1.1.0@${digest}\n`);
      expect(await update(cwd, "apply")).toMatchObject({ code: 0, stderr: "" });
      expect(read()).toEqual({
        Dockerfile: `# ${image}:1.0.0\r\nARG V=1.1.0\r\nFROM ${image}:$V AS a\r\nFROM  ${image}:1.1.0@${digest}  AS b\r\n`,
        "compose.yaml": before["compose.yaml"],
        ".env": "export TAG='1.1.0' # version\n",
        "deploy/pod.yaml": before["deploy/pod.yaml"]?.replace("1.0.0", `1.1.0@${digest}`),
        "chart/values.yaml": `image:\n  repository: ${image}\n  tag: 1.1.0\n  digest: '${digest}'\n`,
      });
      const after = read();
      expect((await update(cwd, "apply")).stdout).toContain("0 of");
      expect(read()).toEqual(after);
    });

    test("--no-pin adds no digest, and a pinned digest changes with its tag", async () => {
      const { image, cwd, digests } = await prepare(images);
      const [before, after] = ["1.0.0", "1.1.0"].map((tag) => digests.get(tag) ?? "");
      writeFileSync(join(cwd, "Dockerfile.pinned"), `FROM ${image}:1.0.0@${before}\n`);
      expect(await update(cwd, "apply", "--no-pin")).toMatchObject({ code: 0 });
      expect(readFileSync(join(cwd, "Dockerfile"), "utf8")).toBe(`FROM ${image}:1.1.0\n`);
      expect(readFileSync(join(cwd, "Dockerfile.pinned"), "utf8")).toBe(`FROM ${image}:1.1.0@${after}\n`);
    });

    test("a variable that another image uses is not changed", async () => {
      const other = await prepare({ "1.0.0": [leaky] }, {});
      const text = `ARG V=1.0.0\nFROM IMAGE:$V AS a\nFROM ${other.image}:$V\n`;
      const { image, cwd } = await prepare(images, { Dockerfile: text });
      const { code, stdout } = await update(cwd, "apply");
      expect(code).toBe(3);
      expect(stdout).toContain(`not changed, the edit would also change ${other.image}:$V in Dockerfile:3`);
      expect(readFileSync(join(cwd, "Dockerfile"), "utf8")).toBe(text.replace("IMAGE", image));
    });

    test("a symbolic link is neither followed out of the folder nor replaced", async () => {
      const outside = await prepare(images);
      const { cwd } = await prepare(images, { "base/Image.dockerfile": outside.image });
      writeFileSync(join(cwd, "base/real"), `FROM ${outside.image}:1.0.0\n`);
      symlinkSync("base/real", join(cwd, "Dockerfile"));
      symlinkSync(join(outside.cwd, "Dockerfile"), join(cwd, "Dockerfile.outside"));
      expect((await update(cwd, "apply")).code).toBe(3);
      expect(lstatSync(join(cwd, "Dockerfile")).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(cwd, "base/real"), "utf8")).toContain(":1.1.0@sha256:");
      expect(readFileSync(join(outside.cwd, "Dockerfile"), "utf8")).toContain(":1.0.0\n");
    });
  },
);
