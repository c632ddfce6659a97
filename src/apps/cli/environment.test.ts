import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { podmanAccess } from "./environment.ts";

const base = temporaryFolder();
const own = process.getuid?.() ?? 0;
const uid = own === 0 ? 4_000_000 : own;

test.skipIf(process.platform !== "linux")(
  "Podman without root and without XDG_RUNTIME_DIR is looked for where it then is",
  () => {
    const runtime = join(base, `podman-run-${uid}`);
    mkdirSync(runtime, { mode: 0o700 });
    if (own === 0) chownSync(runtime, uid, uid);
    const getuid = vi.spyOn(process, "getuid").mockReturnValue(uid);
    onTestFinished(() => getuid.mockRestore());
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("XDG_RUNTIME_DIR", "");
    vi.stubEnv("CONTAINER_HOST", "");
    vi.stubEnv("TMPDIR", base);
    const { hosts, state, variables } = podmanAccess();
    expect(hosts).toContain(`unix://${runtime}/podman/podman.sock`);
    expect(state).toContain(join(runtime, "containers"));
    expect(hosts?.[0]).toBe(`unix://${variables?.["XDG_RUNTIME_DIR"]}/podman/podman.sock`);
  },
);
