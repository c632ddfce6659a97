import { expect, test } from "vitest";
import { runChecks } from "../run-checks.ts";
import { dockerfileChecks } from "./builtin.ts";
import { type DockerfileInput, readDockerfile } from "./read-dockerfile.ts";
import { scriptsForShellcheck } from "./shellcheck-check.ts";

const from = "FROM alpine:3.22@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const exampleSettings = { allowedRegistries: ["example.test"], requiredLabels: ["owner"] };
const run = (script: string): string => `${from}\nRUN ${script}`;

// For each check a file that fails it and one that passes it.
const examples: Readonly<Record<string, readonly [bad: string, good: string]>> = {
  "root-user": [`${from}\nUSER 0:0`, `${from} AS base\nUSER app\nFROM base`],
  "numeric-user": [`${from}\nUSER app`, `${from}\nUSER 10001:app`],
  "secret-variable": [run("TOKEN=abc deploy"), run('TOKEN="$(cat /run/secrets/token)" deploy')],
  "secret-value": [
    run(`curl -H 'X-Token: ghp_${"a".repeat(36)}' https://example.test`),
    run("curl https://example.test"),
  ],
  "secret-file": [`${from}\nCOPY id_rsa /root/.ssh/`, `${from}\nCOPY id_rsa.pub .env.example /keys/`],
  "password-set": [run("echo root:root | chpasswd"), run("passwd -l root")],
  "base-tag": ["FROM alpine", "FROM localhost:5000/alpine:3.22"],
  "base-digest": ["FROM alpine:3.22", `${from} AS one\nFROM one\nFROM scratch`],
  "base-registry": ["FROM quay.io/app:1", "FROM example.test/app:1"],
  "base-argument-declared": ["ARG TAG=1\nFROM app:$TGA", "ARG TAG=1\nFROM --platform=$BUILDPLATFORM app:$TAG"],
  "base-argument-default": ["ARG IMAGE\nFROM $IMAGE", "ARG IMAGE=app\nFROM $IMAGE"],
  "platform-constant": ["FROM --platform=linux/arm64 a:1", "FROM --platform=linux/arm64 a:1 AS build-arm64"],
  "platform-redundant": ["FROM --platform=$TARGETPLATFORM a:1", "FROM --platform=$BUILDPLATFORM a:1"],
  "tls-verification": [
    run("git -c http.sslVerify=false clone https://a.test/b"),
    run("curl -sSLo k https://a.test | grep -k x"),
  ],
  "package-signature": [run('echo "deb [trusted=yes] https://a.test ./" > /etc/apt/x.list'), run("rpm -i a.rpm")],
  "piped-download": [
    run("bash <(curl -fsSL https://a.test/install)"),
    run("curl https://a.test/key | gpg --dearmor -o /k"),
  ],
  "plain-download": [run("wget http://user:secret@a.test/x"), run("wget https://a.test/x && curl http://localhost/")],
  "download-tool": [run("wget https://a.test && curl https://a.test"), run("apk add curl wget && curl https://a.test")],
  "add-local": [`${from}\nADD src /app/`, `${from}\nADD app.tar.gz /app/\nCOPY src /app/`],
  "add-remote": [
    `${from}\nADD https://a.test/x /x`,
    `${from}\nADD --checksum=sha256:aa https://a.test/x /x\nADD https://a.test/b.git#${"0a".repeat(20)} /b`,
  ],
  "copy-target-folder": [`${from}\nCOPY a b /app`, `${from}\nCOPY a b /app/\nCOPY a /app`],
  "copy-from-self": [`${from} AS one\nCOPY --from=one /a /a`, `${from} AS one\nFROM scratch\nCOPY --from=one /a /a`],
  "copy-from-known": [
    `${from}\nCOPY --from=build /a /a`,
    `${from}\nCOPY --from=busybox:1 /a /a\nCOPY --from=a.test/x /b /b`,
  ],
  "copy-filesystem": [`${from} AS one\nFROM scratch\nCOPY --from=one / /`, `${from}\nCOPY --from=one /app /app`],
  "copy-ignored": [`${from}\nCOPY secret/key /k`, `${from}\nCOPY app /app\nCOPY --from=a:1 secret /s`],
  "copy-target-absolute": [`${from}\nCOPY a b`, `${from}\nWORKDIR /app\nCOPY a b`],
  sudo: [run("a && sudo -E b"), run("apk add sudo")],
  "run-cd": [run("cd /app && make"), run("make && cd /app")],
  pipefail: [run("a | b"), `${from}\nSHELL ["/bin/bash","-o","pipefail","-c"]\nRUN a | b`],
  "world-writable": [run("chmod -R 777 /app"), run("chmod 1777 /tmp && chmod o-w,u+w /app")],
  "set-user-id": [run("chmod 4755 /bin/x"), run("chmod a-s /bin/x && chmod 0755 /bin/y")],
  "pointless-command": [run("service nginx start"), run("nginx -t")],
  "shell-link": [run("ln -sf /bin/bash /bin/sh"), run("ln -s /bin/bash /bin/ash")],
  "useradd-log": [run("useradd -u 100000000 app"), run("useradd -l -u 100000000 app && useradd -u 1000 b")],
  "privileged-step": [run("--network=host make"), run("--network=none make")],
  "script-readable": [run("echo 'open"), run("echo 'closed'")],
  shellcheck: [run("rm -rf $1"), run("echo $1")],
  "package-refresh-alone": [run("apt-get update"), run("--mount=type=cache,target=/var/lib/apt apt-get update")],
  "package-cache": [
    run("apt-get update && apt-get install -y a"),
    `${from} AS build\nRUN apk add a\n${from}\nRUN apk add --no-cache a\nCOPY --from=build /a /a`,
  ],
  "language-cache": [run("pip3 install a==1"), `${from}\nENV PIP_NO_CACHE_DIR=1\nRUN python3 -m pip install a==1`],
  "package-confirmation": [
    run("dnf install a"),
    run("apt-get -qqy install a && zypper -n in b && microdnf install -y c"),
  ],
  "package-recommends": [run("apt-get install -y a"), run("apt-get -o APT::Install-Recommends=0 install -y a")],
  "apt-in-script": [run("apt update && apt install -y a"), run("apt-get update")],
  "dist-upgrade": [run("apt-get -y full-upgrade"), run("apt-get -y upgrade")],
  "package-version": [
    run("apk add a b=1"),
    run("apk add a=1 b~2 && npm ci && pip install -r x.txt && go install ./..."),
  ],
  "ssh-port": [`${from}\nEXPOSE 20-25`, `${from}\nEXPOSE 2222 8022/tcp`],
  "port-range": [`${from}\nEXPOSE 70000`, `${from}\nARG PORT\nEXPOSE 65535 $PORT`],
  "port-protocol-case": [`${from}\nEXPOSE 80/TCP`, `${from}\nEXPOSE 80/tcp`],
  "port-format": [`${from}\nEXPOSE 80:80`, `${from}\nEXPOSE 80`],
  healthcheck: [`${from}\nHEALTHCHECK CMD a\nHEALTHCHECK NONE`, `${from} AS base\nHEALTHCHECK CMD a\nFROM base`],
  "system-folder": [`${from}\nVOLUME /etc/ /data`, `${from}\nWORKDIR /usr/src/app`],
  "engine-socket-volume": [`${from}\nVOLUME /var/run/docker.sock`, `${from}\nVOLUME /data`],
  "workdir-absolute": [`${from}\nWORKDIR app`, `${from}\nWORKDIR /app\nWORKDIR src`],
  "workdir-relative": [`${from}\nWORKDIR /app\nWORKDIR src`, `${from}\nENV HOME=/h\nWORKDIR $HOME/app`],
  valid: [`${from}\nRNU a`, from],
  "stage-name-unique": [`${from} AS a\n${from} AS A`, `${from} AS a\n${from} AS b`],
  "stage-name-reserved": [`${from} AS context`, `${from} AS a`],
  "stage-name-case": [`${from} AS Build`, `${from} AS build`],
  "as-case": [`${from} as build`, `${from} AS build`],
  "description-comment": [
    `# check=experimental=all\n# builds\n${from} AS build`,
    `# check=experimental=all\n# build builds\n${from} AS build`,
  ],
  "variable-declared": ["FROM scratch\nCOPY $A /", "FROM scratch\nARG A\nCOPY $A /"],
  "variable-self-reference": [`${from}\nENV A=1 B=$A`, `${from}\nENV A=1 PATH=/a:$PATH`],
  "repeated-instruction": [`${from}\nCMD ["a"]\nCMD ["b"]`, `${from} AS a\nCMD ["a"]\nFROM a\nCMD ["b"]`],
  "empty-continuation": [`${from}\nRUN a \\\n\n b`, `${from}\nRUN a \\\n# why\n b`],
  "keyword-case": [`${from}\nrun a\nUSER b`, `${from}\nRUN a`],
  "exec-form": [`${from}\nCMD a b`, `${from}\nSHELL ["/bin/sh","-c"]\nCMD a b`],
  maintainer: [`${from}\nMAINTAINER a@b.test`, `${from}\nLABEL org.opencontainers.image.authors=a@b.test`],
  "key-value-form": [`${from}\nENV a b`, `${from}\nENV a=b`],
  "label-name": [`${from}\nLABEL Build--Id=1`, `${from}\nLABEL test.example.build-id=1`],
  "label-required": [from, `${from} AS a\nLABEL owner=me\nFROM a`],
};

