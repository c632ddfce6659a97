import { expect, test } from "vitest";
import type { Package } from "../../model/packages/package.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { readSbom } from "./read-sbom.ts";
import type { SbomContents } from "./sbom-collector.ts";

function read(components: readonly object[], more: object = {}): SbomContents & { problems: readonly Problem[] } {
  const document = { bomFormat: "CycloneDX", specVersion: "1.6", ...more, components };
  const problems: Problem[] = [];
  const signal = new AbortController().signal;
  const contents = readSbom(Buffer.from(JSON.stringify(document)), {
    signal,
    problem: (problem) => problems.push(problem),
  });
  return { ...contents, problems };
}

function first(components: readonly object[]): Package | undefined {
  return read(components).packages[0];
}

const bash = "pkg:rpm/redhat/bash@5.1.8-6.el9?arch=x86_64&upstream=bash-5.1.8-6.el9.src.rpm";

function rpm(qualifiers = "", more: object = {}): object {
  return { type: "library", name: "bash", version: "5.1.8-6.el9", purl: `${bash}${qualifiers}`, ...more };
}

test("a document that says of itself that it is incomplete leaves something unexamined", () => {
  const compositions = [{ aggregate: "incomplete", assemblies: ["target"] }];
  expect(read([rpm("&distro=rhel-9.4")], { compositions })).toMatchObject({
    incomplete: true,
    problems: [{ code: "not-examined", message: expect.stringContaining("is marked as incomplete") }],
  });
  const unknown = [{ aggregate: "unknown", assemblies: ["target"] }, { aggregate: "not_specified" }];
  expect(read([rpm("&distro=rhel-9.4")], { compositions: unknown })).toMatchObject({ incomplete: false, problems: [] });
});

/** As Trivy 0.74 writes an rpm. */
function ofTrivy(more: readonly object[] = [], purl = "&distro=redhat-9.4"): object {
  const properties = [
    ...more,
    { name: "aquasecurity:trivy:PkgID", value: "nginx@1.24.0-1.el9.ngx.x86_64" },
    { name: "aquasecurity:trivy:PkgType", value: "redhat" },
    { name: "aquasecurity:trivy:SrcName", value: "nginx" },
  ];
  return rpm(purl, { supplier: { name: "NGINX Packaging <nginx-packaging@f5.com>" }, properties });
}

test("Trivy names the maker of a package as its supplier, and other tools mean somebody else by it", () => {
  expect(first([ofTrivy()])?.vendor).toBe("NGINX Packaging <nginx-packaging@f5.com>");
  expect(first([rpm("", { supplier: { name: "Example Ltd" } })])?.vendor).toBeUndefined();
});

test("the maintainer of a deb is its publisher", () => {
  const purl = "pkg:deb/debian/docker-ce-cli@5%3A24.0.7-1~debian.12~bookworm?arch=amd64&distro=debian-12";
  const publisher = "Docker <support@docker.com>";
  expect(first([{ type: "library", name: "docker-ce-cli", publisher, purl }])?.vendor).toBe(publisher);
});

test("the module stream stands in the package URL under either name, or in a property of Syft or Trivy", () => {
  const label = "nodejs:16:8050020211213115342:c5368500";
  const named = (name: string): object => rpm("", { properties: [{ name, value: label }] });
  const forms = [
    rpm(`&rpmmod=${label}`),
    rpm(`&modularitylabel=${label}`),
    named("aquasecurity:trivy:Modularitylabel"),
    named("syft:metadata:modularityLabel"),
  ];
  expect(forms.map((form) => first([form])?.module)).toEqual(forms.map(() => "nodejs:16"));
});

test("the content sets that Trivy names with each package are the repositories of the target", () => {
  const set = (value: string): object => ({ name: "aquasecurity:trivy:ContentSet", value });
  const sets = [
    set("rhocp-4.14-for-rhel-9-x86_64-rpms"),
    set("rhel-9-for-x86_64-appstream-rpms"),
    set("no repository"),
  ];
  expect(read([ofTrivy(sets), rpm("&distro=redhat-9.4")]).distribution?.repositories).toEqual([
    "rhel-9-for-x86_64-appstream-rpms",
    "rhocp-4.14-for-rhel-9-x86_64-rpms",
  ]);
});

