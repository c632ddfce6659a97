import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { type NotificationReceiver, startNotificationReceiver } from "./setup/notification-receiver.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const database = join(plimsoll.folder, "advisories.sqlite");
const digest = `sha256:${"1".repeat(64)}`;

const scan = (notification: string, ...args: readonly string[]): Promise<RunResult> =>
  plimsoll(["scan", "--notification", "-", "--db", database, "--max-db-age", "99999", "--no-update", ...args], {
    env: { PLIMSOLL_OFFLINE: "" },
    input: notification,
  });
const harborPush = (registry: string, tag = "v1"): object => ({
  type: "PUSH_ARTIFACT",
  event_data: {
    resources: [{ digest, tag, resource_url: `${registry}/team/app:${tag}` }],
    repository: { repo_full_name: "team/app" },
  },
});

beforeAll(async () => {
  expect(await plimsoll(["db", "build", "--from", writeBucket(plimsoll.folder), "--db", database])).toMatchObject({
    code: 0,
  });
});

describe.skipIf(registryObstacle !== undefined)(
  `what docker-registry notifies of${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let receiver: NotificationReceiver;
    let registry: RunningRegistry;
    let client: RegistryClient;
    beforeAll(async () => {
      receiver = await startNotificationReceiver();
      registry = await startDockerRegistry({ notify: receiver.url });
    });
    afterAll(async () => {
      await registry.stop();
      await receiver.stop();
    });
    const push = async (name: string, version: string): Promise<{ digest: string; body: string }> => {
      client = testClient();
      const image = reference(`${registry.host}/${name}`);
      const pushed = await pushLayers(client, image, { layers: [npmLayer("leaky", version)] });
      const body = await receiver.take(
        ({ action, target }) => action === "push" && target.repository === image.repository && target.tag === image.tag,
      );
      return { digest: pushed.digest, body };
    };

    test("a push is scanned as what it was, also when the tag has moved since", async () => {
      const first = await push("team/app:v1", "1.0.0");
      await push("team/app:v1", "2.0.0");
      const { code, stdout, stderr } = await scan(
        first.body,
        ...["--format", "json", "--fail-on", "low", "--notification-registry", registry.host],
      );
      expect(stderr).toBe("");
      const report = JSON.parse(stdout);
      expect(report.target).toMatchObject({
        kind: "registry",
        name: `${registry.host}/team/app:v1@${first.digest}`,
        manifestDigest: first.digest,
      });
      expect(report.packages).toMatchObject([{ purl: "pkg:npm/leaky@1.0.0" }]);
      expect(code).toBe(1);
    });

    test("a registry on a private network is asked only when the user names it", async () => {
      const { body } = await push("team/private:v1", "2.0.0");
      const refused = await scan(body);
      expect(refused).toMatchObject({ code: 3, stdout: "" });
      expect(refused.stderr).toContain(`${registry.host} failed: it leads to 127.0.0.1, which is not on the`);
      expect(refused.stderr).toContain("--registry-trust");
      for (const option of ["--registry-trust", "--insecure", "--notification-registry"]) {
        expect(await scan(body, option, registry.host), option).toMatchObject({ code: 0, stderr: "" });
      }
    });

    test("the push of a layer and a deletion are told of, and nothing is scanned", async () => {
      const pushed = await push("team/gone:v1", "1.0.0");
      const layer = await receiver.take(
        ({ target }) => target.repository === "team/gone" && target.mediaType === "application/octet-stream",
      );
      const answer = await fetch(`http://${registry.host}/v2/team/gone/manifests/${pushed.digest}`, {
        method: "DELETE",
      });
      expect(answer.status).toBe(202);
      const deletion = await receiver.take(({ action }) => action === "delete");
      for (const [body, what] of [
        [layer, 'a push of the type "application/octet-stream", which is not an image'],
        [deletion, 'an event with the action "delete"'],
      ] as const) {
        const { code, stdout, stderr } = await scan(body);
        expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
        expect(stderr).toBe(
          `note: the notification of distribution contains no image push; nothing was scanned: ${what}\n`,
        );
      }
      const late = await scan(pushed.body, "--notification-registry", registry.host);
      expect(late).toMatchObject({ code: 3, stdout: "" });
      expect(late.stderr).toContain(`does not have ${registry.host}/team/gone`);
    });

    test("several pushes make one report, and what cannot be followed is among its failures", async () => {
      const pushes = [await push("team/one:v1", "1.0.0"), await push("team/two:v2", "2.0.0")];
      const events = pushes.flatMap(({ body }) => JSON.parse(body).events);
      const many = await scan(
        JSON.stringify({ events }),
        ...["--format", "json", "--notification-registry", registry.host],
      );
      expect(many).toMatchObject({ code: 0, stderr: "" });
      const report = JSON.parse(many.stdout) as RegistryReport & { images: { repository: string; tags: string[] }[] };
      expect(report.scope).toEqual({
        registry: registry.host,
        named: [`team/one:v1@${pushes[0]?.digest}`, `team/two:v2@${pushes[1]?.digest}`],
        tags: [],
      });
      expect(report.images.map(({ repository, tags }) => `${repository}:${tags.join()}`)).toEqual([
        "team/one:v1",
        "team/two:v2",
      ]);
      const nameless = { action: "push", target: { tag: "v3" }, request: { host: registry.host } };
      const some = await scan(
        JSON.stringify({ events: [...events, nameless] }),
        ...["--fail-on", "low", "--notification-registry", registry.host],
      );
      expect(some.code).toBe(1);
      expect(some.stdout).toContain("2 images by name");
      expect(some.stdout).toContain("the notification contains a push without a repository name");
      const incomplete = await scan(
        JSON.stringify({ events: [...events.slice(1), nameless] }),
        ...["--notification-registry", registry.host],
      );
      expect(incomplete.code).toBe(3);
    });

    test("all tags of a push without a digest are scanned, and one that is gone has failed", async () => {
      await push("team/tags:v1", "1.0.0");
      await push("team/tags:v1.0", "1.0.0");
      const quay = {
        repository: "team/tags",
        docker_url: `${registry.host}/team/tags`,
        updated_tags: ["v1", "v1.0", "v9"],
      };
      const { code, stdout } = await scan(
        JSON.stringify(quay),
        ...["--format", "json", "--registry-trust", registry.host],
      );
      const report = JSON.parse(stdout);
      expect(code).toBe(3);
      expect(report.images).toMatchObject([{ repository: "team/tags", tags: ["v1", "v1.0"] }]);
      expect(report.failures).toMatchObject([{ code: "image-not-found", repository: "team/tags", tags: ["v9"] }]);
    });

    test("the registry of the option is asked instead of the one in the notification, which is said", async () => {
      const { digest: pushed } = await push("team/app:v5", "2.0.0");
      const told = JSON.stringify(harborPush("harbor.example.com", "v5")).replaceAll(digest, pushed);
      const { code, stderr } = await scan(told, "--notification-registry", registry.host);
      expect(stderr).toBe(
        `note: the notification of Harbor names harbor.example.com; images are scanned from ${registry.host} instead\n`,
      );
      expect(code).toBe(0);
    });
  },
);