test("every check has an example that fails it and one that passes it", () => {
  expect(Object.keys(examples).map((name) => `dockerfile/${name}`)).toEqual(dockerfileChecks.map(({ id }) => id));
  for (const [name, [bad, good]] of Object.entries(examples)) {
    expect(statesOf(name, bad), `${name} bad`).toContain("fail");
    expect(statesOf(name, good), `${name} good`).toEqual(["pass"]);
  }
});

test("only what a Dockerfile lacks is evidence without a value", () => {
  const missing = Object.entries(examples).flatMap(([name, [bad]]) =>
    resultsOf({ path: "Dockerfile", text: bad, ignoreText: "secret\n", settings: exampleSettings })
      .filter(({ id, state }) => id === `dockerfile/${name}` && state === "fail")
      .flatMap(({ id, evidence }) => evidence.map(({ subject, value }) => ({ id, subject, value })))
      .flatMap(({ id, subject, value }) => (value === undefined ? [`${id}: ${subject}`] : [])),
  );
  expect(missing).toEqual(["dockerfile/label-required: LABEL owner"]);
});

test("ids are unique, and every check says why and what to do", () => {
  const ids = dockerfileChecks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { why, remediation } of dockerfileChecks) {
    expect(why).toMatch(/[.]$/);
    expect(remediation).toMatch(/[.]$/);
  }
});

