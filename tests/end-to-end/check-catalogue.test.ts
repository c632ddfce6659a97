import { expect, test } from "vitest";
import { checkCatalogue } from "../../src/pipeline/check/check-catalogue.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();

test("check list prints every check once, with the title of a failure", async () => {
  const { code, stdout } = await plimsoll(["check", "list"]);
  expect(code).toBe(0);
  const [heading, ...lines] = stdout.trimEnd().split("\n");
  expect(heading).toMatch(/^ID +SEVERITY +FAILS AS +FRAMEWORKS$/);
  expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(checkCatalogue.map(({ id }) => id));
  expect(stdout).toMatch(
    /^pss\/privileged +critical +Container is privileged +Pod Security baseline; CIS Kubernetes 5\.2\.2 /m,
  );
});

test("check list --framework leaves the checks of a framework, with its ids alone", async () => {
  const { stdout } = await plimsoll(["check", "list", "--framework", "cis-docker", "--format", "json"]);
  const listed = JSON.parse(stdout) as typeof checkCatalogue;
  expect(listed.length).toBeGreaterThan(100);
  expect(new Set(listed.flatMap(({ mappings }) => mappings.map(({ framework }) => framework)))).toEqual(
    new Set(["CIS Docker Benchmark"]),
  );
  expect(listed).toContainEqual(expect.objectContaining({ id: "docker/container-privileged", severity: "critical" }));
  const names = async (name: string): Promise<string[]> =>
    (JSON.parse((await plimsoll(["check", "list", "--framework", name, "-f", "json"])).stdout) as typeof checkCatalogue)
      .flatMap(({ mappings }) => mappings)
      .map(({ framework }) => framework);
  expect(new Set(await names("eks"))).toEqual(new Set(["CIS Amazon EKS Benchmark"]));
  expect(new Set(await names("Pod Security"))).toEqual(new Set(["Pod Security Standards"]));
});

test("a framework that does not exist lists those that do", async () => {
  const { code, stdout, stderr } = await plimsoll(["check", "list", "--framework", "cis-dokcer"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error: unknown framework "cis-dokcer" \[usage\]\n {7}Frameworks: buildkit, .*cis-docker, /);
});

test("check explain prints both titles, why, the fix and the ids of frameworks", async () => {
  const { code, stdout } = await plimsoll(["check", "explain", "docker/container-privileged"]);
  expect(code).toBe(0);
  for (const text of [
    "Severity    critical",
    "Fails as    Container is privileged",
    "Passes as   Container is not privileged",
    "Why         A privileged container has every capability",
    "Fix         Remove --privileged",
    "Frameworks  CIS Docker 5.5 (1.6)",
    "Command     plimsoll check docker",
  ]) {
    expect(stdout).toContain(text);
  }
  const { stdout: json } = await plimsoll(["check", "explain", "docker/container-privileged", "--format", "json"]);
  expect(JSON.parse(json)).toEqual(checkCatalogue.find(({ id }) => id === "docker/container-privileged"));
});

test.each([
  ["docker/container-priviledged", "Did you mean docker/container-privileged? "],
  ["container-priviledged", "Did you mean docker/container-privileged"],
  ["privileged", "Did you mean pss/privileged, manifests/privileged, "],
  ["CIS-5.1", ""],
])("the unknown check %s is one error with the ids that are near", async (id, meant) => {
  const { code, stdout, stderr } = await plimsoll(["check", "explain", id]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.replace(/\n {7}/, " ")).toContain(`error: unknown check "${id}" [usage] ${meant}`);
  expect(stderr).toMatch(/plimsoll check list prints all ids\.\n$/);
});