test("the repositories that package URLs of Red Hat name tell release and products, if all of them name one", () => {
  const inRepository = (name: string): object => rpm(`&repository_id=${name}`);
  const both = [inRepository("rhel-9-for-x86_64-baseos-rpms"), inRepository("rhocp-4.14-for-rhel-9-x86_64-rpms")];
  const key = { type: "library", name: "gpg-pubkey", purl: "pkg:rpm/redhat/gpg-pubkey@fd431d51-4ae0493b" };
  expect(read([...both, key]).distribution).toMatchObject({
    id: "rhel",
    version: "9",
    repositories: ["rhel-9-for-x86_64-baseos-rpms", "rhocp-4.14-for-rhel-9-x86_64-rpms"],
  });
  expect(read([...both, rpm()]).distribution?.repositories).toBeUndefined();
});

test("an operating system without a release has that of the packages", () => {
  const system = { type: "operating-system", name: "rhel" };
  expect(read([system, rpm("&distro=rhel-9.3")])).toMatchObject({
    distribution: { id: "rhel", version: "9.3" },
    problems: [],
  });
});

test("of several operating systems the one counts of which packages are, and what is not distribution never does", () => {
  const linux = { type: "operating-system", name: "linux", version: "5.15" };
  const host = { type: "operating-system", name: "ubuntu", version: "22.04" };
  const rhel = { type: "operating-system", name: "rhel", version: "9.3" };
  expect(read([linux, rpm("&distro=rhel-9.3")]).distribution).toMatchObject({ id: "rhel", version: "9.3" });
  expect(read([host, rhel, rpm("&distro=rhel-9.3")]).distribution).toMatchObject({ id: "rhel" });
  expect(read([host, rhel]).distribution).toMatchObject({ id: "ubuntu" });
});

test("a document that describes an operating system is of that", () => {
  const metadata = { component: { type: "operating-system", name: "rhel", version: "9.3" } };
  expect(read([rpm()], { metadata }).distribution).toMatchObject({ id: "rhel", version: "9.3" });
});

test("a described system that no package names gives way to the distribution of the packages, and to a listed system", () => {
  const acme = { type: "operating-system", name: "ACME Gateway OS", version: "3.1" };
  const metadata = { component: acme };
  const bookworm = {
    type: "library",
    name: "bash",
    purl: "pkg:deb/debian/bash@5.2.15-2?distro=debian-12&upstream=bash",
  };
  const debian = { type: "operating-system", name: "debian", version: "12.5" };
  expect(read([bookworm], { metadata })).toMatchObject({
    distribution: { id: "debian", version: "12" },
    problems: [],
  });
  expect(read([debian], { metadata }).distribution).toMatchObject({ id: "debian", version: "12.5" });
  expect(read([debian, bookworm], { metadata }).distribution).toMatchObject({ id: "debian", version: "12.5" });
  expect(read([], { metadata }).distribution).toMatchObject({ id: "acme gateway os", version: "3.1" });
  expect(read([rpm("&distro=rhel-9.3")], { metadata: { component: debian } }).distribution).toMatchObject({
    id: "rhel",
  });
});

test("of countless distributions in a document the first hundred count, because each is held against each", () => {
  const system = (name: string) => ({ type: "operating-system", name, version: "9.3" });
  const systems = (count: number) => Array.from({ length: count }, (_, place) => system(`os${place}`));
  const bash = rpm("&distro=rhel-9.3");
  expect(read([...systems(99), system("rhel"), bash]).distribution).toMatchObject({ id: "rhel" });
  expect(read([...systems(100), system("rhel"), bash]).distribution).toMatchObject({ id: "os0" });
  const others = Array.from({ length: 100 }, (_, place) => ({
    ...rpm(),
    purl: `pkg:rpm/fedora/bash@5.2?distro=fedora-${place}`,
  }));
  expect(read([system("ubuntu"), system("rhel"), ...others.slice(1), bash]).distribution).toMatchObject({ id: "rhel" });
  expect(read([system("ubuntu"), system("rhel"), ...others, bash]).distribution).toMatchObject({ id: "ubuntu" });
});

