import { expect, test } from "vitest";
import { parseContainer } from "./parse-container.ts";

const complete = {
  container: {
    id: "9dbcbd0c435f",
    full_id: "9dbcbd0c435f00",
    type: 7,
    name: "web",
    image: "nginx:latest",
    imagerepo: "nginx",
    imagetag: "latest",
    imageid: "f68d",
    imagedigest: "sha256:96fb",
    privileged: true,
    is_pod_sandbox: false,
    ip: "172.17.0.2",
    created_time: 1562621733,
    Mounts: [{ Source: "/a", Destination: "/b", Mode: "ro", RW: false, Propagation: "rprivate" }, 5],
    labels: { maintainer: "NGINX", bad: 5 },
    env: ["A=b", 6],
    Healthcheck: { exe: "/bin/check", args: ["-v"] },
    pod_sandbox_id: "abc",
    pod_sandbox_labels: { "io.kubernetes.pod.name": "web-1", "io.kubernetes.pod.namespace": "shop" },
  },
};

test("the metadata of a container is read, without what is not of its form", () => {
  expect(parseContainer(`${JSON.stringify(complete)}\0`)).toEqual({
    id: "9dbcbd0c435f",
    fullId: "9dbcbd0c435f00",
    type: "containerd",
    isKnown: true,
    lookupState: 1,
    name: "web",
    image: "nginx:latest",
    imageRepository: "nginx",
    imageTag: "latest",
    imageId: "f68d",
    imageDigest: "sha256:96fb",
    isPrivileged: true,
    isPodSandbox: false,
    ip: "172.17.0.2",
    createdTime: 1_562_621_733_000_000_000n,
    mounts: [{ source: "/a", destination: "/b", mode: "ro", isWritable: false, propagation: "rprivate" }],
    labels: { maintainer: "NGINX" },
    env: ["A=b"],
    healthcheck: "/bin/check -v",
    pod: {
      sandboxId: "abc",
      name: "web-1",
      namespace: "shop",
      labels: { "io.kubernetes.pod.name": "web-1", "io.kubernetes.pod.namespace": "shop" },
    },
  });
});

test.each(["", "{", "[]", '{"container":5}', '{"container":{"id":""}}', '{"container":{"id":5}}'])(
  "%j tells of no container",
  (json) => expect(parseContainer(json)).toBeUndefined(),
);

test("old captures have null where there are no labels", () => {
  const json = JSON.stringify({ container: { id: "a", pod_sandbox_labels: null, env: null, Mounts: null } });
  expect(parseContainer(json)).toMatchObject({ id: "a", type: "" });
});
