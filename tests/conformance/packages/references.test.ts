import { expect, test } from "vitest";
import { isPrivateHost } from "../../../src/io/http/http-private-address.ts";
import {
  isSamePlatform,
  type Platform,
  parsePlatform,
  platformText,
  runsOn,
} from "../../../src/model/packages/platform.ts";
import {
  type ImageReference,
  isLocalRegistry,
  isRegistry,
  isRepository,
  parseReference,
  referenceText,
  registryHost,
} from "../../../src/model/packages/reference.ts";
import { imageFor } from "../../../src/registry/content/choose-image.ts";
import { type Descriptor, readDescriptor } from "../../../src/registry/content/descriptor.ts";
import { ociManifestType } from "../../../src/registry/content/manifest.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const digest = "sha256:deadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33fdeadb33f";

interface RegclientReference {
  readonly id: string;
  readonly input: unknown;
  readonly expect: { readonly error?: true; readonly scheme: string } & Record<
    "registry" | "repository" | "tag" | "digest",
    string
  >;
}

// What regclient reads otherwise. The grammar of distribution/reference, which Docker and containerd use, decides.
const regclientDiffers: Readonly<Record<string, string>> = {
  "regclient/TestNew#9": "a dot at the end of a host is regclient's way to mark a short name; Docker refuses it",
  "regclient/TestNew#10": "the same with a port",
  "regclient/TestNew#47": "without a slash the first part is a name and the rest its tag, also for localhost:5000",
};

// Paths of archives and folders, no references to a registry.
const otherSchemes = /^(?:ocidir|ocifile):/;

describeWithCorpus("references of regclient", () => {
  const cases = corpusJson<RegclientReference[]>("platform", "registry", "references", "regclient-ref.json");

  test("they are read as regclient reads them", () => {
    const differing = cases.filter((one) => !isReadAsExpected(one)).map(({ id }) => id);
    expect(differing).toEqual(Object.keys(regclientDiffers));
    expect(cases).toHaveLength(48);
  });

  test("those of other schemes are none", () => {
    const others = cases.map(({ input }) => String(input)).filter((input) => otherSchemes.test(input));
    expect(others.filter((input) => parseReference(input) !== undefined)).toEqual([]);
    expect(others).toHaveLength(11);
  });

  function isReadAsExpected({ input, expect: expected }: RegclientReference): boolean {
    const read = parseReference(typeof input === "string" ? input : `project/image:${"x".repeat(129)}`);
    if (expected.error || expected.scheme !== "reg") return read === undefined;
    return (
      read?.registry === expected.registry &&
      read.repository === expected.repository &&
      (read.digest ?? "") === expected.digest &&
      (read.tag ?? (read.digest === undefined ? "latest" : "")) === expected.tag
    );
  }
});

describeWithCorpus("hosts of regclient", () => {
  const differs: Readonly<Record<string, string>> = {
    "regclient/TestNewHost#4": "a dot at the end of a host, which Docker refuses",
  };

  test("what is a host there is one here", () => {
    const cases = corpusJson<RegclientReference[]>("platform", "registry", "references", "regclient-host.json");
    const differing = cases.filter(({ input, expect: { error, scheme } }) => {
      return isRegistry(String(input)) !== (!error && scheme === "reg");
    });
    expect(differing.map(({ id }) => id)).toEqual(Object.keys(differs));
    expect(cases).toHaveLength(25);
  });

  test("references are of the same repository there and here", () => {
    interface Pair {
      readonly name: string;
      readonly a: Record<string, string>;
      readonly b: Record<string, string>;
      readonly expectRepo: boolean;
      readonly expectReg: boolean;
    }
    // A path of a layout is no reference here, so that there is none that could be equal to another.
    const differs = ["ocidir eq file"];
    const pairs = corpusJson<Pair[]>("platform", "registry", "references", "regclient-equal.json");
    const read = ({ scheme, registry, repository, path, tag }: Record<string, string>) =>
      parseReference(
        scheme === "reg" ? `${registry}/${repository}:${tag}` : `${scheme}://${path ?? repository}:${tag}`,
      );
    const differing = pairs.filter(({ a, b, expectReg, expectRepo }) => {
      const [first, second] = [read(a), read(b)];
      const isSameRegistry = first !== undefined && first.registry === second?.registry;
      const isSameRepository = isSameRegistry && first.repository === second?.repository;
      return isSameRegistry !== expectReg || isSameRepository !== expectRepo;
    });
    expect(differing.map(({ name }) => name)).toEqual(differs);
    expect(pairs.filter(({ a, b }) => read(a) && read(b))).toHaveLength(3);
    expect(pairs).toHaveLength(7);
  });
});

