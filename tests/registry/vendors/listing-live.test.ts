import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "../setup/docker-registry.ts";
import { pushImage } from "../setup/push-image.ts";
import { basic, listOf, reference, testClient } from "../setup/registry-client.ts";

const password = "marker-pa55word";
const htpasswd = "alice:$2b$05$k77b7u3FWX3TXiv04PH9p.BLJbNPd7NCXwnaNfB14dtKClqN5wMaO\n";

describe.skipIf(registryObstacle !== undefined)(
  `lists of Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry({ auth: { kind: "basic", htpasswd } });
    });
    afterAll(() => registry.stop());

    test("hold what is at or below a path, for who may see it", async () => {
      const client = testClient({ credentials: { [registry.host]: basic("alice", password) } });
      for (const name of ["team", "team/app", "teamwork", "other/team"])
        await pushImage(client, reference(`${registry.host}/${name}:v1`), { texts: [name] });
      const list = async (prefix: string): Promise<string[]> =>
        (await listOf(repositoriesBelow(client, registry.host, prefix))).sort();
      expect(await list("")).toEqual(["other/team", "team", "team/app", "teamwork"]);
      expect(await list("team")).toEqual(["team", "team/app"]);
      expect(await list("other")).toEqual(["other/team"]);
      await expect(list("nothing")).rejects.toMatchObject({ code: "image-not-found" });
      await expect(listOf(repositoriesBelow(testClient(), registry.host, ""))).rejects.toMatchObject({
        code: "registry-refused",
      });
    });
  },
);
