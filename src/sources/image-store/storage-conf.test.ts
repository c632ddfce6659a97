import { symlinkSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { readStorageConf } from "./storage-conf.ts";

const folder = temporaryFolder();
const path = join(folder, "storage.conf");

function read(text: string): ReturnType<typeof readStorageConf> {
  writeFileSync(path, text);
  return readStorageConf(path);
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

test("what is not said, relative or of another type names nothing", () => {
  expect(read("")).toEqual({ stores: [] });
  expect(read('[storage]\ngraphroot = ""\nrunroot = 1\n')).toEqual({ stores: [] });
  expect(read("storage = 1")).toEqual({ stores: [] });
  expect(read('[storage]\ngraphroot = "here"\n[storage.options]\nadditionalimagestores = "/a"')).toEqual({
    stores: [],
  });
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