test("a distribution that is declared again and again leaves room for others", () => {
  const host = { type: "operating-system", name: "ubuntu", version: "22.04" };
  const rhel = { type: "operating-system", name: "rhel", version: "9.3" };
  const many = Array.from({ length: 1000 }, () => host);
  expect(read([...many, rhel, rpm("&distro=rhel-9.3")]).distribution).toMatchObject({ id: "rhel" });
});

const bySyft = { metadata: { tools: { components: [{ type: "application", author: "anchore", name: "syft" }] } } };

test("an epoch that only the document's own version has is the package's", () => {
  const purl = "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4";
  const versionOf = (version: string): string | undefined => first([{ name: "openssl-libs", version, purl }])?.version;
  expect(versionOf("1:3.0.7-27.el9")).toBe("1:3.0.7-27.el9");
  expect(versionOf("3.0.7-27.el9")).toBe("3.0.7-27.el9");
  expect(versionOf("1:3.0.7-25.el9")).toBe("3.0.7-27.el9");
  expect(first([{ version: "2:1", purl: "pkg:npm/thing@1" }])?.version).toBe("1");
});

test("the capitals that Go writes with ! in names of files are capitals", () => {
  const purl = "pkg:golang/github.com/%21azure/azure-sdk-for-go@v50.0.0%2Bincompatible";
  expect(first([{ type: "library", purl }])?.name).toBe("github.com/Azure/azure-sdk-for-go");
});

test("the module that Syft names as the main one beside itself is a main module", () => {
  const purl = "pkg:golang/example.org/tool@v0.0.0-20240101120000-abcdef123456";
  const properties = [{ name: "syft:metadata:mainModule", value: "example.org/tool" }];
  expect(first([{ type: "library", name: "example.org/tool", purl, properties }])?.mainModule).toBe(true);
  expect(first([{ type: "library", name: "tool", purl, properties }])?.mainModule).toBe(true);
  const dependency = {
    type: "library",
    name: "example.org/dep",
    purl: "pkg:golang/example.org/dep@v1.0.0",
    properties,
  };
  expect(first([dependency])?.mainModule).toBe(undefined);
  const part = { ...dependency, name: "example.org/tool/api", purl: `${purl}#api` };
  expect(first([part])?.mainModule).toBe(undefined);
  const deep = { ...dependency, name: "tool", purl: "pkg:golang/example.org/a/b@v1.0.0#tool" };
  const ofDeep = [{ name: "syft:metadata:mainModule", value: "example.org/a/b/tool" }];
  expect(first([{ ...deep, properties: ofDeep }])?.mainModule).toBe(true);
});

