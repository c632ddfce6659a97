import { symlinkSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { readStorageConf } from "./storage-conf.ts";

const folder = temporaryFolder();
const path = join(folder, "storage.conf");

function read(text: string, variables = {}): ReturnType<typeof readStorageConf> {
  writeFileSync(path, text);
  return readStorageConf(path, variables);
}

test("a configuration names its stores in the order in which Podman looks into them", () => {
  const text = `
[storage]
driver = "overlay"
graphroot = "/srv/containers"
runroot = "/run/own"
imagestore = '/srv/images'
rootless_storage_path = "$HOME/own/\${UID}/$USER"
[storage.options]
additionalimagestores = [ "/mnt/a", "/mnt/b", # shared by all machines
]
[storage.options.overlay]
mountopt = "nodev,metacopy=on"
`;
  expect(read(text)).toEqual({
    stores: ["/srv/containers", "/srv/images", "/mnt/a", "/mnt/b"],
    runRoot: "/run/own",
    rootlessStore: `${homedir()}/own/${process.getuid?.()}/${userInfo().username}`,
  });
});

test("any variable of the environment may be in a path, as Podman takes it, and one that is not set is empty", () => {
  const text = `[storage]
graphroot = "$XDG_DATA_HOME/a-\${name}b"
runroot = "\${XDG_RUNTIME_DIR}/containers$NOT_SET"
rootless_storage_path = "$HOME/$USER$1"
`;
  const variables = { XDG_DATA_HOME: "/data", XDG_RUNTIME_DIR: "/run/user/7", name: "n", HOME: "/h", USER: "u" };
  expect(read(text, variables)).toEqual({
    stores: ["/data/a-nb"],
    runRoot: "/run/user/7/containers",
    rootlessStore: "/h/u",
  });
});

test.each([
  ["1", "storage.runroot is not text"],
  ['"here"', 'storage.runroot is not an absolute path: "here"'],
  ['"$XDG_RUNTIME_DIR"', 'storage.runroot is not an absolute path: "$XDG_RUNTIME_DIR"'],
])("a runroot of %s, in which there is no image, is told beside the stores", (value, reason) => {
  expect(read(`[storage]\ngraphroot = "/srv/x"\nrunroot = ${value}\n`)).toEqual({
    stores: ["/srv/x"],
    damage: expect.objectContaining({ code: "target-unreadable", message: `${path} cannot be read: ${reason}` }),
  });
});

test("what is not said names nothing", () => {
  expect(read("")).toEqual({ stores: [] });
  expect(read('[storage]\ngraphroot = ""\n[storage.options]\nadditionalimagestores = []')).toEqual({ stores: [] });
});

test.each([
  ["graphroot = 5", "storage.graphroot is not text"],
  ['graphroot = "here"', 'storage.graphroot is not an absolute path: "here"'],
  ['graphroot = "~/x"', 'storage.graphroot is not an absolute path: "~/x"'],
  ['graphroot = "$NOT_SET"', 'storage.graphroot is not an absolute path: "$NOT_SET"'],
  ["imagestore = []", "storage.imagestore is not text"],
  ["rootless_storage_path = true", "storage.rootless_storage_path is not text"],
  ["options = 1", "storage.options is not a table"],
  ['options = { additionalimagestores = "/x" }', "storage.options.additionalimagestores is not a list"],
  ['options = { additionalimagestores = ["/x", 5] }', "storage.options.additionalimagestores is not text"],
])("%s is an error with the file and the key", (line, reason) => {
  expect(() => read(`[storage]\n${line}\n`)).toThrow(
    expect.objectContaining({
      code: "target-unreadable",
      message: `${path} cannot be read: ${reason}`,
      hint: expect.any(String),
    }),
  );
});

test("a storage that is not a table is an error too", () => {
  expect(() => read("storage = 1")).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/storage is not a table$/) }),
  );
});

test("a file that is not there is none, and one behind a link is read", () => {
  expect(readStorageConf(join(folder, "none.conf"))).toBeUndefined();
  expect(readStorageConf(join(path, "below"))).toBeUndefined();
  read('[storage]\ngraphroot = "/srv/x"\n');
  symlinkSync(path, join(folder, "link.conf"));
  expect(readStorageConf(join(folder, "link.conf"))).toEqual({ stores: ["/srv/x"] });
});

test.each([
  ["graphroot", "no TOML"],
  [`a = "${"x".repeat(1024 * 1024)}"`, "too large"],
])("a damaged one is an error that says what to do (%#)", (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "target-unreadable", hint: expect.any(String) }));
});
