import { expect, test } from "vitest";
import { manifestResource } from "../manifest-resource.ts";
import { controlPlaneContainers } from "./static-pod.ts";

function read(container: Record<string, unknown>): [string, Record<string, string>][] {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [container] } };
  return controlPlaneContainers(manifestResource(pod)).map(({ program, flags }) => [
    program,
    Object.fromEntries(Array.from(flags, ([name, { value }]) => [name, value])),
  ]);
}

test.each([
  ["a direct path", { command: ["/usr/local/bin/kubelet", "--a=1"] }],
  ["flags among args", { command: ["kubelet"], args: ["--a=1"] }],
  ["hyperkube", { command: ["/hyperkube", "kubelet", "--a=1"] }],
  ["the image of hyperkube", { image: "k8s.gcr.io/hyperkube:v1.15.0", args: ["kubelet", "--a=1"] }],
  ["a shell", { command: ["/bin/sh", "-c"], args: ["set -e; exec kubelet --a=1 >/var/log/kubelet.log 2>&1"] }],
  ["a pipe of a shell", { command: ["sh", "-ec", "/usr/bin/kubelet --a=1 | tee /dev/stderr"] }],
  ["kube-log-runner", { command: ["/kube-log-runner", "-log-file=/var/log/k.log", "/usr/bin/kubelet", "--a=1"] }],
  ["go-runner", { command: ["/go-runner", "--log-file=/k.log", "--also-stdout", "--", "kubelet", "--a=1"] }],
  ["wrappers", { command: ["nice", "-n", "5", "env", "A=b", "chroot", "/host", "/bin/kubelet", "--a=1"] }],
  ["nsenter", { command: ["nsenter", "-t", "1", "-m", "--", "/bin/kubelet", "--a=1"] }],
  ["an image named after the program", { image: "registry.k8s.io/kubelet-amd64:v1.30.0", args: ["--a=1"] }],
  ["an entry point that executes its arguments", { image: "a/b", args: ["kubelet", "--a=1"] }],
])("%s starts the kubelet", (_, container) => {
  expect(read(container)).toEqual([["kubelet", { a: "1" }]]);
});

test.each([
  ["an option of an operator", { image: "a/b", args: ["--kubelet-service=kube-system/kubelet"] }],
  ["the value of an option", { image: "a/b", command: ["operator"], args: ["--service", "kube-system/kubelet"] }],
  ["a folder to back up", { image: "restic/restic", command: ["restic", "backup", "/var/lib/etcd"] }],
  ["a folder to back up, by args", { image: "restic/restic", args: ["backup", "/var/lib/etcd"] }],
  ["the same by a shell", { command: ["sh", "-c", "restic backup /var/lib/etcd && rm -rf /backup/etcd"] }],
  ["the name of a unit", { image: "a/logs", args: ["kubelet"] }],
  ["the name of the container", { name: "etcd", image: "a/backup", command: ["/backup.sh"] }],
  ["another program of the image", { image: "registry.k8s.io/etcd:3.5.1", command: ["etcdctl", "snapshot"] }],
  ["a question for the version", { command: ["kube-apiserver", "--version"] }],
])("%s is no program of the control plane", (_, container) => {
  expect(read(container)).toEqual([]);
});

test("etcd reads variables of its environment where the flag is missing", () => {
  const env = [
    { name: "ETCD_CLIENT_CERT_AUTH", value: "true" },
    { name: "ETCD_CERT_FILE", value: "/a" },
  ];
  expect(read({ image: "bitnami/etcd:3", args: ["--cert-file=/b"], env })).toEqual([
    ["etcd", { "client-cert-auth": "true", "cert-file": "/b" }],
  ]);
});
