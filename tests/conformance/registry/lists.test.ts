import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { nextPage } from "../../../src/registry/connection/next-page.ts";
import { listTags } from "../../../src/registry/listing/list-names.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "../../registry/setup/fake-registry.ts";
import { listOf, testClient } from "../../registry/setup/registry-client.ts";
import { internetOf, sortedRepositories } from "../../registry/setup/vendor-internet.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["platform", "registry", "tags"];
const clientIn = internetOf(["gcr.io", "registry.gitlab.com", "gitlab.com", "*.apps.example.com", "api.example.com"]);

interface Rule {
  readonly id: string;
  readonly link?: string;
  readonly first?: string;
  readonly origin?: string;
  readonly next?: string | null;
  readonly n?: number;
  readonly got?: number;
  readonly ask_again_with_last?: boolean;
  readonly status?: number;
  readonly body?: unknown;
  readonly retry_with_n?: number;
}

describeWithCorpus("rules of paging", () => {
  const rules = corpusJson<Rule[]>(...folder, "paging.json");
  const links = rules.filter(({ link }) => link !== undefined);
  const ruleOf = (id: string): Rule => {
    const rule = rules.find((one) => one.id === id);
    if (!rule) throw new Error(`there is no rule ${id}`);
    return rule;
  };

  test.each(links)("$id", ({ link, first, origin = "https://r.example.test", next }) => {
    const usual = next?.startsWith("/v2/_catalog") ? "/v2/_catalog?n=2" : "/v2/team/app/tags/list?n=2";
    expect(nextPage(link, new URL(first ?? usual, origin)) ?? null).toBe(next);
  });

  /** The rules that speak of what is done about whole pages. */
  const ofPages: Readonly<Record<string, (rule: Rule) => Promise<void>>> = {
    "no-link-but-full-page": isAskedAgain,
    "no-link-short-page": isAskedAgain,
    "same-page-again": async () => {
      const registry = await listing((_, response) => {
        const next = '</v2/team/app/tags/list?n=3&last=c>; rel="next"';
        return sendJson(response, 200, { name: "team/app", tags: ["a", "b", "c"] }, { link: next });
      });
      expect(await tagsOf(registry, 3)).toEqual(["a", "b", "c"]);
      expect(registry.requests).toHaveLength(2);
    },
    "more-than-n": async ({ n = 0, got = 0 }) => {
      const tags = namesOf(got);
      const registry = await listing((_, response) => sendJson(response, 200, { name: "team/app", tags }));
      expect(await tagsOf(registry, n)).toEqual(tags);
    },
    // What is asked for first is no more than this; a larger page that is refused is asked for without a number.
    "n-too-big": async ({ status = 0, body, retry_with_n: most = 0 }) => {
      const tags = namesOf(10);
      const registry = await listing(({ searchParams }, response) =>
        Number(searchParams.get("n")) > most
          ? sendJson(response, status, body)
          : sendJson(response, 200, { name: "team/app", tags }),
      );
      expect(await tagsOf(registry, most + 1)).toEqual(tags);
      expect(registry.requests.slice(0, 2).map(queryOf)).toEqual([`?n=${most + 1}`, ""]);
      registry.forget();
      expect(await listOf(testClient().tags({ registry: registry.host, repository: "team/app" }))).toEqual(tags);
      expect(registry.requests.map(queryOf)[0]).toBe(`?n=${most}`);
    },
  };

  test.each(Object.keys(ofPages))("%s", (id) => ofPages[id]?.(ruleOf(id)));

  async function isAskedAgain({ n = 0, got = 0, ask_again_with_last: again }: Rule): Promise<void> {
    const tags = namesOf(n + 1);
    const registry = await listing(({ searchParams }, response) => {
      const page = searchParams.has("last") ? tags.slice(n) : tags.slice(0, got);
      return sendJson(response, 200, { name: "team/app", tags: page });
    });
    expect(await tagsOf(registry, n)).toEqual(again ? tags : tags.slice(0, got));
    const asked = registry.requests.map(queryOf);
    expect(asked).toEqual([`?n=${n}`, ...(again ? [`?n=${n}&last=${tags[n - 1]}`] : [])]);
  }

  test("of a link to another origin only what it says of the next page is taken", async () => {
    const { link = "" } = ruleOf("link-absolute-other-origin");
    const registry = await listing(({ searchParams }, response) =>
      searchParams.has("last")
        ? sendJson(response, 200, { name: "team/app", tags: ["c"] })
        : sendJson(response, 200, { name: "team/app", tags: ["a", "b"] }, { link }),
    );
    expect(await tagsOf(registry, 2)).toEqual(["a", "b", "c"]);
    expect(registry.requests.map(queryOf)).toEqual(["?n=2", "?n=2&last=b"]);
  });

  test("all 14 are played", () => {
    expect(rules.map(({ id }) => id)).toEqual([...links.map(({ id }) => id), ...Object.keys(ofPages)]);
    expect([rules.length, links.length]).toEqual([14, 9]);
  });
});

