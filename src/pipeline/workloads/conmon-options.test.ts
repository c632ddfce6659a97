import { describe, expect, test } from "vitest";
import { conmonOptions } from "./conmon-options.ts";

const id = "9".repeat(64);
// As Podman 4 starts conmon, shortened.
const podman = ["--api-version", "1", "-c", id, "-u", id, "-b", "/store/userdata", "-n", "web"];
const place = ["--exit-dir", "/run/libpod/exits", "--full-attach", "-l", "k8s-file:/store/userdata/ctr.log"];
const cleanUp = ["/usr/bin/podman", "--network-config-dir", "", "container", "cleanup", id];
const exit = cleanUp.flatMap((arg, at) => [at === 0 ? "--exit-command" : "--exit-command-arg", arg]);
// As CRI-O 1.2x does.
const crio = ["-b", "/run/containers/storage/overlay-containers/x/userdata", "-c", id, "-n", "k8s_web_pod_ns_uid_0"];
const crioPlace = ["--exit-dir", "/var/run/crio/exits", "--socket-dir-path", "/var/run/crio", "--syslog", "-u", id];

describe("the command line of conmon", () => {
  test("tells of a container of Podman what is run after it", () => {
    expect(conmonOptions(["/usr/bin/conmon", ...podman, ...place, ...exit])).toEqual({
      isExecSession: false,
      isCrioContainer: false,
      exitCommand: cleanUp,
    });
  });

  test.each([
    ["Podman", [...podman, ...place, "-e", "--exec-attach", "--exec-process-spec", "/store/exec-process-1", ...exit]],
    ["CRI-O", ["-c", id, "-n", "k8s_web_pod_ns_uid_0", "-p", "/tmp/pid", "-e", "--socket-dir-path", "/var/run/crio"]],
  ])("tells of a command in a container of %s that it is one", (_, args) => {
    expect(conmonOptions(["conmon", ...args])).toMatchObject({ isExecSession: true });
  });

  test.each([
    ["its folders", [...crio.slice(0, 4), "-n", "web", ...crioPlace]],
    ["the names of Kubernetes, where its folders are called otherwise", [...crio, "--exit-dir", "/var/run/exits"]],
  ])("tells that CRI-O started it by %s", (_, args) => {
    expect(conmonOptions(["conmon", ...args])).toEqual({
      isExecSession: false,
      isCrioContainer: true,
      exitCommand: [],
    });
  });

  test("is Podman's also in folders and with names that CRI-O might have", () => {
    const args = ["-c", id, "-n", "k8s_web", "--exit-dir", "/home/crio/exits", ...exit];
    expect(conmonOptions(["conmon", ...args])).toMatchObject({ isCrioContainer: false });
  });
});
