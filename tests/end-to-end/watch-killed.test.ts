import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startPlimsoll } from "./run-plimsoll.ts";
import { alertServer, deletionRules, eventList, post, startWatch } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

test("kill -9 while the receiver is down loses no alert of an event that was acknowledged", async () => {
  const server = await alertServer();
  server.answer = 503;
  const config = join(folder, "config.yaml");
  writeFileSync(join(folder, "rules.yaml"), deletionRules);
  writeFileSync(config, `rules: [rules.yaml]\noutputs: [{to: "${server.url}/", queue: waiting}]\n`);

  const acknowledged = new Set<string>();
  for (let run = 0; run < 3; run++) {
    const { child, said, ended } = startWatch(plimsoll, ["--k8s-audit", "127.0.0.1:0", "--config", config]);
    const url = (await said(/listening on (http:\S+)/))[1] ?? "";
    const killAt = 20 + 17 * run;
    let count = 0;
    const poster = async (name: string): Promise<void> => {
      for (let index = 0; ; index++) {
        const pod = `pod-${run}-${name}-${index}`;
        if ((await post(url, eventList(pod))) === 200) acknowledged.add(pod);
        if (++count === killAt) child.kill("SIGKILL");
      }
    };
    await Promise.allSettled(["a", "b", "c", "d"].map(poster));
    expect((await ended).signal).toBe("SIGKILL");
  }
  expect(acknowledged.size).toBeGreaterThan(100);
  expect(server.received).toEqual([]);
  expect(readdirSync(join(folder, "waiting")).length).toBeGreaterThan(0);

  server.answer = 200;
  writeFileSync(join(folder, "empty.json"), "");
  const args = ["watch", "--k8s-audit-file", join(folder, "empty.json"), "--config", config];
  const { code, stderr } = await plimsoll(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "0 events, 0 alerts\n" });
  const delivered = new Set(
    server.received.map(({ body }) => {
      const { output_fields: fields } = JSON.parse(body.toString()) as { output_fields: Record<string, string> };
      return fields["ka.target.name"] ?? "";
    }),
  );
  expect([...acknowledged].filter((name) => !delivered.has(name))).toEqual([]);
});
