import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { type PodContainer, readPod } from "./read-pod.ts";

const image = "ghcr.io/acme/api:1";
const imageId = `ghcr.io/acme/api@sha256:${"1".repeat(64)}`;
const running = { running: { startedAt: "2026-11-20T08:00:05Z" } };
const waiting = { waiting: { reason: "CrashLoopBackOff" } };
const terminated = { terminated: { exitCode: 1 } };

/** The containers that are read of a pod with the container `api`. */
function containers(status: JsonObject, { phase = "Running", spec = {} } = {}): readonly PodContainer[] | undefined {
  const own = { name: "api", image };
  return readPod({
    metadata: { namespace: "shop", name: "api-0" },
    spec: { nodeName: "node-a", containers: [own], ...spec },
    status: { phase, ...status },
  })?.containers;
}

function ofStatus(status: JsonObject): readonly PodContainer[] | undefined {
  return containers({ containerStatuses: [{ name: "api", image, ...status }] });
}

describe("a container with a status", () => {
  test.each<readonly [{ readonly imageID?: string; readonly [key: string]: unknown }, string]>([
    [{ imageID: imageId, state: running }, "running"],
    [{ imageID: "", state: running }, "running"],
    [{ state: running }, "running"],
    [{ imageID: imageId, state: waiting }, "CrashLoopBackOff"],
    [{ imageID: "", state: waiting, lastState: terminated }, "CrashLoopBackOff"],
    [{ imageID: imageId, state: {} }, "waiting"],
    [{ imageID: imageId }, "waiting"],
  ])("is listed when it runs, or waits to run again: %j", (status, state) => {
    expect(ofStatus(status)).toMatchObject([{ name: "api", image, imageId: status.imageID ?? "", state }]);
  });

  test.each([
    { imageID: imageId, state: terminated },
    { imageID: "", state: { waiting: { reason: "ImagePullBackOff" } } },
    { imageID: "", state: { waiting: { reason: "ContainerCreating" } }, lastState: {} },
    { state: {} },
  ])("is not when it ended, and before it has an image: %j", (status) => {
    expect(ofStatus(status)).toEqual([]);
  });
});

test.each([
  ["2026-11-20T08:00:05Z", true],
  ["2026-11-20T08:00:05.123456789+01:00", true],
  ["2026-11-20", false],
  ["20 November 2026", false],
  ["2026-13-20T08:00:05Z", false],
  ["", false],
])("a container started at %j when that is a time", (startedAt, isTime) => {
  const [container] = ofStatus({ imageID: imageId, state: { running: { startedAt } } }) ?? [];
  expect(container?.startedAt).toBe(isTime ? startedAt : undefined);
});

describe("a container that ended", () => {
  const ended = (exitCode: number): JsonObject => ({ terminated: { exitCode, reason: "Error" } });
  const always = { restartPolicy: "Always" };

  test.each<readonly [string, JsonObject, JsonObject]>([
    ["in a pod that starts it again", always, ended(0)],
    ["with a failure in a pod that starts it again then", { restartPolicy: "OnFailure" }, ended(1)],
    ["and has a policy of its own", { containers: [{ name: "api", image, ...always }] }, ended(0)],
  ])("is listed %s", (_, spec, state) => {
    const status = { containerStatuses: [{ name: "api", image, imageID: imageId, restartCount: 5, state }] };
    expect(containers(status, { spec })).toMatchObject([{ name: "api", image, imageId, state: "Error" }]);
  });

  test.each<readonly [string, JsonObject, JsonObject, string]>([
    ["for good", { restartPolicy: "Never" }, ended(1), "Running"],
    ["well, in a pod that starts it again after a failure", { restartPolicy: "OnFailure" }, ended(0), "Running"],
    ["with its pod", always, ended(1), "Failed"],
  ])("is not when it ended %s", (_, spec, state, phase) => {
    const status = { containerStatuses: [{ name: "api", image, imageID: imageId, state }] };
    expect(containers(status, { spec, phase })).toEqual([]);
  });

  test.each([
    ["In", [42], 42, true],
    ["In", [42], 1, false],
    ["NotIn", [1], 42, true],
    ["NotIn", [1], 1, false],
    ["Like", [1], 1, true],
    ["Like", [1], 0, false],
  ])("is by a rule of its own: exit codes %s %j, ended with %i", (operator, values, exitCode, isListed) => {
    const restartPolicyRules = [{ action: "Restart", exitCodes: { operator, values } }];
    const spec = { containers: [{ name: "api", image, restartPolicy: "Never", restartPolicyRules }] };
    const status = { containerStatuses: [{ name: "api", image, imageID: imageId, state: ended(exitCode) }] };
    expect(containers(status, { spec: { ...spec, restartPolicy: "Never" } })?.length).toBe(isListed ? 1 : 0);
  });

  test("is not in a pod that is being deleted", () => {
    const pod = {
      metadata: { namespace: "shop", name: "api-0", deletionTimestamp: "2026-11-20T08:00:05Z" },
      spec: { containers: [{ name: "api", image }], ...always },
      status: { phase: "Running", containerStatuses: [{ name: "api", image, imageID: imageId, state: ended(1) }] },
    };
    expect(readPod(pod)?.containers).toEqual([]);
  });

  test("is an init container that failed, and none that did what it should", () => {
    const initContainers = ["migrate", "mesh", "wait"].map((name) => ({ name, image }));
    const states = [ended(0), ended(0), ended(1)];
    const initContainerStatuses = initContainers.map((own, index) => ({
      ...own,
      imageID: imageId,
      state: states[index],
    }));
    const spec = {
      ...always,
      containers: [],
      initContainers: initContainers.map((own) => (own.name === "mesh" ? { ...own, ...always } : own)),
    };
    const found = containers({ initContainerStatuses }, { phase: "Pending", spec });
    expect(found?.map(({ name }) => name)).toEqual(["mesh", "wait"]);
  });

  test("is not an ephemeral container, which is started once", () => {
    const ephemeralContainers = [{ name: "shell", image }];
    const status = { ephemeralContainerStatuses: [{ name: "shell", image, imageID: imageId, state: ended(1) }] };
    expect(containers(status, { spec: { ...always, containers: [], ephemeralContainers } })).toEqual([]);
  });
});

describe("a container without a status", () => {
  const unseen = { imageId: "", state: "unknown" };

  test.each(["Running", "Unknown", ""])("is listed in a pod that is %j", (phase) => {
    expect(containers({}, { phase })).toEqual([{ name: "api", image, ...unseen }]);
  });

  test.each(["Pending", "Succeeded", "Failed"])("is not in a pod that is %j", (phase) => {
    expect(containers({}, { phase })).toEqual([]);
  });

  test("is listed beside one that has a status", () => {
    const spec = {
      containers: [
        { name: "api", image },
        { name: "log", image },
      ],
    };
    const status = { containerStatuses: [{ name: "api", image, imageID: imageId, state: running }] };
    expect(containers(status, { spec })).toMatchObject([
      { name: "api", state: "running" },
      { name: "log", image, ...unseen },
    ]);
  });

  test("is not an init container that has ended by the time that the pod runs", () => {
    const initContainers = [
      { name: "migrate", image },
      { name: "mesh", image, restartPolicy: "Always" },
    ];
    expect(containers({}, { spec: { containers: [], initContainers } })).toMatchObject([{ name: "mesh", ...unseen }]);
  });
});
