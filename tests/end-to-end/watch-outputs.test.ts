import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { makeCertificates, pem } from "../registry/setup/certificates.ts";
import { main, startPlimsoll } from "./run-plimsoll.ts";
import { alertServer, alertsOf, openingCapture, openingRules } from "./watching.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const here = (name: string): string => join(folder, name);

beforeAll(() => {
  writeFileSync(here("opened.scap"), openingCapture(20));
  writeFileSync(here("rules.yaml"), openingRules);
});

let configurations = 0;

/** Watches the capture with a configuration, which names the rules itself. */
function watchWith(outputs: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof plimsoll> {
  const config = here(`${++configurations}-config.yaml`);
  writeFileSync(config, `rules: [rules.yaml]\n${outputs}`);
  return plimsoll(["watch", "--capture", here("opened.scap"), "--config", config], { env });
}

test("a file is made for its owner alone, and rotated when it would become too long", async () => {
  const { code, stdout } = await watchWith(`outputs: [{to: "file:alerts.jsonl", max_bytes: 1000, keep: 3}]`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  const names = readdirSync(folder).filter((name) => name.startsWith("alerts.jsonl"));
  expect(names.sort()).toEqual(["alerts.jsonl", "alerts.jsonl.1", "alerts.jsonl.2", "alerts.jsonl.3"]);
  for (const name of names) {
    expect(statSync(here(name)).mode & 0o777).toBe(0o600);
    expect(statSync(here(name)).size).toBeLessThanOrEqual(1000);
  }
  const last = alertsOf(readFileSync(here("alerts.jsonl"), "utf8")).at(-1);
  expect(last).toMatchObject({ output: expect.stringContaining("file=/tmp/19") });
});

test("--to writes to a file, and standard output is free unless a format is asked for", async () => {
  const args = ["watch", "--capture", here("opened.scap"), "--rules", here("rules.yaml"), "--to", "file:to.jsonl"];
  expect((await plimsoll(args)).stdout).toBe("");
  expect(alertsOf(readFileSync(here("to.jsonl"), "utf8"))).toHaveLength(21);
  const { stdout } = await plimsoll([...args, "--format", "text"]);
  expect(stdout.trimEnd().split("\n")).toHaveLength(21);
  expect(alertsOf(readFileSync(here("to.jsonl"), "utf8"))).toHaveLength(42);
});

test("each output has its format and its least urgent priority", async () => {
  const { stdout } = await watchWith(
    `outputs: [{to: stdout, format: text, priority: critical}, {to: "file:all.txt", format: text}]`,
  );
  expect(stdout).toBe("22:13:20.000000000: Critical First (file=/tmp/0)\n");
  expect(readFileSync(here("all.txt"), "utf8").trimEnd().split("\n")).toHaveLength(21);
});

test("http posts an alert a request, with headers that may come from the environment", async () => {
  const server = await alertServer();
  const config = `outputs: [{to: "${server.url}/hook?key=1", headers: {Authorization: "Bearer \${TOKEN}"}}]`;
  const refused = await watchWith(config);
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("needs the variable TOKEN") });
  const { code, stderr } = await watchWith(config, { TOKEN: "secret-7" });
  expect(code).toBe(0);
  expect(stderr).not.toContain("secret-7");
  expect(server.received).toHaveLength(21);
  expect(new Set(server.received.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer secret-7"]));
  expect(server.received.map(({ method, path }) => `${method} ${path}`)[0]).toBe("POST /hook?key=1");
  const rules = server.received.map(({ body }) => (JSON.parse(body.toString()) as { rule: string }).rule);
  expect(rules.filter((rule) => rule === "File opened")).toHaveLength(20);
});

test.each([
  ["array", "application/json", (text: string) => JSON.parse(text) as unknown[]],
  ["lines", "application/x-ndjson", alertsOf],
])("http posts many alerts a request, packed, as %s", async (batch, type, parse) => {
  const server = await alertServer();
  const { code } = await watchWith(`outputs: [{to: "${server.url}/", batch: ${batch}, compress: true}]`);
  expect(code).toBe(0);
  expect(server.received.length).toBeLessThan(21);
  expect(server.received.every(({ headers }) => headers["content-type"] === type)).toBe(true);
  expect(server.received.flatMap(({ body }) => parse(gunzipSync(body).toString()))).toHaveLength(21);
});

test("https needs an authority that is trusted, and shows its own certificate where one is asked for", async () => {
  const certificates = makeCertificates(folder);
  const ca = pem(certificates.authority.certificate);
  const server = await alertServer({
    key: pem(certificates.server.key),
    cert: pem(certificates.server.certificate),
    ca,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const trusted = `to: "${server.url}/", ca: ${certificates.authority.certificate}`;
  const [distrusted, unnamed] = await Promise.all([
    watchWith(`outputs: [{to: "${server.url}/", queue: distrusted}]`),
    watchWith(`outputs: [{${trusted}, queue: unnamed}]`),
  ]);
  expect(distrusted.stderr).toMatch(/does not accept alerts: .*certificate/);
  expect(unnamed.stderr).toMatch(/does not accept alerts: /);
  expect(server.received).toHaveLength(0);
  const { key, certificate } = certificates.client;
  const { code } = await watchWith(`outputs: [{${trusted}, key: ${key}, certificate: ${certificate}}]`);
  expect(code).toBe(0);
  expect(server.received).toHaveLength(21);
});

test("a program gets a line for each alert, once, or is started for each of them", async () => {
  const script = here("keep.sh");
  writeFileSync(script, `#!/bin/sh\necho started >> "$1.starts"\ncat >> "$1"\n`);
  chmodSync(script, 0o755);
  for (const [name, perAlert, starts] of [
    ["one", false, 1],
    ["each", true, 21],
  ] as const) {
    const file = here(`program-${name}`);
    const { code } = await watchWith(
      `outputs: [{to: "program:${script}", args: ["${file}"], per_alert: ${perAlert}, format: text}]`,
    );
    expect(code).toBe(0);
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(21);
    expect(readFileSync(`${file}.starts`, "utf8").trimEnd().split("\n")).toHaveLength(starts);
  }
});

test("Ctrl-C ends a watch, and the program that takes its alerts by the end of its input alone", async () => {
  const script = here("slow-reader.sh");
  writeFileSync(script, `#!/bin/sh\nwhile read -r line; do echo "$line" >> "$1"; done\necho end >> "$1"\n`);
  chmodSync(script, 0o755);
  const target = here("interrupted.txt");
  const config = here("interrupted.yaml");
  writeFileSync(config, `rules: [json.yaml]\noutputs: [{to: "program:${script}", args: ["${target}"]}]`);
  writeFileSync(
    here("json.yaml"),
    '- {rule: Any, desc: d, condition: "jevt.value[/n] exists", output: o, priority: WARNING, source: json}\n',
  );
  // A terminal sends the signal to all of the group.
  const child = spawn(process.execPath, [main, "watch", "--input", "json", "--config", config], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, PLIMSOLL_OFFLINE: "1" },
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.write('{"n":1}\n{"n":2}\n');
  await expect
    .poll(() => existsSync(target) && readFileSync(target, "utf8").split("\n").length, { timeout: 20_000 })
    .toBe(3);
  process.kill(-(child.pid ?? 0), "SIGINT");
  const [code] = await once(child, "close");
  expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringMatching(/^2 events, 2 alerts\n/) });
  expect(readFileSync(target, "utf8").trimEnd().split("\n").slice(2)).toEqual(["end"]);
});

test("what a program did not take is lost and said to be, or waits in the queue for the next watch", async () => {
  const failing = here("failing.sh");
  writeFileSync(failing, "#!/bin/sh\necho no mail today >&2\nexit 1\n");
  chmodSync(failing, 0o755);
  const lost = await watchWith(`outputs: [{to: "program:${failing}"}]`);
  expect(lost.code).toBe(3);
  expect(lost.stderr).toMatch(/20 events, 21 alerts, 21 lost/);
  expect(lost.stderr).toContain("it exited with code 1: no mail today");

  const kept = await watchWith(`outputs: [{to: "program:${failing}", queue: waiting, format: text}]`);
  expect(kept.stderr).toContain("it exited with code 1: no mail today");
  writeFileSync(failing, '#!/bin/sh\nexec cat >> "$1"\n');
  const target = here("arrived.txt");
  const arrived = await watchWith(
    `outputs: [{to: "program:${failing}", args: ["${target}"], queue: waiting, format: text}]`,
  );
  expect(arrived.code).toBe(0);
  expect(readFileSync(target, "utf8").trimEnd().split("\n")).toHaveLength(42);
});

test("syslog gets a message for each alert, over UDP and over TCP", async () => {
  const socket = createSocket("udp4");
  const datagrams: string[] = [];
  socket.on("message", (message) => datagrams.push(message.toString()));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  let stream = "";
  const server = createServer((connection) => {
    connection.on("data", (piece) => {
      stream += piece.toString();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    socket.close();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const { code } = await watchWith(
    `outputs: [{to: "syslog:udp://127.0.0.1:${socket.address().port}"}, {to: "syslog:tcp://127.0.0.1:${port}"}]`,
  );
  expect(code).toBe(0);
  await expect.poll(() => datagrams.length).toBe(21);
  expect(datagrams[1]).toMatch(/^<\d+>1 .* First \(file=\/tmp\/0\)$/);
  await expect.poll(() => stream.match(/\(file=/g)?.length).toBe(21);
});

test("alerts that a receiver will never take are counted as lost, and the others arrive", async () => {
  const server = await alertServer();
  server.answer = 400;
  const { code, stderr } = await watchWith(`outputs: [{to: "${server.url}/"}, {to: "file:kept.jsonl"}]`);
  expect(code).toBe(3);
  expect(stderr).toMatch(/does not accept alerts: it answers 400\n/);
  expect(stderr.match(/does not accept alerts/g)).toHaveLength(1);
  expect(stderr).toMatch(/20 events, 21 alerts, 21 lost/);
  expect(alertsOf(readFileSync(here("kept.jsonl"), "utf8"))).toHaveLength(21);
});

test.each([[[]], [["--quiet"]]])(
  "a full disk loses alerts, and the exit code and stderr say so, with %j",
  async (more) => {
    const args = ["watch", "--capture", here("opened.scap"), "--rules", here("rules.yaml"), "--to", "file:/dev/full"];
    const { code, stdout, stderr } = await plimsoll([...args, ...more]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/\b21\b.*\blost\b.*no space left/);
    if (more.length > 0) {
      expect(stderr).toBe(
        "error: 21 of 21 alerts could not be delivered and are lost: alerts cannot be written to /dev/full: no space left on the device [output-not-written]\n",
      );
    }
  },
);

test.each([[[]], [["--quiet"]]])(
  "alerts on standard output are lost aloud when its disk is full, with %j",
  async (more) => {
    const args = ["watch", "--capture", here("opened.scap"), "--rules", here("rules.yaml"), ...more];
    const child = spawn("/bin/sh", ["-c", 'exec "$0" "$@" >/dev/full', process.execPath, main, ...args], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, PLIMSOLL_OFFLINE: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("no space left on the device"),
    });
  },
);

test("limits hold alerts back and say how many, and fields can be added to all", async () => {
  const { code, stdout, stderr } = await watchWith(`
limits:
  per_rule: {count: 5, within: 1m}
append_output:
  - match: {rule: First file opened}
    extra_output: "number=%evt.num"
    extra_fields: [evt.type, {number: "%evt.num"}]
outputs: [{to: stdout}]
`);
  expect(code).toBe(0);
  const alerts = alertsOf(stdout);
  expect(alerts).toHaveLength(7);
  expect(alerts.find(({ rule }) => rule === "First file opened")).toMatchObject({
    output: expect.stringContaining("number=1"),
    output_fields: { "evt.type": "openat", number: "1" },
  });
  expect(alerts.at(-1)).toMatchObject({ output: expect.stringContaining('15 more of "File opened"') });
  expect(stderr).toContain("15 held back");
});

test.each<[string, string, RegExp]>([
  ["a key is not known", "output: []", /config.yaml:2: .*output/],
  ["an output has no place", "outputs: [{format: text}]", /has no to/],
  ["a number is none", "outputs: [{to: stdout, keep: many}]", /keep/],
  ["a priority is none", "priority: high", /priority.* is none of Emergency/],
  ["a time has no unit", "limits: {overall: {count: 1, within: 10}}", /is not a duration such as 10s or 5m/],
  ["it is not YAML", "outputs: [", /config.yaml:2: Flow sequence/],
])("a configuration is refused with its place when %s", async (_, text, message) => {
  const { code, stdout, stderr } = await watchWith(text);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(/^error: .*config.yaml/);
  expect(stderr).toMatch(message);
});
