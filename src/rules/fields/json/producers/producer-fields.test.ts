import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FieldValue } from "../../../language/field.ts";
import { JsonRuleEvent } from "../json-rule-event.ts";
import { commonFields } from "./common-fields.ts";
import { type ProducerName, producerFields } from "./producer-fields.ts";

const localhost = "\x7f\0\0\x01";

test("Tetragon: processes, containers and connections have the names of Falco's fields", () => {
  const value = {
    process_connect: {
      process: {
        binary: "/opt/a-very-long-program-name",
        arguments: "-v x",
        pid: 10,
        uid: 0,
        auid: 4294967295,
        docker: "86eb9e29a77d432afc7a15b4",
        pod: {
          name: "p",
          namespace: "n",
          container: { id: "containerd://86eb9e29a77d432afc7a15b424db", image: { name: "r:5000/a/b:1" } },
        },
      },
      parent: { binary: "/bin/bash", pid: 9 },
      source_ip: "10.0.0.1",
      source_port: 4000,
      destination_ip: "127.0.0.1",
      destination_port: 80,
      protocol: "TCP",
    },
    time: "2024-01-01T00:00:00Z",
  };
  expect(fieldsOf("tetragon", value)).toEqual({
    "evt.type": "connect",
    "proc.name": "a-very-long-pro",
    "proc.exepath": "/opt/a-very-long-program-name",
    "proc.args": "-v x",
    "proc.cmdline": "a-very-long-pro -v x",
    "proc.pid": 10,
    "proc.pname": "bash",
    "proc.pexepath": "/bin/bash",
    "proc.pcmdline": "bash",
    "proc.ppid": 9,
    "user.uid": 0,
    "user.loginuid": -1,
    "container.id": "86eb9e29a77d",
    "container.full_id": "86eb9e29a77d432afc7a15b424db",
    "container.image": "r:5000/a/b:1",
    "container.image.repository": "r:5000/a/b",
    "container.image.tag": "1",
    "k8s.pod.name": "p",
    "k8s.ns.name": "n",
    "fd.name": "10.0.0.1:4000->127.0.0.1:80",
    "fd.l4proto": "tcp",
    "fd.lip": "\x0a\0\0\x01",
    "fd.lnet": "\x0a\0\0\x01",
    "fd.lport": 4000,
    "fd.rip": localhost,
    "fd.rnet": localhost,
    "fd.rport": 80,
    "fd.cip": "\x0a\0\0\x01",
    "fd.cnet": "\x0a\0\0\x01",
    "fd.cport": 4000,
    "fd.sip": localhost,
    "fd.snet": localhost,
    "fd.sport": 80,
  });
});

test("Tetragon: kprobes have the name of the system call, and their files and sockets", () => {
  const kprobe = (function_name: string, args: object[]): object => ({
    process_kprobe: { process: {}, function_name, args },
  });
  const write = kprobe("__x64_sys_write", [{ file_arg: { path: "etc/passwd" } }]);
  expect(fieldsOf("tetragon", write)).toMatchObject({
    "evt.type": "write",
    "fd.name": "/etc/passwd",
    "container.id": "host",
  });
  expect(fieldsOf("tetragon", kprobe("__arm64_sys_openat", []))["evt.type"]).toBe("openat");
  expect(fieldsOf("tetragon", kprobe("security_bprm_check", []))["evt.type"]).toBe("security_bprm_check");
  const socket = { protocol: "IPPROTO_TCP", saddr: "10.0.0.1", sport: 4000, daddr: "::1", dport: 443 };
  expect(fieldsOf("tetragon", kprobe("tcp_connect", [{ sock_arg: socket }]))).toMatchObject({
    "evt.type": "connect",
    "fd.l4proto": "tcp",
    "fd.sip": `${"\0".repeat(15)}\x01`,
    "fd.sport": 443,
    "fd.cport": 4000,
  });
});

