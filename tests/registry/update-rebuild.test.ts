import { describe, expect, test } from "vitest";
import { registryObstacle } from "./setup/docker-registry.ts";
import { fixed, leaky, odd, updateRig } from "./setup/update-rig.ts";

const names = { name: "org.opencontainers.image.base.name", digest: "org.opencontainers.image.base.digest" };

describe.skipIf(registryObstacle !== undefined)(
  `update rebuild${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    const { prepare, update, pushAgain } = updateRig();

    test("a rebuild on a newer base fixes the findings of the base, by the labels and by the layers", async () => {
      const base = await prepare({ "1": [leaky] });
      const labels = { [names.name]: `${base.image}:1`, [names.digest]: base.digests.get("1") ?? "" };
      const app = await prepare({ labelled: { layers: [leaky, odd], labels }, plain: [leaky, odd] });
      const rebuild = (tag: string, ...args: readonly string[]) =>
        update(base.cwd, "rebuild", `${app.image}:${tag}`, ...args);
      const current = await rebuild("labelled");
      expect(current).toMatchObject({ code: 0, stderr: "" });
      expect(current.stdout).toContain("The base image has not changed since the build.");
      expect(await rebuild("plain", "--base", `${base.image}:1`)).toMatchObject({ code: 0 });
      await pushAgain(`${base.image}:1`, [fixed]);
      const outdated = await rebuild("labelled");
      expect(outdated.code).toBe(1);
      expect(outdated.stdout).toContain("A rebuild fixes 1 finding (1 high) and keeps 1.");
      expect(outdated.stdout).toContain("  high TEST-2024-1 in leaky 1.0.0");
      const byLayers = await rebuild("plain", "--base", `${base.image}:1`, "--format", "json");
      expect(byLayers.code).toBe(1);
      expect(JSON.parse(byLayers.stdout)).toMatchObject({ isCurrent: false, fixed: [{ id: "TEST-2024-1" }], kept: 1 });
    });

    test("a label cannot lead to a registry on a private network", async () => {
      const labels = { [names.name]: "127.0.0.2:9/team/base:1" };
      const app = await prepare({ "1": { layers: [leaky], labels } });
      const { code, stderr } = await update(app.cwd, "rebuild", `${app.image}:1`);
      expect(code).toBe(3);
      expect(stderr).toContain("private");
    });

    test("an image without a known base needs --base", async () => {
      const app = await prepare({ "1": [leaky] });
      const { code, stderr } = await update(app.cwd, "rebuild", `${app.image}:1`);
      expect(code).toBe(2);
      expect(stderr).toContain("--base");
    });
  },
);
