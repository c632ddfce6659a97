import { expect, test } from "vitest";
import type { Package } from "../../model/package.ts";
import type { Problem } from "../../model/problem.ts";
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
    problems: [{ code: "not-examined", message: expect.stringContaining("says itself that it is incomplete") }],
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

test("of several operating systems the one counts of which packages are, and what is no distribution never does", () => {
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