test("a private host of a stranger's choice sees no request, whatever credentials there are for it", async () => {
  const registry = await fakeRegistry();
  const folder = join(plimsoll.folder, "home", ".docker");
  mkdirSync(folder, { recursive: true });
  const auth = Buffer.from("alice:marker-pa55word").toString("base64");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  const port = registry.host.split(":")[1];
  for (const host of [
    registry.host,
    `localhost:${port}`,
    `[::1]:${port}`,
    "169.254.169.254",
    "10.0.0.1",
    `0x7f.1:${port}`,
    `127.1:${port}`,
  ]) {
    const result = await scan(JSON.stringify(harborPush(host)));
    expect(result, host).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr, host).toContain("which is not on the public internet");
  }
  expect(registry.requests).toEqual([]);
});

describe("what is no notification of a push that can be followed", () => {
  test.each([
    ["no JSON", "{", 3, "is not JSON in UTF-8"],
    ["a form that nobody has", '{"hello":"world"}', 3, "is not in the format of a supported registry"],
    [
      "a push without a repository",
      '{"push_data":{"tag":"v1"},"repository":{}}',
      3,
      "contains a push without a repository name",
    ],
    [
      "no registry",
      '{"action":"CREATED","repositoryName":"d","component":{"format":"docker","name":"a","version":"1"}}',
      2,
      "does not contain its registry",
    ],
    [
      "two registries",
      '{"events":[{"action":"push","target":{"repository":"a","tag":"1"},"request":{"host":"a.test"}},{"action":"push","target":{"repository":"a","tag":"1"},"request":{"host":"b.test"}}]}',
      2,
      "contains more than one registry",
    ],
  ])("%s is an error, and nothing is printed", async (_, body, code, message) => {
    const result = await scan(body);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(message);
  });

  test("a signature that was pushed is not an image, and nothing is scanned", async () => {
    const tag = `sha256-${"1".repeat(64)}.sig`;
    const push = { push_data: { tag }, repository: { repo_name: "team/app" } };
    expect(await scan(JSON.stringify(push))).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("nothing was scanned: a push of an artifact attached to an image"),
    });
  });

  test("control characters of a notification reach no terminal", async () => {
    const result = await scan(JSON.stringify({ type: "\u001b[2J\u009b", event_data: {} }));
    expect(result.code).toBe(0);
    expect(result.stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  test.each([
    ["a target", ["nginx"], "--notification and a target cannot be used together"],
    ["a registry", ["--registry", "r.test"], "--notification and --registry cannot be used together"],
    ["offline", ["--offline"], "--offline forbids"],
  ])("%s beside it is wrong usage", async (_, args, message) => {
    const result = await scan("{}", ...args);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain(message);
  });

  test("its registry without it is wrong usage, and a file that is missing is told of", async () => {
    const lone = await plimsoll(["scan", "nginx", "--notification-registry", "r.test"]);
    expect(lone).toMatchObject({ code: 2, stdout: "" });
    const missing = await plimsoll(["scan", "--notification", "nothing.json"], { env: { PLIMSOLL_OFFLINE: "" } });
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(missing.stderr).toContain("nothing.json does not exist");
    writeFileSync(join(plimsoll.folder, "large.json"), Buffer.alloc(8 * 1024 * 1024 + 1, " "));
    for (const [path, message] of [
      ["large.json", "the notification is larger than 8388608 bytes"],
      [".", "cannot be read"],
    ] as const) {
      const result = await plimsoll(["scan", "--notification", path], { env: { PLIMSOLL_OFFLINE: "" } });
      expect(result).toMatchObject({ code: 3, stdout: "" });
      expect(result.stderr).toContain(message);
    }
  });
});
