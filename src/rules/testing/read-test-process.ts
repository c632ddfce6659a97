import type { YamlShape } from "../../io/documents/yaml-shape.ts";
import type { TestContainer, TestProcess } from "./rule-test.ts";

const processKeys = [
  "name",
  "pid",
  "parent",
  "exe",
  "exepath",
  "args",
  "env",
  "cwd",
  "user",
  "login_user",
  "tty",
  "vpid",
  "sid",
  "vpgid",
  "capabilities",
  "exe_flags",
  "exe_age",
  "files",
  "container",
] as const;
const containerKeys = ["id", "name", "image", "privileged", "pod", "namespace", "labels", "mounts", "age"] as const;
const exeFlags = ["writable", "upper_layer", "lower_layer", "memfd"] as const;

/** Reads a process of a test; the keys are those of {@link TestProcess} in snake case. */
export function readTestProcess(shape: YamlShape): TestProcess {
  const member = shape.members(processKeys);
  const name = member("name")?.scalarText() ?? shape.refuse("has no name");
  if (name === "") shape.refuse("has an empty name");
  const container = member("container");
  return {
    name,
    ...given("pid", member("pid")?.number(1)),
    ...given("parent", member("parent")?.nameOrNumber()),
    ...given("exe", member("exe")?.text()),
    ...given("exepath", member("exepath")?.text()),
    ...given("args", member("args")?.words()),
    ...given("env", member("env")?.texts()),
    ...given("cwd", member("cwd")?.text()),
    ...given("user", member("user")?.nameOrNumber()),
    ...given("loginUser", member("login_user")?.nameOrNumber()),
    ...given("tty", member("tty")?.number()),
    ...given("vpid", member("vpid")?.number(1)),
    ...given("sid", member("sid")?.number()),
    ...given("vpgid", member("vpgid")?.number()),
    ...given("capabilities", member("capabilities")?.words()),
    ...given("exeFlags", readExeFlags(member("exe_flags"))),
    ...given("exeAge", member("exe_age")?.seconds()),
    ...given("files", readFiles(member("files"))),
    ...(container === undefined ? {} : { container: container.value === null ? null : readTestContainer(container) }),
  };
}

function readTestContainer(shape: YamlShape): TestContainer {
  if (typeof shape.value === "string") return { id: shape.value };
  const member = shape.members(containerKeys);
  return {
    id: member("id")?.scalarText() ?? shape.refuse("has no id"),
    ...given("name", member("name")?.text()),
    ...given("image", member("image")?.text()),
    ...given("privileged", member("privileged")?.truth()),
    ...given("pod", member("pod")?.text()),
    ...given("namespace", member("namespace")?.text()),
    ...given("labels", member("labels")?.texts()),
    ...given("mounts", member("mounts")?.words()),
    ...given("age", member("age")?.seconds()),
  };
}

function readFiles(shape: YamlShape | undefined): TestProcess["files"] {
  const files = shape?.texts();
  const wrong = Object.keys(files ?? {}).find((fd) => !/^[0-9]{1,6}$/.test(fd));
  if (wrong !== undefined) shape?.refuse(`has "${wrong}", which is not a file descriptor`);
  return files;
}

function readExeFlags(shape: YamlShape | undefined): TestProcess["exeFlags"] {
  return shape?.words().map((word) => {
    return (
      exeFlags.find((flag) => flag === word) ??
      shape.refuse(`has "${word}", which is not one of ${exeFlags.join(", ")}`)
    );
  });
}

/** A member of an object that is only there when it has a value. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
