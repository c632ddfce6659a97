import { expect, test } from "vitest";
import { readDockerContainer } from "./read-docker-container.ts";

const id = "0123456789ab".padEnd(64, "c");

test("reads what rules ask of a container", () => {
  const answer = {
    Id: id,
    Name: "/shop",
    Image: `sha256:${"d".repeat(64)}`,
    Created: "2026-12-07T12:00:00.5Z",
    Config: {
      Image: "registry.example:5000/team/shop:2",
      User: "app",
      Env: ["A=1", 2],
      Labels: { tier: "web", none: 1 },
    },
    HostConfig: { Privileged: true, PidMode: "host", NetworkMode: "bridge" },
    NetworkSettings: { IPAddress: "", Networks: { bridge: { IPAddress: "172.17.0.2" } } },
    Mounts: [{ Source: "/etc", Destination: "/host/etc", Mode: "ro", RW: false, Propagation: "rprivate" }, null],
  };
  expect(readDockerContainer(answer, "docker")).toEqual({
    id: "0123456789ab",
    fullId: id,
    type: "docker",
    isKnown: true,
    lookupState: 1,
    name: "shop",
    image: "registry.example:5000/team/shop:2",
    imageRepository: "registry.example:5000/team/shop",
    imageTag: "2",
    imageId: "d".repeat(12),
    user: "app",
    isPrivileged: true,
    isPodSandbox: false,
    hostPid: true,
    hostNetwork: false,
    hostIpc: false,
    ip: "172.17.0.2",
    mounts: [{ source: "/etc", destination: "/host/etc", mode: "ro", isWritable: false, propagation: "rprivate" }],
    labels: { tier: "web" },
    env: ["A=1"],
    createdTime: 1_796_644_800_500_000_000n,
  });
});

test.each<[string, object]>([
  ["alpine", { imageRepository: "alpine", imageTag: "latest" }],
  ["localhost:5000/alpine", { imageRepository: "localhost:5000/alpine", imageTag: "latest" }],
  [`alpine@sha256:${"a".repeat(64)}`, { imageRepository: "alpine", imageDigest: `sha256:${"a".repeat(64)}` }],
  [`sha256:${"a".repeat(64)}`, {}],
])("reads the reference %s", (image, expected) => {
  const { imageRepository, imageTag, imageDigest } =
    readDockerContainer({ Id: id, Config: { Image: image } }, "") ?? {};
  expect({ imageRepository, imageTag, imageDigest }).toEqual({
    imageRepository: undefined,
    imageTag: undefined,
    imageDigest: undefined,
    ...expected,
  });
});

test.each([undefined, null, [], "x", {}])("is nothing for %j", (answer) => {
  expect(readDockerContainer(answer, "docker")).toBeUndefined();
});
