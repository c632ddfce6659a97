import { expect, test } from "vitest";
import { repositoriesBelow } from "../../src/registry/vendors/list-repositories.ts";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { listOf, testClient } from "./setup/registry-client.ts";

const repositoryOf = (host: string): { registry: string; repository: string } => ({
  registry: host,
  repository: "team/app",
});

const names = Array.from({ length: 23 }, (_, index) => `v${(index * 7) % 23}`);

test.each(["link", "all", "silent", "repeating", "foreign"] as const)(
  "all tags come once from a registry that pages: %s",
  async (paging) => {
    const registry = await fakeRegistry({ paging });
    for (const tag of names) registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
    const tags = await listOf(testClient().tags(repositoryOf(registry.host)));
    expect(tags.sort()).toEqual([...names].sort());
  },
);

test.each([
  ["link", 50],
  ["silent", 50],
  ["silent", 30],
  ["silent", 25],
  ["foreign", 50],
  ["foreign", 7],
] as const)("pages of a registry that says it by %s and allows only %d names on one", async (paging, largestPage) => {
  const registry = await fakeRegistry({ paging, largestPage });
  const many = Array.from({ length: 130 }, (_, index) => `v${1000 + index}`);
  for (const tag of many) registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
  const tags = await listOf(testClient().tags(repositoryOf(registry.host)));
  expect(tags).toHaveLength(130);
  expect(new Set(tags)).toEqual(new Set(many));
});

test("a page of nothing, or of what is known, is not the last one when the registry says so", async () => {
  const registry = await fakeRegistry();
  const pages: Readonly<Record<string, readonly string[]>> = { "": ["a", "a", "b"], 1: [], 2: ["b"], 3: ["c"] };
  registry.intercept = ({ path }, response) => {
    const page = new URL(path, "http://x/").searchParams.get("page") ?? "";
    const next = `<?page=${Number(page) + 1}>; rel="next"`;
    return (
      path.includes("/tags/list") && sendJson(response, 200, { tags: pages[page] }, page === "3" ? {} : { link: next })
    );
  };
  expect(await listOf(testClient().tags(repositoryOf(registry.host)))).toEqual(["a", "b", "c"]);
});

test("pages of nothing without end are an error", async () => {
  const registry = await fakeRegistry();
  registry.intercept = ({ path }, response) => {
    const page = Number(new URL(path, "http://x/").searchParams.get("page") ?? 0);
    return (
      path.includes("/tags/list") &&
      sendJson(response, 200, { tags: ["a"] }, { link: `<?page=${page + 1}>; rel="next"` })
    );
  };
  const failure = listOf(testClient().tags(repositoryOf(registry.host)));
  await expect(failure).rejects.toMatchObject({ code: "registry-failed" });
  expect(registry.requests.length).toBeLessThan(150);
});

test.each([400, 404, 405])(
  "a registry that answers %d to a page that it never promised has told all",
  async (status) => {
    const registry = await fakeRegistry({ paging: "all" });
    for (const tag of names.slice(0, 20))
      registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
    registry.intercept = ({ path }, response) => path.includes("last=") && sendJson(response, status, {});
    expect(await listOf(testClient().tags(repositoryOf(registry.host)))).toHaveLength(20);
  },
);

test("a registry that promises more elsewhere, and does not have it itself, has not told all", async () => {
  const registry = await fakeRegistry();
  const link = '<http://127.0.0.1:1/v2/team/app/tags/list?page=2>; rel="next"';
  for (const tags of [["a", "b"], []]) {
    registry.intercept = ({ path }, response) =>
      path.includes("/tags/list") && sendJson(response, 200, { tags }, { link });
    await expect(listOf(testClient().tags(repositoryOf(registry.host)))).rejects.toMatchObject({
      code: "registry-failed",
      message: expect.stringContaining("another server"),
    });
  }
});

test("of a link that lacks the prefix of the path only the last name is taken", async () => {
  const registry = await fakeRegistry({ paging: "prefixless", largestPage: 10 });
  for (const tag of names) registry.putManifest("prefix/app", { schemaVersion: 2, config: {}, layers: [] }, { tag });
  const tags = await listOf(testClient().tags({ registry: registry.host, repository: "prefix/app" }));
  expect(tags.sort()).toEqual([...names].sort());
});

const restOf = (host: string): readonly string[] => {
  const path = "/v2/team/app/tags/list?last=b&n=2";
  return [
    `<${path}>`,
    path,
    `${path}; rel="next"`,
    `<${path}`,
    `http://${host}${path}`,
    "http://elsewhere.test/x?last=b",
  ];
};