describeWithCorpus("shapes of tag lists", () => {
  const shapes = corpusJson<Record<string, unknown>>(...folder, "shapes.json");
  const played = new Set<string>();
  const answered = async (name: string): Promise<{ tags: unknown; misfits: readonly string[] }> => {
    played.add(name);
    const registry = await listing((_, response) => sendJson(response, 200, shapes[name]));
    const misfits: string[] = [];
    const place = { registry: registry.host, repository: "team/app" };
    const tags = await listOf(testClient().tags(place, (misfit) => misfits.push(misfit))).catch(
      (cause: unknown) => cause,
    );
    return { tags, misfits };
  };

  describe("of the specification, as registries write it", () => {
    test.each([
      ["distribution", ["v1", "latest"]],
      ["empty_null", []],
      ["empty_list", []],
      ["missing_key", []],
      ["gcr", undefined],
    ])("%s", async (name, expected) => {
      const { tags, misfits } = await answered(name);
      expect(tags).toEqual(expected ?? (shapes[name] as { tags: string[] }).tags);
      expect(misfits).toEqual([]);
    });
  });

  // Tags are asked for by the specification's list, which each of these registries has, since their own interfaces want
  // accounts of another kind. What is of their form is not read, and must not look like a list of no tags.
  describe("of interfaces of their own, in place of the specification's", () => {
    test.each(["quay_v1", "acr"])("%s: tags that are no names are told of", async (name) => {
      expect(await answered(name)).toEqual({ tags: [], misfits: ["an object"] });
    });

    test.each([
      "hub",
      "harbor_artifacts",
      "gitlab",
      "gitlab_repositories",
      "ecr_describe",
      "ghcr_versions",
      "openshift_imagestream",
      "nexus_components",
    ])("%s: is refused", async (name) => {
      const { tags } = await answered(name);
      expect(tags).toMatchObject({ code: "registry-failed", message: expect.stringContaining("not a list of names") });
    });
  });

  describe("of interfaces of their own, where they are asked", () => {
    test("gcr: the list of a folder names what lies below, and images without a tag count", async () => {
      const { child, manifest } = shapes["gcr"] as { child: string[]; manifest: Record<string, { tags: string[] }> };
      // The note says how the entries are on the wire.
      const note = String(shapes["gcr_note"]);
      const members = ["imageSizeBytes", "layerId", "mediaType", "tag", "timeCreatedMs", "timeUploadedMs"];
      expect(members.filter((name) => !note.includes(name))).toEqual([]);
      const entries = Object.entries(manifest).map(([digest, { tags }]) => {
        return [digest, { ...Object.fromEntries(members.map((name) => [name, "1"])), tag: tags }] as const;
      });
      const wire = { child, manifest: Object.fromEntries(entries), name: "project/repo", tags: [] };
      const { client } = await clientIn({
        hosts: {
          "gcr.io": ({ url }) =>
            url.pathname === "/v2/project/repo/tags/list"
              ? { json: wire }
              : { json: { child: [], manifest: { [`sha256:${"1".repeat(64)}`]: {} }, tags: [] } },
        },
      });
      const below = child.map((name) => `project/repo/${name}`);
      expect(await sortedRepositories(client, "gcr.io", "project/repo")).toEqual(["project/repo", ...below].sort());
      played.add("gcr_note");
    });

    test("gitlab_repositories: the repositories of a group", async () => {
      const { client } = await clientIn({
        hosts: {
          "registry.gitlab.com": () => ({ status: 404, json: {} }),
          "gitlab.com": ({ url }) =>
            url.pathname === "/api/v4/groups/group/registry/repositories"
              ? { json: shapes["gitlab_repositories"] }
              : undefined,
        },
      });
      expect(await sortedRepositories(client, "registry.gitlab.com", "group")).toEqual(["group/project"]);
    });

    test("openshift_imagestream: the repositories of a cluster", async () => {
      const { client } = await clientIn({
        hosts: {
          "default-route-openshift-image-registry.apps.example.com": () => ({ status: 404, json: {} }),
          "api.example.com": ({ url }) =>
            url.pathname === "/apis/image.openshift.io/v1/imagestreams"
              ? { json: { items: [shapes["openshift_imagestream"]], metadata: {} } }
              : undefined,
        },
      });
      const registry = "default-route-openshift-image-registry.apps.example.com";
      expect(await sortedRepositories(client, registry, "")).toEqual(["team/app"]);
    });
  });

  test("all 16 are played", () => {
    expect([...played].sort()).toEqual(Object.keys(shapes).sort());
    expect(played.size).toBe(16);
  });
});

/** A registry that answers for one list of tags. */
async function listing(answer: (url: URL, response: ServerResponse) => boolean): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  registry.intercept = ({ path }, response) =>
    path.startsWith("/v2/team/app/tags/list") && answer(new URL(path, "http://x/"), response);
  return registry;
}

function tagsOf({ host }: FakeRegistry, pageSize: number): Promise<string[]> {
  return listOf(listTags({ host: testClient().host(host), repository: "team/app" }, { pageSize }));
}

function queryOf({ path }: { readonly path: string }): string {
  return new URL(path, "http://x/").search;
}

/** So many tags. */
function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `v${String(index).padStart(3, "0")}`);
}
