import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { clusterFailed, refusedBy } from "./cluster-failure.ts";
import { listPages } from "./list-pages.ts";
import { PartialLists } from "./partial-lists.ts";

type Answer = number | Error | readonly string[];

/** A cluster that answers a path with names of objects, or with a status; another path is forbidden. */
function clusterOf(
  answers: (path: string) => Answer | undefined,
  { before }: { readonly before?: (signal: AbortSignal) => Promise<void> } = {},
) {
  const asked: string[] = [];
  const partial = new PartialLists({ resources: new Set(["pods", "services"]), usual: "mine" });
  const client: ClusterClient = {
    name: "dev",
    partial,
    async get(query, options): Promise<JsonObject> {
      const [path = ""] = query.split("?");
      asked.push(path);
      await before?.(options.signal);
      const answer = answers(path) ?? 403;
      if (answer instanceof Error) throw answer;
      if (typeof answer === "number") {
        const text = JSON.stringify({ message: answer === 403 ? "forbidden" : "no" });
        throw refusedBy("dev", { status: answer, text, path: query, hide: (words) => words });
      }
      return { items: answer.map((name) => ({ metadata: { name } })) };
    },
    [Symbol.dispose]() {},
  };
  const limit = AbortSignal.timeout(10_000);
  const nameIn = (item: JsonObject): string => (item["metadata"] as { readonly name: string }).name;
  const list = (resource: string, namespaces?: readonly string[], signal = limit): Promise<readonly string[]> =>
    listPages(client, { path: `/api/v1/${resource}`, ...(namespaces && { namespaces }), signal }, nameIn);
  const requireNamespaces = (): Promise<void> => partial.requireNamespaces(client, { signal: limit });
  return { asked, list, partial, requireNamespaces };
}

function ofPaths(paths: Readonly<Record<string, Answer>>): (path: string) => Answer | undefined {
  return (path) => (Object.hasOwn(paths, path) ? paths[path] : undefined);
}

test("a list of the whole cluster is whole, or an error that is not a refusal", async () => {
  const whole = clusterOf(ofPaths({ "/api/v1/pods": ["a"], "/api/v1/services": 503 }));
  expect(await whole.list("pods")).toEqual(["a"]);
  await expect(whole.list("services")).rejects.toMatchObject({ status: 503 });
  expect(whole.partial.listedIn.size).toBe(0);
  expect(whole.asked).toEqual(["/api/v1/pods", "/api/v1/services"]);
});

test("what is in no namespace is not looked for in any", async () => {
  const { asked, list } = clusterOf(ofPaths({ "/api/v1/namespaces": ["a"] }));
  await expect(list("nodes")).rejects.toMatchObject({ status: 403 });
  expect(asked).toEqual(["/api/v1/nodes"]);
});

test("which namespaces there are is asked once for all kinds", async () => {
  const { asked, list, partial } = clusterOf(
    ofPaths({
      "/api/v1/namespaces": ["a", "b"],
      "/api/v1/namespaces/a/pods": ["x"],
      "/api/v1/namespaces/b/pods": ["y"],
      "/api/v1/namespaces/b/services": ["z"],
    }),
  );
  expect(await list("pods")).toEqual(["x", "y"]);
  expect(await list("services")).toEqual(["z"]);
  expect(asked.filter((path) => path === "/api/v1/namespaces")).toHaveLength(1);
  expect(Object.fromEntries(partial.listedIn)).toEqual({
    pods: { namespaces: ["a", "b"], gaps: [] },
    services: {
      namespaces: ["b"],
      refused: {
        namespaces: ["a"],
        message: "the cluster dev does not allow listing services in the namespace a (403: forbidden)",
      },
      gaps: [],
    },
  });
});

describe("namespaces that cannot be listed", () => {
  const many = Array.from({ length: 14 }, (_, index) => `n${index}`);

  test("are told with what is said of the first", async () => {
    const { list, partial } = clusterOf(ofPaths({ "/api/v1/namespaces/ok/pods": [] }));
    expect(await list("pods", [...many, "ok", "ok"])).toEqual([]);
    expect(partial.listedIn.get("pods")).toEqual({
      namespaces: ["ok"],
      refused: {
        namespaces: many,
        message: "the cluster dev does not allow listing pods in the namespace n0 (403: forbidden)",
      },
      gaps: [],
    });
  });

  test("are told with another refusal of their path", async () => {
    const { list, partial } = clusterOf(ofPaths({ "/api/v1/namespaces/a/pods": 404, "/api/v1/namespaces/b/pods": [] }));
    await list("pods", ["a", "b"]);
    expect(partial.listedIn.get("pods")?.gaps).toEqual([
      "the cluster dev responded with status 404: no (request for pods in the namespace a)",
    ]);
  });

  test("are an error where they are all", async () => {
    const { list, partial } = clusterOf(ofPaths({}));
    await expect(list("pods", ["a", "b"])).rejects.toThrow("listing pods in the namespace a (403: forbidden)");
    await expect(list("services")).rejects.toThrow("the cluster dev does not allow listing services (403: forbidden)");
    expect(partial.listedIn.size).toBe(0);
  });

  test("are not asked after a failure that is not of one alone", async () => {
    const { asked, list, partial } = clusterOf(
      ofPaths({ "/api/v1/namespaces/a/pods": ["x"], "/api/v1/namespaces/b/pods": 429 }),
    );
    expect(await list("pods", ["a", "b", ...many])).toEqual(["x"]);
    // What was asked for at the same time has its own answer.
    expect(asked).toHaveLength(2 + 3);
    expect(partial.listedIn.get("pods")).toMatchObject({
      namespaces: ["a"],
      refused: { namespaces: ["n0", "n1", "n2"] },
      gaps: [
        "the cluster dev responded with status 429: no (request for pods in the namespaces b, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 2 more)",
      ],
    });
    await expect(list("pods", ["b", "a"])).rejects.toMatchObject({ status: 429 });
  });

  test("are not a reason to hide a failure of another kind", async () => {
    const odd = clusterFailed("dev", "lists pods without end");
    const { list } = clusterOf(ofPaths({ "/api/v1/namespaces/a/pods": ["x"], "/api/v1/namespaces/b/pods": odd }));
    await expect(list("pods", ["a", "b"])).rejects.toBe(odd);
  });

  test("are bounded in number", async () => {
    const names = Array.from({ length: 10_003 }, (_, index) => `n${index}`);
    const { list, partial } = clusterOf((path) =>
      path === "/api/v1/namespaces" ? names : path.endsWith("/pods") && path !== "/api/v1/pods" ? [] : 403,
    );
    await list("pods");
    expect(partial.listedIn.get("pods")?.namespaces).toHaveLength(10_000);
    expect(partial.listedIn.get("pods")?.gaps).toEqual([
      "pods were not requested in the namespaces n10000, n10001, n10002; the limit is 10000 namespaces",
    ]);
  });
});