test.each(restOf("HOST").map((link, index) => [link, index] as const))(
  "a link without its relation or its brackets leads on all the same: %s",
  async (_, index) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) => {
      if (!path.includes("/tags/list")) return false;
      const isLast = new URL(path, "http://x/").searchParams.get("last") === "b";
      const link = restOf(registry.host)[index] ?? "";
      return isLast
        ? sendJson(response, 200, { tags: ["c"] })
        : sendJson(response, 200, { tags: ["a", "b"] }, { link });
    };
    expect(await listOf(testClient().tags(repositoryOf(registry.host)))).toEqual(["a", "b", "c"]);
  },
);

test.each(['</v2/team/app/tags/list?last=a>; rel="prev"', '/style.css; rel="preload"', '<>; rel=""'])(
  "a link to something else is none to the rest: %s",
  async (link) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) =>
      path.includes("/tags/list") && sendJson(response, 200, { tags: ["a", "b"] }, { link });
    expect(await listOf(testClient().tags(repositoryOf(registry.host)))).toEqual(["a", "b"]);
    expect(registry.requests.filter(({ path }) => path.includes("/tags/list"))).toHaveLength(1);
  },
);

test("repositories are listed, and a registry that has no list says so", async () => {
  const registry = await fakeRegistry();
  for (const name of ["b/b", "a"])
    registry.putManifest(name, { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  expect(await listOf(testClient().catalog(registry.host))).toEqual(["a", "b/b"]);
  registry.intercept = ({ path }, response) => path.startsWith("/v2/_catalog") && sendJson(response, 404, {});
  await expect(listOf(testClient().catalog(registry.host))).rejects.toMatchObject({ code: "registry-failed" });
});

test("the tags of an unknown repository are an error and not an empty list", async () => {
  const registry = await fakeRegistry();
  const failure = listOf(testClient().tags(repositoryOf(registry.host)));
  await expect(failure).rejects.toMatchObject({ code: "image-not-found" });
});

test("what is no text is no name, and is told beside the names", async () => {
  const registry = await fakeRegistry();
  const listed = ["team/a", 5, null, { name: "team/b" }, "team/a"];
  registry.intercept = ({ path }, response) => {
    if (path.includes("/team/app/tags/list")) return sendJson(response, 200, { tags: ["v1", 5, 5, "no tag"] });
    return path.includes("/_catalog") && sendJson(response, 200, { repositories: listed });
  };
  const misfits: unknown[] = [];
  const tags = testClient().tags(repositoryOf(registry.host), (...misfit) => misfits.push(misfit));
  expect(await listOf(tags)).toEqual(["v1"]);
  expect(misfits).toEqual([
    ["no tag", true],
    ["5", false],
  ]);
  for (const prefix of ["", "team"]) {
    const problems: string[] = [];
    const below = repositoriesBelow(testClient(), registry.host, prefix, { problem: (one) => problems.push(one) });
    expect(await listOf(below)).toEqual(["team/a"]);
    expect(problems).toEqual([expect.stringContaining('invalid repository names, such as "5"')]);
  }
});

test.each([
  ["a list", "[", "]"],
  ["an object", '{"a":', "}"],
])("%s in place of a name is told without being read, however deep it is", async (word, open, close) => {
  const registry = await fakeRegistry();
  const value = (depth: number): string => `${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)}`;
  registry.intercept = ({ path }, response) => {
    if (!path.includes("/tags/list")) return false;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`{"tags":["v1",${value(200_000)},${value(3)}]}`);
    return true;
  };
  const misfits: unknown[] = [];
  const tags = testClient().tags(repositoryOf(registry.host), (...misfit) => misfits.push(misfit));
  expect(await listOf(tags)).toEqual(["v1"]);
  expect(misfits).toEqual([[word, false]]);
});

test("a link that stays the same is followed while its pages bring new names", async () => {
  const registry = await fakeRegistry();
  let page = 0;
  registry.intercept = ({ path }, response) =>
    path.includes("/tags/list") &&
    sendJson(response, 200, { tags: ["a", `v${Math.min(++page, 7)}`] }, { link: '<?n=2&last=x>; rel="next"' });
  expect(await listOf(testClient().tags(repositoryOf(registry.host)))).toEqual([
    "a",
    "v1",
    "v2",
    "v3",
    "v4",
    "v5",
    "v6",
    "v7",
  ]);
  expect(page).toBe(8);
});
