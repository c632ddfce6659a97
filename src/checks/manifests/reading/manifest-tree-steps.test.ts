import { expect, test } from "vitest";
import type { Problem } from "../../../model/reports/problem.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { chartFolders, manifestTreeSteps } from "./manifest-tree-steps.ts";

function read(
  files: Record<string, string>,
  renderedCharts?: ReadonlySet<string>,
): ManifestFacts & { problems: Problem[] } {
  const problems: Problem[] = [];
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const steps = manifestTreeSteps(bytes, {
    problem: (problem) => problems.push(problem),
    ...(renderedCharts ? { renderedCharts } : {}),
  });
  for (;;) {
    const step = steps.next();
    if (step.done) return { ...step.value, problems };
  }
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: v, emptyDir: {}}]
      serviceAccountName: web
      containers:
      - {name: web, image: "reg/web:1", env: [{name: A, value: b}]}
      - {name: side, image: side}
`;

test("a kustomization gives its resources with names, namespace, images, labels and patches, and its parts are not read by themselves", () => {
  const { resources, problems } = read({
    "base/kustomization.yaml":
      "resources: [web.yaml, account.yaml]\ncommonLabels: {team: a}\nconfigMapGenerator:\n- {name: conf, literals: [A=b=c]}\n",
    "base/web.yaml": deployment,
    "base/account.yaml":
      "kind: ServiceAccount\nmetadata: {name: web}\n---\nkind: RoleBinding\nmetadata: {name: b}\nroleRef: {kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: web}]\n",
    "prod/kustomization.yaml": [
      "resources: [../base]",
      "components: [../component]",
      "namespace: prod",
      "namePrefix: p-",
      "images: [{name: reg/web, newName: other/web, newTag: 2}]",
      "patches:",
      "- path: patch.yaml",
      "- target: {kind: Deploy.*}",
      "  patch: |",
      "    - {op: add, path: /spec/replicas, value: 3}",
      "",
    ].join("\n"),
    "prod/patch.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {volumes: [{name: v, $patch: delete}], containers: [{name: web, env: [{name: B, value: c}], securityContext: {privileged: true}}]}}}\n",
    "component/kustomization.yaml":
      "kind: Component\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /spec/template/spec/hostPID, value: true}\n",
    "other/pod.yaml": "kind: Pod\nmetadata: {name: alone}\n",
  });
  expect(problems).toEqual([]);
  expect(resources.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).sort()).toEqual([
    "ConfigMap prod/p-conf",
    "Deployment prod/p-web",
    "Pod /alone",
    "RoleBinding prod/p-b",
    "ServiceAccount prod/p-web",
  ]);
  const web = resources.find(({ kind }) => kind === "Deployment");
  expect(web?.path).toBe("base/web.yaml");
  expect(web?.locate(["spec", "template", "spec", "containers", 1, "image"])?.line).toBe(13);
  expect(web?.object).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "p-web", namespace: "prod", labels: { team: "a" } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web", team: "a" } },
      template: {
        metadata: { labels: { app: "web", team: "a" } },
        spec: {
          hostPID: true,
          volumes: [],
          serviceAccountName: "p-web",
          containers: [
            {
              name: "web",
              image: "other/web:2",
              // As kustomize orders them: what a patch has comes first.
              env: [
                { name: "B", value: "c" },
                { name: "A", value: "b" },
              ],
              securityContext: { privileged: true },
            },
            { name: "side", image: "side" },
          ],
        },
      },
    },
  });
  expect(resources.find(({ kind }) => kind === "RoleBinding")?.object["subjects"]).toEqual([
    { kind: "ServiceAccount", name: "p-web", namespace: "prod" },
  ]);
});

test("two overlays of one base that give the same give it once", () => {
  const { resources } = read({
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": deployment,
    "a/kustomization.yaml": "resources: [../base]\n",
    "b/kustomization.yaml": "resources: [../base]\n",
    "c/kustomization.yaml": "resources: [../base]\nnamespace: c\n",
  });
  expect(resources.map(({ namespace }) => namespace)).toEqual(["", "c"]);
});

test("what a kustomization asks for and is not done is a problem, and the rest is", () => {
  const { resources, problems } = read({
    "k/kustomization.yaml":
      "resources: [web.yaml, https://example.com/x?ref=1, missing.yaml]\nhelmCharts: [{name: a}]\npatches: [{path: gone.yaml}]\n",
    "k/web.yaml": deployment,
  });
  expect(resources.length).toBe(1);
  expect(problems.map(({ code, message }) => `${code} ${message.split(" ")[0]}`)).toEqual([
    "not-examined helmCharts",
    "not-examined https://example.com/x?ref=1",
    "not-examined missing.yaml",
    "not-examined the",
  ]);
});

test("kustomizations that use each other, or themselves, end", () => {
  const { problems } = read({
    "a/kustomization.yaml": "resources: [../b, ../a]\n",
    "b/kustomization.yaml": "resources: [../a]\n",
    "c/kustomization.yaml": "resources: [../a]\n",
  });
  expect(problems).toEqual([
    {
      code: "unreadable",
      message: "kustomization refers to itself, or is nested more than 20 deep",
      path: "a/kustomization.yaml",
    },
  ]);
});

test("a patch that fits nothing, or cannot be applied, is a problem", () => {
  const { problems } = read({
    "k/kustomization.yaml":
      "resources: [web.yaml]\npatches:\n- {patch: '- {op: remove, path: /spec/none}', target: {kind: Deployment}}\n- {patch: 'kind: Pod', target: {kind: Pod}}\n",
    "k/web.yaml": deployment,
  });
  expect(problems.map(({ message }) => message)).toEqual([
    "a patch cannot be applied to Deployment web",
    "a patch matches no resource",
  ]);
});

test("the templates of a chart are left out, which is a problem unless they were rendered", () => {
  const files = {
    "chart/Chart.yaml": "name: a\n",
    "chart/values.yaml": "a: b\n",
    "chart/templates/web.yaml": "kind: Pod\nmetadata: {name: {{ .x }}}\n",
    "chart/crds/c.yaml": "kind: CustomResourceDefinition\nmetadata: {name: c}\n",
    "chart/charts/sub/Chart.yaml": "name: sub\n",
    "web.yaml": deployment,
  };
  const { resources, problems } = read(files);
  expect(resources.map(({ kind }) => kind)).toEqual(["CustomResourceDefinition", "Deployment"]);
  expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(["not-examined chart"]);
  expect(read(files, new Set(["chart"])).problems).toEqual([]);
  expect(chartFolders(Object.keys(files))).toEqual(["chart", "chart/charts/sub"]);
});

const privileged = `apiVersion: v1
kind: Pod
metadata: {name: hidden}
spec: {containers: [{name: a, image: a, securityContext: {privileged: true}}]}
`;

test.each([
  ["a component that nobody includes", { "k/kustomization.yaml": "kind: Component\nresources: [pod.yaml]\n" }],
  ["configurations", { "k/kustomization.yaml": "configurations: [pod.yaml]\n" }],
  ["crds", { "k/kustomization.yaml": "crds: [pod.yaml]\n" }],
  ["generators", { "k/kustomization.yaml": "generators: [pod.yaml]\n" }],
  ["transformers", { "k/kustomization.yaml": "transformers: [pod.yaml]\n" }],
  ["openapi", { "k/kustomization.yaml": "openapi: {path: pod.yaml}\n" }],
  ["a field that nobody knows", { "k/kustomization.yaml": "whatever: [pod.yaml]\n" }],
  ["files of a generator", { "k/kustomization.yaml": "configMapGenerator: [{name: a, files: [pod.yaml]}]\n" }],
  ["a patch for no resource", { "k/kustomization.yaml": "patches: [{path: pod.yaml}]\n" }],
  [
    "a cycle of two folders",
    {
      "k/kustomization.yaml": "resources: [../l, pod.yaml]\n",
      "l/kustomization.yaml": "resources: [../k]\n",
    },
  ],
  [
    "several kustomization files",
    { "k/kustomization.yaml": "resources: []\n", "k/kustomization.yml": "resources: [pod.yaml]\n" },
  ],
  ["another kind", { "k/kustomization.yaml": privileged }],
  ["a second document", { "k/kustomization.yaml": `resources: []\n---\n${privileged}` }],
])("a pod behind %s is checked as it stands, and the kustomization is a problem", (_, files) => {
  const { resources, problems } = read({ ...files, "k/pod.yaml": privileged });
  expect(resources.filter(({ kind, name }) => kind === "Pod" && name === "hidden").length).toBeGreaterThan(0);
  expect(problems.length).toBeGreaterThan(0);
});

test("a kustomization that is itself a pod is checked as a manifest", () => {
  const { resources, problems } = read({ "k/kustomization.yaml": privileged });
  expect(resources.map(({ name }) => name)).toEqual(["hidden"]);
  expect(problems.length).toBe(1);
});

test("a missing file is one problem for all overlays and the patches for its resources", () => {
  const { problems } = read({
    "base/kustomization.yaml": "resources: [gone.yaml]\n",
    "a/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
    "a/patch.yaml": deployment,
    "b/kustomization.yaml": "resources: [../base, ../base/gone.yaml]\n",
  });
  expect(problems.map(({ message }) => message)).toEqual(["gone.yaml is not among the files that were read"]);
});

test("files of a chart without template actions are checked as they stand, rendered or not", () => {
  const files = {
    "chart/Chart.yaml": "name: a\n",
    "chart/charts/off/Chart.yaml": "name: off\n",
    "chart/charts/off/values.yaml": "services: {a: {image: b}}\n",
    "chart/charts/off/templates/pod.yaml": privileged,
  };
  const { resources, compose } = read(files, new Set(["chart"]));
  expect(resources.map(({ name }) => name)).toEqual(["hidden"]);
  expect(compose).toEqual([]);
  const withRendered = read({ ...files, "chart (rendered)": privileged }, new Set(["chart"]));
  expect(withRendered.resources.map(({ path }) => path)).toEqual(["chart (rendered)"]);
});

test("fields of a kustomization are read in any case, as kustomize reads them", () => {
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec: {hostPID: true, containers: [{name: c, image: i}]}\n";
  const { resources, problems } = read({
    "a/kustomization.yaml":
      'Re\u017fources: [a.yaml, b.yaml]\nImages: [{Name: i, NewTag: "2"}]\npatches: [{Patch: "[{op: remove, path: /spec/hostPID}]", Target: {Name: a}}]\ncommonannotations: {k: v}\n',
    "a/a.yaml": pod.replace("NAME", "a"),
    "a/b.yaml": pod.replace("NAME", "b"),
  });
  expect(problems).toEqual([]);
  expect(resources.map(({ object }) => object)).toMatchObject([
    { metadata: { name: "a", annotations: { k: "v" } }, spec: { containers: [{ image: "i:2" }] } },
    { metadata: { name: "b", annotations: { k: "v" } }, spec: { hostPID: true, containers: [{ image: "i:2" }] } },
  ]);
  expect(resources[0]?.object["spec"]).not.toHaveProperty("hostPID");
});

test.each([
  ["resources: []\nResources: [a.yaml]", "Resources not supported"],
  ["patches: [{patch: '[]', target: {kinds: Pod}}]", "patches.target.kinds not supported"],
  ["images: [{name: a, tagSuffix: b}]", "images.tagSuffix not supported"],
])("a field that kustomize has twice or that is not known is a problem: %s", (text, message) => {
  const { problems } = read({ "a/kustomization.yaml": text });
  expect(problems.map((problem) => problem.message).join()).toContain(message);
});

test("commonAnnotations reach the pods of workloads, and of cron jobs", () => {
  const { resources, problems } = read({
    "kustomization.yaml": "resources: [a.yaml]\ncommonAnnotations: {k: v}\n",
    "a.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: b}\nspec: {jobTemplate: {spec: {template: {spec: {containers: []}}}}}\n---\napiVersion: x.test/v1\nkind: Other\nmetadata: {name: c}\nspec: {template: {spec: {containers: []}}}\n",
  });
  expect(problems).toEqual([]);
  const metadata = { annotations: { k: "v" } };
  expect(resources.map(({ object }) => object)).toMatchObject([
    { metadata, spec: { template: { metadata } } },
    { metadata, spec: { jobTemplate: { metadata, spec: { template: { metadata } } } } },
    { metadata },
  ]);
  expect(JSON.stringify(resources[2]?.object["spec"])).not.toContain("annotations");
});
