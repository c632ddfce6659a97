import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { takeStock } from "../setup/take-stock.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { makePodmanStore, type PodmanStore, podmanObstacle } from "./podman.ts";
import { run } from "./programs.ts";
import { asAnotherUser, openOnly, storedImage, storedName, why } from "./stored-image.ts";

const folder = temporaryFolder();
const { archive, expectSameAsArchive, expectSameTwice } = storedImage(folder);

for (const driver of ["overlay", "vfs"] as const) {
  describe.skipIf(podmanObstacle !== undefined)(`the store of Podman with ${driver}${why(podmanObstacle)}`, () => {
    let store: PodmanStore;
    let obstacle: string | undefined;

    beforeAll(() => {
      store = makePodmanStore(driver);
      try {
        store.podman("load", "--quiet", "--input", archive);
      } catch (error) {
        obstacle = String(error).trim().replace(/\s+/g, " ");
      }
    });
    afterAll(() => store.remove());

    function accessOrSkip(context: TestContext): { storage: string[]; hosts: string[] } {
      return obstacle === undefined
        ? { storage: [store.root], hosts: [] }
        : context.skip(`Podman does not run here: ${obstacle}`);
    }

    test("is read in place and gives what the archive gives", async (context) => {
      const podman = accessOrSkip(context);
      await expectSameAsArchive(`podman:${storedName}`, { podman });
      await expectSameAsArchive(`containers-storage:[${store.root}]${storedName}`, {});
      await expectSameTwice(`podman:${storedName}`, { podman });
    });

    test("knows an image by a short name, its id and the beginning of its id", async (context) => {
      const podman = accessOrSkip(context);
      const id = store.podman("image", "inspect", "--format", "{{.Id}}", storedName).trim();
      for (const other of ["app:1.0", "team/app:1.0", id, `sha256:${id}`, id.slice(0, 12)]) {
        using target = await openOnly(`podman:${other}`, { podman });
        expect(target.target).toMatchObject({ kind: "podman", imageId: `sha256:${id}`, tags: [storedName] });
      }
      await expect(openOnly("podman:app:2.0", { podman })).rejects.toMatchObject({ code: "image-not-found" });
    });

    test("is found by the configuration that Podman reads", async (context) => {
      accessOrSkip(context);
      const path = join(folder, `${driver}-storage.conf`);
      writeFileSync(path, `[storage]\ndriver = "${driver}"\ngraphroot = "${store.root}"\nrunroot = "${folder}/run"\n`);
      const listed = run("podman", ["images", "--quiet", "--no-trunc", storedName], {
        CONTAINERS_STORAGE_CONF: path,
      }).trim();
      const configurations = [{ path, of: "user" as const }];
      using target = await openOnly(`podman:${storedName}`, { podman: { configurations, storage: [], hosts: [] } });
      expect(target.target.imageId).toBe(listed);
    });

    test("says of a list of images that it is one", async (context) => {
      const podman = accessOrSkip(context);
      store.podman("manifest", "create", "localhost/several:1");
      await expect(openOnly("podman:localhost/several:1", { podman })).rejects.toMatchObject({
        code: "layout-malformed",
        message: expect.stringContaining("localhost/several:1 is a list of images"),
      });
    });

    test("is told from a folder that is none", async (context) => {
      accessOrSkip(context);
      await expect(openOnly(`containers-storage:[${folder}]${storedName}`, {})).rejects.toMatchObject({
        code: "target-not-found",
      });
    });

    test("is used for a plain name when no Docker Engine runs", async (context) => {
      const podman = accessOrSkip(context);
      const docker = { host: `unix://${join(folder, "none.sock")}` };
      using target = await openOnly(storedName, { podman, docker });
      expect(target.target.kind).toBe("podman");
    });

    test("and its service give the same, read in place and exported", async (context) => {
      accessOrSkip(context);
      const host = await store.serve();
      await expectSameAsArchive(`docker:${storedName}`, { docker: { host } });
      await asAnotherUser(async () => {
        await expectSameAsArchive(`docker:${storedName}`, { docker: { host } });
        await expectSameAsArchive(`podman:${storedName}`, { podman: { storage: [], hosts: [host] } });
        const docker = { host: `unix://${join(folder, "none.sock")}` };
        using target = await openOnly(storedName, { docker, podman: { storage: [store.root], hosts: [host] } });
        expect(target.target.kind).toBe("podman");
        expect(
          (await takeStock(storedName, { docker, podman: { storage: [store.root], hosts: [host] } })).problems,
        ).toEqual([]);
        await expectSameTwice(`docker:${storedName}`, { docker: { host } });
      });
    });
  });
}
