import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/json-object.ts";
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

  test("is no init container that has ended by the time that the pod runs", () => {
    const initContainers = [
      { name: "migrate", image },
      { name: "mesh", image, restartPolicy: "Always" },
    ];
    expect(containers({}, { spec: { containers: [], initContainers } })).toMatchObject([{ name: "mesh", ...unseen }]);
  });
});