describe("many namespaces", () => {
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);

  /** A cluster that takes its time, for later namespaces less. `asking` receives the number of requests under way. */
  function slowCluster(asking: (requests: number) => void) {
    let underWay = 0;
    return clusterOf((path) => [path.split("/")[4] ?? ""], {
      before: async (signal) => {
        asking(++underWay);
        await setTimeout(10 - (underWay % 4) * 2, undefined, { signal });
        underWay--;
      },
    });
  }

  test("are asked a few at a time, and what they hold is in their order", async () => {
    const seen: number[] = [];
    const { list } = slowCluster((requests) => seen.push(requests));
    expect(await list("pods", names)).toEqual(names);
    expect(Math.max(...seen)).toBe(4);
    expect(seen[1]).toBe(1);
  });

  test.each(["a failure of another kind", "the signal"])("are not asked any more after %s", async (why) => {
    const stop = new AbortController();
    const cluster = slowCluster(() => {
      if (cluster.asked.length < 9) return;
      if (why !== "the signal") throw clusterFailed("dev", "lists pods without end");
      stop.abort(new Error("enough"));
    });
    await expect(cluster.list("pods", names, stop.signal)).rejects.toThrow();
    const asked = cluster.asked.length;
    expect(asked).toBeLessThan(16);
    await setTimeout(50);
    expect(cluster.asked).toHaveLength(asked);
  });
});

describe("a namespace that only a person says that there is", () => {
  test("is not asked for when something was listed there", async () => {
    const { asked, list, requireNamespaces } = clusterOf(ofPaths({ "/api/v1/namespaces/a/pods": ["x"] }));
    await list("pods", ["a"]);
    await requireNamespaces();
    expect(asked).toEqual(["/api/v1/namespaces/a/pods"]);
  });

  test.each<readonly [Answer, readonly string[], readonly string[]]>([
    [[], ["a"], []],
    [404, [], ["the cluster dev has no namespace a"]],
    [
      403,
      [],
      ["the cluster dev lists no objects in the namespace a, and does not report whether the namespace exists"],
    ],
    [503, [], ["the cluster dev responded with status 503: no"]],
  ])("counts as listed when it exists: %j", async (answer, namespaces, gaps) => {
    const { list, partial, requireNamespaces } = clusterOf(
      ofPaths({ "/api/v1/namespaces/a/pods": [], "/api/v1/namespaces/a": answer }),
    );
    await list("pods", ["a"]);
    await requireNamespaces();
    expect(partial.listedIn.get("pods")).toEqual({ namespaces, gaps });
  });

  test("may be the usual one, where nobody tells which there are", async () => {
    const { list, partial, requireNamespaces } = clusterOf(
      ofPaths({ "/api/v1/namespaces/mine/pods": [], "/api/v1/namespaces/mine": 404 }),
    );
    await list("pods");
    await requireNamespaces();
    expect(partial.listedIn.get("pods")).toEqual({
      namespaces: [],
      only: { namespaces: ["mine"], message: "the cluster dev does not allow listing pods (403: forbidden)" },
      gaps: ["the cluster dev has no namespace mine"],
    });
  });
});

test("a name that no namespace can have is not asked for", async () => {
  const { asked, list, partial } = clusterOf(
    ofPaths({ "/api/v1/namespaces": ["\ud800", "a/../../b", "", "ok"], "/api/v1/namespaces/ok/pods": ["x"] }),
  );
  expect(await list("pods")).toEqual(["x"]);
  expect(asked).toEqual(["/api/v1/pods", "/api/v1/namespaces", "/api/v1/namespaces/ok/pods"]);
  expect(partial.listedIn.get("pods")).toEqual({ namespaces: ["ok"], gaps: [] });
});