test("Tracee: events of both forms give the same fields", () => {
  const flat = {
    timestamp: 1684688250477166817n,
    hostProcessId: 42,
    processId: 3,
    hostParentProcessId: 41,
    userId: 1000,
    processName: "bash",
    executable: { path: "/usr/bin/bash" },
    container: { id: "aaaaaaaaaaaaaaaa", name: "c", image: "alpine:3" },
    kubernetes: { podName: "p", podNamespace: "n" },
    eventName: "security_socket_connect",
    args: [
      { name: "remote_addr", type: "SockAddr", value: { sa_family: "AF_INET", sin_addr: "127.0.0.1", sin_port: "80" } },
    ],
  };
  const event = {
    timestamp: "2024-01-01T00:00:00Z",
    name: "security_socket_connect",
    workload: {
      process: {
        executable: { path: "/usr/bin/bash" },
        host_pid: 42,
        pid: { value: 3 },
        real_user: { id: { value: 1000 } },
        thread: { name: "bash" },
        ancestors: [{ host_pid: 41 }],
      },
      container: { id: "aaaaaaaaaaaaaaaa", name: "c", image: { name: "alpine:3" } },
      k8s: { pod: { name: "p" }, namespace: { name: "n" } },
    },
    data: [{ name: "remote_addr", sockaddr: { sa_family: "AF_INET", sin_addr: "127.0.0.1", sin_port: 80 } }],
  };
  const expected = {
    "evt.type": "connect",
    "proc.name": "bash",
    "proc.exepath": "/usr/bin/bash",
    "proc.pid": 42,
    "proc.ppid": 41,
    "user.uid": 1000,
    "container.id": "aaaaaaaaaaaa",
    "container.full_id": "aaaaaaaaaaaaaaaa",
    "container.name": "c",
    "container.image": "alpine:3",
    "container.image.repository": "alpine",
    "container.image.tag": "3",
    "k8s.pod.name": "p",
    "k8s.ns.name": "n",
    "fd.name": "127.0.0.1:80",
    "fd.rip": localhost,
    "fd.rnet": localhost,
    "fd.rport": 80,
    "fd.sip": localhost,
    "fd.snet": localhost,
    "fd.sport": 80,
  };
  expect(fieldsOf("tracee", flat)).toEqual(expected);
  expect(fieldsOf("tracee", event)).toEqual(expected);
});

test("Tracee: an execution has its arguments, and a file its path", () => {
  const executed = {
    name: "sched_process_exec",
    workload: { process: { thread: { name: "ls" } } },
    data: [
      { name: "pathname", str: "/usr/bin/ls" },
      { name: "argv", str_array: { value: ["ls", "-la", "/tmp"] } },
    ],
  };
  expect(fieldsOf("tracee", executed)).toMatchObject({
    "evt.type": "execve",
    "proc.exepath": "/usr/bin/ls",
    "proc.cmdline": "ls -la /tmp",
    "container.id": "host",
  });
  const opened = {
    eventName: "security_file_open",
    processName: "cat",
    args: [{ name: "pathname", value: "/etc/shadow" }],
  };
  expect(fieldsOf("tracee", opened)).toMatchObject({ "evt.type": "open", "fd.name": "/etc/shadow" });
});

test("Falco: output fields keep their names and get the types of the fields", () => {
  const alert = {
    rule: "R",
    priority: "Notice",
    output: "o",
    source: "syscall",
    hostname: "h",
    tags: ["a", "b"],
    output_fields: {
      "proc.pid": "12",
      "fd.sip": "127.0.0.1",
      "fd.sport": 80,
      "proc.name": "ü",
      "user.uid": null,
      "fd.cip": "no",
    },
  };
  expect(fieldsOf("falco", alert)).toEqual({
    "proc.pid": 12,
    "fd.sip": localhost,
    "fd.sport": 80,
    "proc.name": "\xc3\xbc",
    "falco.rule": "R",
    "falco.priority": "Notice",
    "falco.output": "o",
    "falco.source": "syscall",
    "falco.hostname": "h",
    "falco.tags": ["a", "b"],
  });
});

test("anything else than an event of the producer has no such fields", () => {
  for (const value of [
    null,
    1,
    "x",
    [],
    {},
    { process_exec: null },
    { workload: 1 },
    { args: {} },
    { output_fields: [] },
  ]) {
    for (const producer of ["falco", "tetragon"] as const) fieldsOf(producer, value);
    fieldsOf("tracee", value);
  }
  expect(fieldsOf("tetragon", {})).toEqual({});
  expect(fieldsOf("falco", {})).toEqual({});
});

test("the document names every field that producers share", () => {
  const document = readFileSync(join(import.meta.dirname, "../../../../../docs/json-events.md"), "utf8");
  expect(commonFields.map(({ name }) => name).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

function fieldsOf(producer: ProducerName, value: unknown): Record<string, FieldValue | readonly FieldValue[]> {
  const catalogue = producerFields(producer);
  const event = new JsonRuleEvent(0, { number: 1, time: 0n, source: producer, value });
  const found: Record<string, FieldValue | readonly FieldValue[]> = {};
  for (const { name, group, argument } of catalogue.definitions) {
    if (argument || group === "jevt" || group === "json" || (group === "evt" && name !== "evt.type")) continue;
    const read = catalogue.resolve(name, undefined)?.extract(event);
    if (read !== undefined) found[name] = read;
  }
  return found;
}
