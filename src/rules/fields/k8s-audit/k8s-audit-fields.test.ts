import { expect, test } from "vitest";
import type { FieldValue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { k8sAuditFields } from "./k8s-audit-fields.ts";

const catalogue = k8sAuditFields();

test("fields of a pod are read from each container, and with an index from one", () => {
  const audit = pod({
    securityContext: { runAsUser: 5, fsGroup: 6, supplementalGroups: [7, 8] },
    hostPID: true,
    containers: [
      {
        name: "a",
        image: "quay.io/a/b:1@sha256:0",
        command: ["sh", "-c"],
        args: ["x"],
        ports: [{ hostPort: 80 }, { containerPort: 81 }],
      },
      {
        name: "b",
        image: "c",
        securityContext: { runAsUser: 0, privileged: true, capabilities: { add: ["SYS_ADMIN", "X"] } },
      },
    ],
    initContainers: [{ name: "i", image: "d:1", securityContext: { procMount: "Unmasked" } }],
    ephemeralContainers: [{ name: "e", image: "f@sha256:1" }],
    volumes: [{ name: "v", emptyDir: {} }, { name: "w", hostPath: { path: "/etc" } }, { flexVolume: { driver: "f" } }],
  });
  expect(read(audit, "ka.req.pod.containers.name")).toEqual(["a", "b"]);
  expect(read(audit, "ka.req.pod.containers.image.repository")).toEqual(["quay.io/a/b", "c"]);
  expect(read(audit, "ka.req.pod.containers.image", "1")).toEqual(["c"]);
  expect(read(audit, "ka.req.pod.containers.image", "2")).toBeUndefined();
  expect(read(audit, "ka.req.pod.containers.command")).toEqual(["sh -c"]);
  expect(read(audit, "ka.req.pod.containers.args", "1")).toBeUndefined();
  expect(read(audit, "ka.req.pod.containers.host_port")).toEqual(["80", "81"]);
  expect(read(audit, "ka.req.pod.containers.privileged")).toEqual(["true"]);
  expect(read(audit, "ka.req.container.privileged")).toBe("true");
  expect(read(audit, "ka.req.pod.containers.add_capabilities")).toEqual(['["SYS_ADMIN","X"]']);
  expect(read(audit, "ka.req.pod.containers.run_as_user")).toEqual(["0"]);
  expect(read(audit, "ka.req.pod.containers.eff_run_as_user")).toEqual(["5", "0"]);
  expect(read(audit, "ka.req.pod.containers.eff_run_as_group", "0")).toEqual(["0"]);
  expect(read(audit, "ka.req.pod.initContainers.proc_mount")).toEqual(["Unmasked"]);
  expect(read(audit, "ka.req.pod.ephemeralContainers.image.repository")).toEqual(["f"]);
  expect(read(audit, "ka.req.pod.run_as_user")).toBe("5");
  expect(read(audit, "ka.req.pod.fs_group")).toBe("6");
  expect(read(audit, "ka.req.pod.supplemental_groups")).toEqual(["7", "8"]);
  expect(read(audit, "ka.req.pod.host_pid")).toBe("true");
  expect(read(audit, "ka.req.pod.volumes.hostpath")).toEqual(["/etc"]);
  expect(read(audit, "ka.req.pod.volumes.volume_type")).toEqual(["emptyDir", "hostPath", "flexVolume"]);
  expect(read(audit, "ka.req.pod.volumes.flexvolume_driver")).toEqual(["f"]);
  expect(read(audit, "ka.req.volume.hostpath", "/etc")).toBe("true");
  expect(read(audit, "ka.req.volume.hostpath", "/e*")).toBe("true");
  expect(read(audit, "ka.req.volume.hostpath", "/etc/x")).toBe("false");
  expect(catalogue.resolve("ka.req.pod.ephemeralContainers.host_port", undefined)).toBeUndefined();
});

test("the subjects of a binding are told apart by their kinds", () => {
  const audit = {
    auditID: "1",
    requestObject: {
      roleRef: { name: "admin" },
      subjects: [
        { kind: "User", name: "u" },
        { kind: "Group", name: "g" },
        { kind: "ServiceAccount", name: "s", namespace: "n" },
        { kind: "ServiceAccount", name: "t" },
      ],
    },
  };
  expect(read(audit, "ka.req.binding.role")).toBe("admin");
  expect(read(audit, "ka.req.binding.subjects.user_names")).toEqual(["u"]);
  expect(read(audit, "ka.req.binding.subjects.group_names")).toEqual(["g"]);
  expect(read(audit, "ka.req.binding.subjects.serviceaccount_names")).toEqual(["s", "t"]);
  expect(read(audit, "ka.req.binding.subjects.serviceaccount_ns_names")).toEqual(["n:s"]);
  expect(read(audit, "ka.req.binding.subject.has_name", "x")).toBe("true");
});

test("parameters of the URI are decoded, and the first of a name counts", () => {
  const audit = { auditID: "1", requestURI: "/api?command=ls%20-l&command=x&a+b=%C3%BC&empty=#command=y" };
  expect(read(audit, "ka.uri.param", "command")).toBe("ls -l");
  expect(read(audit, "ka.uri.param", "a b")).toBe("\xc3\xbc");
  expect(read(audit, "ka.uri.param", "empty")).toBe("");
  expect(read(audit, "ka.uri.param", "none")).toBeUndefined();
});

test("the addresses of the request are a list, one of them with an index", () => {
  const audit = { auditID: "1", sourceIPs: ["10.0.0.1", "::1"] };
  expect(read(audit, "ka.sourceips")).toEqual(["10.0.0.1", "::1"]);
  expect(read(audit, "ka.sourceips", "1")).toEqual(["::1"]);
  expect(read(audit, "ka.sourceips", "2")).toBeUndefined();
});

test("the name of a pod comes from the answer, unless a part of the pod is the target", () => {
  const audit = { auditID: "1", objectRef: { resource: "pods" }, responseObject: { metadata: { name: "p" } } };
  expect(read(audit, "ka.target.pod.name")).toBe("p");
  expect(
    read({ ...audit, objectRef: { resource: "pods", subresource: "exec" } }, "ka.target.pod.name"),
  ).toBeUndefined();
});

test("values of the wrong type are missing or text, never a failure", () => {
  for (const wrong of [null, 1, "x", [], {}, [[]], [null], [[[{}]]]]) {
    for (const key of ["requestObject", "objectRef", "user", "sourceIPs", "annotations"])
      readAll({ auditID: "1", [key]: wrong });
    for (const key of ["containers", "volumes", "securityContext", "ports"]) readAll(pod({ [key]: wrong }));
    readAll(pod({ containers: [{ ports: wrong, command: wrong, args: wrong, image: wrong, securityContext: wrong }] }));
    readAll({ auditID: "1", requestObject: { rules: wrong, subjects: wrong, data: wrong } });
  }
  expect(read(pod({ containers: [{ command: ["a", 1] }] }), "ka.req.pod.containers.command")).toBeUndefined();
  expect(read(pod({ hostPID: null }), "ka.req.pod.host_pid")).toBe("null");
});

test("JSON that is not an audit event has no such fields", () => {
  expect(read({ verb: "get" }, "ka.verb")).toBeUndefined();
  expect(
    read({ requestObject: { spec: { containers: [{ name: "a" }] } } }, "ka.req.pod.containers.name"),
  ).toBeUndefined();
});

test("an index has digits only and no zero in front", () => {
  for (const index of ["x", "01", "", "-1", "99999999999999999999"]) {
    expect(() => catalogue.resolve("ka.sourceips", index), index).toThrow("has an invalid index argument");
  }
  expect(() => catalogue.resolve("ka.verb", "0")).toThrow("does not allow nor require an argument");
  expect(() => catalogue.resolve("ka.uri.param", undefined)).toThrow("requires an argument");
});

function pod(spec: object): object {
  return { auditID: "1", requestObject: { spec } };
}

function read(audit: object, name: string, argument?: string): FieldValue | readonly FieldValue[] | undefined {
  const field = catalogue.resolve(name, argument);
  if (!field) throw new Error(`there is no field ${name}`);
  return field.extract(new JsonRuleEvent(0, { number: 1, time: 0n, source: "k8s_audit", value: audit }));
}

function readAll(audit: object): void {
  for (const { name, argument } of catalogue.definitions) {
    if (!argument?.isRequired) read(audit, name);
    if (argument) read(audit, name, "0");
  }
}