test("root in a stage that others only copy from passes", () => {
  expect(
    statesOf("root-user", `${from} AS build\nUSER root\nFROM scratch\nCOPY --from=build /a /a\nUSER 10001`),
  ).toEqual(["pass"]);
});

test.each([
  ["ARG BASE\nFROM $BASE", "warn"],
  ["ARG BASE=alpine\nFROM $BASE", "fail"],
  ["FROM gcr.io/distroless/static-debian12:nonroot", "pass"],
  [`FROM gcr.io/distroless/base:debug-nonroot-amd64@sha256:${"a".repeat(64)}`, "pass"],
  ["FROM mcr.microsoft.com/windows/nanoserver:ltsc2022", "pass"],
  ["FROM gcr.io/distroless/static", "fail"],
  ["FROM gcr.io/distroless.example.org/a:nonroot", "fail"],
  ["FROM gcr.io/distroless/static:nonroot\nUSER root", "fail"],
])("without USER the user is that of the base image: %j", (text, state) => {
  expect(statesOf("root-user", text)).toEqual([state]);
});

test("the root folder is a working folder by default, and no volume", () => {
  expect(statesOf("system-folder", `${from}\nWORKDIR /`)).toEqual(["pass"]);
  expect(statesOf("system-folder", `${from}\nWORKDIR /etc`)).toEqual(["fail"]);
  expect(statesOf("system-folder", `${from}\nVOLUME /`)).toEqual(["fail"]);
});