describeWithCorpus("names of go-containerregistry", () => {
  const { lists, rfc1918, scheme } = corpusJson<{
    readonly lists: Readonly<Record<string, readonly string[]>>;
    readonly rfc1918: readonly { readonly reg: string; readonly result: boolean }[];
    readonly scheme: readonly { readonly domain: string; readonly scheme: string }[];
  }>("platform", "registry", "references", "ggcr-names.json");
  let cases = 0;

  test("good references are read whole, and written as they were", () => {
    for (const list of Object.keys(lists).filter((name) => /^good.*(?:Digest|Tag)Names$/.test(name))) {
      for (const name of counted(list)) {
        const reference = parseReference(name);
        expect(reference, name).toBeDefined();
        expect(reference?.digest, name).toBe(name.includes("@") ? digest : undefined);
        if (/^goodStrict/.test(list)) {
          expect(reference && referenceText(reference), name).toBe(name.replace("index.docker.io", "docker.io"));
        }
      }
    }
  });

  test("bad references are refused", () => {
    const read = [...counted("badDigestNames"), ...counted("badTagNames")].filter((name) => parseReference(name));
    expect(read).toEqual([]);
  });

  test("good repositories are read, bad ones are refused", () => {
    const good = [...counted("goodStrictValidationRepositoryNames"), ...counted("goodWeakValidationRepositoryNames")];
    expect(good.filter((name) => !parseReference(name))).toEqual([]);
    const bad = counted("badRepositoryNames");
    expect(bad.filter((name) => parseReference(name) ?? isRepository(name))).toEqual([]);
  });

  test("good registries are known from bad ones", () => {
    expect(counted("goodStrictValidationRegistryNames").filter((name) => !isRegistry(name))).toEqual([]);
    // An empty text there means the default registry; here a reference simply has no host.
    expect(counted("goodWeakValidationRegistryNames")).toEqual([""]);
    expect(counted("badRegistryNames").filter(isRegistry)).toEqual([]);
  });

  test("the registry and the tag of a reference that has none are for the caller to say", () => {
    const [inputs, outputs] = [counted("inputDefaultNames"), counted("outputDefaultNames")];
    inputs.forEach((input, index) => {
      const reference = parseReference(input);
      if (!reference) throw new Error(input);
      // There, the tests replace Docker Hub, and do not put single names into library.
      const text = referenceText({ ...reference, tag: reference.tag ?? "stable" }, { familiar: true });
      const written = reference.registry === "docker.io" ? `registry.upbound.io/${text}` : text;
      expect(written).toBe(outputs[index]);
    });
  });

  test("which registries are asked over http", () => {
    // A password must not go over a network in plain text unless somebody says so; there, a private network will do.
    const differs = ["10.2.3.4:5000"];
    const differing = scheme.filter(({ domain, scheme }) => isLocalRegistry(domain) !== (scheme === "http"));
    // An IPv6 address without brackets is no registry.
    expect(differing.map(({ domain }) => domain)).toEqual(["::1", ...differs]);
    expect(isRegistry("::1")).toBe(false);
    expect(rfc1918.filter(({ reg }) => isLocalRegistry(reg))).toEqual([]);
    const isPrivate = (registry: string): boolean => isPrivateHost(registry.replace(/:[0-9]+$/, ""));
    expect(rfc1918.filter(({ reg, result }) => isPrivate(reg) !== result)).toEqual([]);
    expect(scheme.length + rfc1918.length).toBe(20);
  });

  test("every list was looked at", () => {
    expect(cases).toBe(Object.values(lists).flat().length);
    expect(cases).toBe(66);
  });

  function counted(list: string): readonly string[] {
    const names = lists[list] ?? [];
    cases += names.length;
    return names;
  }
});

describeWithCorpus("references and the hosts that answer for them", () => {
  // Docker takes a first part with capitals for a host, since no repository may have them: distribution/reference, normalize.go.
  const differs = ["UPPER/app"];

  test("each leads to its host", () => {
    interface Endpoint {
      readonly input: string;
      readonly expect: {
        readonly error?: true;
        readonly endpoint: string;
        readonly repository: string;
        readonly tag: string | null;
        readonly digest: string | null;
      };
    }
    const cases = corpusJson<Endpoint[]>("platform", "registry", "references", "own-endpoints.json");
    const differing = cases.filter(({ input, expect: expected }) => {
      const read = parseReference(input);
      if (expected.error || !read) return Boolean(read) !== !expected.error;
      return JSON.stringify(endpointOf(read)) !== JSON.stringify(expected);
    });
    expect(differing.map(({ input }) => input)).toEqual(differs);
    expect(cases).toHaveLength(15);
  });

  function endpointOf({ registry, repository, tag, digest }: ImageReference): object {
    return {
      endpoint: registryHost(registry),
      repository,
      tag: tag ?? (digest === undefined ? "latest" : null),
      digest: digest ?? null,
    };
  }
});

