import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { startWatch } from "../end-to-end/watching.ts";
import { corpusBytes, describeWithCorpus } from "../setup/corpus.ts";
import { probeObstacle, probePath } from "../setup/probe.ts";
import { obstacle as dockerObstacle, type RunningDockerd, startDockerd } from "./dockerd.ts";

const plimsoll = startPlimsoll();
const obstacle = probeObstacle ?? dockerObstacle;

describeWithCorpus(`plimsoll watch --live of containers${obstacle ? ` (${obstacle})` : ""}`, () => {
  let dockerd: RunningDockerd | string = obstacle ?? "not started";

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    dockerd = await startDockerd();
    if (typeof dockerd === "string") return;
    await dockerd.post("/images/load", corpusBytes("images", "docker-archive", "alpine-310.tar.gz"));
  });

  afterAll(async () => {
    if (typeof dockerd !== "string") await dockerd.stop();
  });

  function engineOrSkip(context: TestContext): RunningDockerd {
    if (typeof dockerd === "string") return context.skip(dockerd);
    return dockerd;
  }

  test("names a container that lives for a moment, and its image", async (context) => {
    const engine = engineOrSkip(context);
    const config = join(plimsoll.folder, "watch.yaml");
    writeFileSync(
      config,
      "append_output: [{ match: { source: syscall }, extra_fields: [container.name, proc.vpid] }]\n",
    );
    const watch = startWatch(plimsoll, ["--live", "--probe", probePath, "--config", config], {
      env: { DOCKER_HOST: engine.host },
    });
    await watch.said(/watching the system calls of this machine/);
    const answer = await engine.postJson("/containers/create?name=short-lived", {
      Image: "alpine:3.10",
      Cmd: ["cat", "/etc/shadow"],
      Env: ["SHOWN=1"],
    });
    const { Id } = JSON.parse(answer) as { readonly Id: string };
    await engine.post(`/containers/${Id}/start`);
    const [line] = await watch.printed(/^\{.*"rule":"Password hashes read by an unexpected program".*$/m);
    expect(JSON.parse(line)).toMatchObject({
      output_fields: {
        "container.id": Id.slice(0, 12),
        "container.image.repository": "alpine",
        "container.name": "short-lived",
        "fd.name": "/etc/shadow",
        "proc.cmdline": "cat /etc/shadow",
        "proc.vpid": 1,
      },
    });
    watch.child.kill("SIGINT");
    await watch.ended;
  });
});