test("a group that is the artifact's name may be a guess of Syft where the document has no group beside it", () => {
  const purl = "pkg:maven/log4j-core/log4j-core@2.14.1";
  const guessed = (component: object, more: object = bySyft): boolean | undefined =>
    read([{ type: "library", name: "log4j-core", purl, ...component }], more).packages[0]?.groupIsGuess;
  expect(guessed({})).toBe(true);
  expect(guessed({ group: "log4j-core" })).toBe(undefined);
  expect(guessed({ purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1" })).toBe(undefined);
  expect(guessed({}, {})).toBe(undefined);
  expect(guessed({ properties: [{ name: "plimsoll:groupIsGuess", value: "true" }] }, {})).toBe(true);
});

test("what the document is about is a package of it when it has a package URL and a version", () => {
  const component = {
    type: "application",
    name: "tool",
    version: "v1.4.0",
    purl: "pkg:golang/example.org/tool@v1.4.0",
  };
  const packagesFor = (root: object, components: readonly object[] = []) =>
    read(components, { metadata: { component: root } }).packages.map(({ name, version }) => `${name} ${version}`);
  expect(packagesFor(component)).toEqual(["example.org/tool v1.4.0"]);
  expect(read([], { metadata: { component } }).packages[0]?.mainModule).toBe(true);
  expect(packagesFor(component, [component])).toEqual(["example.org/tool v1.4.0"]);
  expect(packagesFor({ ...component, type: "library", purl: "pkg:npm/tool@1.0.0" })).toEqual(["tool 1.0.0"]);
  const others = [
    { type: "container", name: "a", version: "1", purl: "pkg:oci/a@sha256%3A00" },
    { type: "application", name: "a", purl: "pkg:npm/a" },
    { type: "application", name: "a", version: "1" },
    { type: "application", name: "a", version: "1", purl: "pkg:generic/a@1" },
    { type: "application", name: "bash", version: "5.1-2", purl: "pkg:deb/debian/bash@5.1-2?distro=debian-12" },
    { type: "application", name: "bash", version: "5.1-2", purl: "pkg:rpm/fedora/bash@5.1-2" },
    { type: "application", name: "bash", version: "5.1-r2", purl: "pkg:apk/alpine/bash@5.1-r2" },
    { type: "file", name: "a", version: "1", purl: "pkg:npm/a@1" },
    { type: "application", name: "app", version: "latest", purl: "pkg:npm/app@latest" },
    { type: "library", name: "app", version: "unspecified", purl: "pkg:maven/org.example/app@unspecified" },
    { type: "application", name: "shop", version: "dev-main", purl: "pkg:composer/example/shop@dev-main" },
  ];
  for (const root of others) expect(read([], { metadata: { component: root } })).toMatchObject({ problems: [] });
  expect(others.flatMap((root) => packagesFor(root))).toEqual(["a 1"]);
});

test("what the document is about and lists too is one package, however its package URLs are written", () => {
  const about = (root: object, ...components: readonly object[]) =>
    read(components, { metadata: { component: root } }).packages.map(({ name, mainModule, ownProject }) => ({
      ...{ name, ...(mainModule && { mainModule }), ...(ownProject && { ownProject }) },
    }));
  const tool = { type: "application", name: "example.org/tool", version: "v1.4.0" };
  const purl = "pkg:golang/example.org/tool@v1.4.0";
  const module = { ...tool, type: "library", purl };
  expect(about({ ...tool, purl: `${purl}?type=module` }, module)).toEqual([{ name: tool.name, mainModule: true }]);
  expect(about({ ...tool, purl }, { ...module, purl: `${purl}?type=module` })).toEqual([
    { name: tool.name, mainModule: true },
  ]);
  const demo = { type: "application", name: "demo", version: "1.0.0", purl: "pkg:npm/demo@1.0.0" };
  expect(about(demo, { ...demo, type: "library", purl: `${demo.purl}?vcs_url=a` })).toEqual([{ name: "demo" }]);
  expect(about(demo, { ...demo, purl: "pkg:npm/demo@2.0.0", version: "2.0.0" })).toEqual([
    { name: "demo" },
    { name: "demo", ownProject: true },
  ]);
  const python = { ...demo, name: "My_Tool", purl: "pkg:pypi/my-tool@1.0.0" };
  expect(about(python, { ...python, name: "my-tool" })).toEqual([{ name: "my-tool" }]);
  const properties = [{ name: "plimsoll:ownProject", value: "true" }];
  expect(about({ type: "file" }, { ...demo, properties })).toEqual([{ name: "demo", ownProject: true }]);
});

test("a Python package of a deb has the deb as its owner in a document of Syft, and in one of Plimsoll as it says", () => {
  const path = "/usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO";
  const components = [
    {
      ...{ type: "library", name: "requests", version: "2.28.1", purl: "pkg:pypi/requests@2.28.1" },
      properties: [{ name: "syft:location:0:path", value: path }],
    },
    { type: "library", name: "python3-requests", purl: "pkg:deb/debian/python3-requests@2.28.1%2Bdfsg-1" },
  ];
  const owner = { type: "deb", name: "python3-requests" };
  expect(read(components, bySyft).packages[0]?.ownedBy).toEqual(owner);
  const byPlimsoll = { metadata: { tools: { components: [{ type: "application", name: "plimsoll" }] } } };
  expect(read(components, byPlimsoll).packages[0]?.ownedBy).toBe(undefined);
});