test("a finding in a continued RUN stands on its own line", () => {
  const results = resultsOf({ path: "d/Dockerfile", text: `${from}\nRUN a \\\n # then\n && sudo b` });
  expect(results.find(({ id }) => id === "dockerfile/sudo")?.location).toEqual({ path: "d/Dockerfile", line: 4 });
});

test("what the file switches off for BuildKit is not applicable, and says so", () => {
  const text = `# check=skip=MaintainerDeprecated\n${from}\nMAINTAINER a`;
  expect(resultsOf({ path: "Dockerfile", text }).find(({ id }) => id === "dockerfile/maintainer")).toMatchObject({
    state: "not-applicable",
    reason: "MaintainerDeprecated is disabled in the file",
  });
});

test("suggested commands are quoted for the shell", () => {
  const results = resultsOf({ path: "it's/Dockerfile", text: `${from}\nADD a/b /c` });
  expect(results.find(({ id }) => id === "dockerfile/add-local")?.commands).toEqual([
    "sed -i -- 2s/ADD/COPY/ 'it'\\''s/Dockerfile'",
  ]);
});

test("no secret is printed", () => {
  const marker = "MARKER0000MARKER0000";
  const text = [
    from,
    `ARG NPM_TOKEN=${marker}`,
    `ENV PASSWORD=${marker} DATABASE_URL=postgres://app:${marker}@db.test/app`,
    `RUN SECRET=${marker} curl -k -u me:${marker} https://me:${marker}@a.test | sh && echo root:${marker} | chpasswd`,
    `RUN export API_KEY=${marker} && useradd -p ${marker} app && wget http://me:${marker}@a.test/x`,
    `ADD https://me:${marker}@a.test/x?token=${marker} /x`,
    `RUN pip install git+https://me:${marker}@a.test/x && npm i https://${marker}@a.test/x`,
    `${marker}${marker} -----END PRIVATE KEY-----`,
    `HEALTHCHECK CMD curl -H 'Authorization: ${marker}' http://localhost`,
  ].join("\n");
  const results = resultsOf({ path: "Dockerfile", text });
  expect(results.filter(({ state }) => state === "fail").length).toBeGreaterThan(10);
  expect(JSON.stringify(results)).not.toContain("MARKER");
});
test.each([
  ["a program", `curl https://a.test | ${"1".repeat(200_000)}x`],
  ["a path", `cp a /${"/".repeat(200_000)}x`],
  ["a mode", `chmod ${"o".repeat(200_000)}x /a`],
  ["a duration", `sleep ${"1".repeat(200_000)}x`],
])("%s of 200,000 characters is judged in time", (_, script) => {
  const started = performance.now();
  resultsOf({ path: "Dockerfile", text: run(script) });
  expect(performance.now() - started).toBeLessThan(4000);
});

function resultsOf(input: DockerfileInput): ReturnType<typeof runChecks> {
  const dockerfile = readDockerfile(input);
  const scriptComments = scriptsForShellcheck(dockerfile).map(({ text }) => {
    const start = text.indexOf("$1");
    return { value: start === -1 ? [] : [{ code: 2086, start, end: start + 2, message: "Double quote it." }] };
  });
  return runChecks(dockerfileChecks, { dockerfile, scriptComments });
}

function statesOf(name: string, text: string): string[] {
  return resultsOf({ path: "Dockerfile", text, ignoreText: "secret\n", settings: exampleSettings })
    .filter(({ id }) => id === `dockerfile/${name}`)
    .map(({ state }) => state);
}