describeWithCorpus("platforms", () => {
  interface CorpusPlatform {
    readonly error?: true;
    readonly os?: string;
    readonly architecture?: string;
    readonly variant?: string;
    readonly osversion?: string;
  }

  test("they are read as regclient reads them", () => {
    const cases = corpusJson<{ name: string; input: string; expect: CorpusPlatform }[]>(
      "platform",
      "registry",
      "references",
      "platform-parse.json",
    );
    for (const { input, expect: expected } of cases) {
      expect(parsePlatform(input), input).toEqual(expected.error ? undefined : platformOf(expected));
    }
    expect(cases).toHaveLength(23);
  });

  interface Comparison {
    readonly name: string;
    readonly host: CorpusPlatform;
    readonly target: CorpusPlatform;
    readonly expect_match: boolean;
    readonly expect_compat: boolean;
    readonly expect_better: boolean;
  }
  const comparisons = (): readonly Comparison[] =>
    corpusJson<Comparison[]>("platform", "registry", "references", "platform-compare.json");

  test("they are equal, and run on a host, as in regclient", () => {
    for (const { name, host, target, expect_match, expect_compat } of comparisons()) {
      expect(isSamePlatform(platformOf(host), platformOf(target)), name).toBe(expect_match);
      expect(runsOn(platformOf(target), platformOf(host)), name).toBe(expect_compat);
    }
    expect(comparisons()).toHaveLength(19);
  });

  test("the better one for a host is chosen from an index, wherever it stands there", () => {
    // What lies beside it in the index: the corpus does not have it. Source: regclient, types/platform, TestCompare.
    const beside: Readonly<Record<string, CorpusPlatform>> = {
      "linux variant higher": { os: "linux", architecture: "arm", variant: "v5" },
      "linux variant lower": { os: "linux", architecture: "arm", variant: "v6" },
      "linux variant prev undef": { os: "linux", architecture: "amd64" },
      "linux variant host undef": { os: "linux", architecture: "amd64", variant: "v1" },
      "linux variant target undef": { os: "linux", architecture: "amd64", variant: "v2" },
      "windows match": { os: "windows", architecture: "amd64", osversion: "10.0.17763.1224" },
      "windows patch": { os: "windows", architecture: "amd64", osversion: "10.0.17763.2004" },
      "darwin compatible": { os: "darwin", architecture: "amd64" },
      "freebsd match": { os: "freebsd", architecture: "amd64" },
      "windows compatible": { os: "windows", architecture: "amd64", osversion: "10.0.17763.2004" },
    };
    for (const { name, host, target, expect_better } of comparisons()) {
      const own = describedFor(target, "a");
      const others = beside[name] === undefined ? [] : [describedFor(beside[name], "b")];
      for (const images of [
        [own, ...others],
        [...others, own],
      ]) {
        const chosen = imageFor(textOf(host), images);
        expect(chosen?.digest === own.digest, name).toBe(expect_better);
        if (!expect_better) expect(chosen, name).toBe(others[0]);
      }
    }
    expect(comparisons().map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(beside)));
  });

  /** An entry of an index for a platform. */
  function describedFor({ os, architecture, variant, osversion }: CorpusPlatform, digit: string): Descriptor {
    const platform = { os, architecture, variant, "os.version": osversion };
    const entry = { mediaType: ociManifestType, digest: `sha256:${digit.repeat(64)}`, size: 1, platform };
    const descriptor = readDescriptor(JSON.parse(JSON.stringify(entry)));
    if (!descriptor) throw new Error("an entry with a digest and a size is one");
    return descriptor;
  }

  function textOf({ osversion, ...platform }: CorpusPlatform): string {
    return osversion === undefined ? platformText(platform) : `${platformText(platform)},osver=${osversion}`;
  }

  function platformOf({ osversion, ...platform }: CorpusPlatform): Platform {
    return { ...platform, ...(osversion !== undefined && { osVersion: osversion }) };
  }
});
