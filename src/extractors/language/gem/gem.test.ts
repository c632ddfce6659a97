import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { FoundPackage } from "../../../model/packages/package.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { gem } from "./gem.ts";

const folder = "usr/local/bundle/specifications";

const nokogiri = `# -*- encoding: utf-8 -*-
# stub: nokogiri 1.15.4 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.15.4"
  s.platform = "x86_64-linux".freeze

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.summary = "s.version = \\"9\\"".freeze
  s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
  s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
end
`;

describeExtractor(gem, [
  {
    path: `${folder}/nokogiri-1.15.4-x86_64-linux.gemspec`,
    bytes: bytes(nokogiri),
    expected: [
      {
        kind: "package",
        package: {
          type: "gem",
          name: "nokogiri",
          version: "1.15.4",
          licenses: ["MIT", "Apache-2.0"],
          qualifiers: { platform: "x86_64-linux" },
        },
      },
    ],
  },
  {
    path: "app/vendor/bundle/ruby/3.1.0/bundler/gems/rake-2466a5e1d14f/rake.gemspec",
    bytes: bytes(specification('"rake".freeze', '"13.0.3"')),
    expected: [{ kind: "package", package: { type: "gem", name: "rake", version: "13.0.3" } }],
  },
  { path: "app/app.gemspec", bytes: bytes(nokogiri), expected: [] },
]);

test.each([
  `${folder}/rake-13.0.3.gemspec`,
  "usr/local/lib/ruby/gems/3.2.0/specifications/default/rake-13.0.3.gemspec",
  "usr/share/rubygems-integration/all/specifications/rake-13.0.3.gemspec",
  "specifications/rake-13.0.3.gemspec",
])("language/gem takes a specification for an installed gem at %s", (path) => {
  expect(read(specification('"rake"', '"13.0.3"'), path).packages).toEqual([rake]);
});

test.each([
  "rake.gemspec",
  "app/default/rake.gemspec",
  "usr/local/bundle/gems/rake-13.0.3/rake.gemspec",
  "usr/local/bundle/bundler/gems/rake.gemspec",
  "usr/local/bundle/bundler/gems/rake-2466a5e1d14f/spec/fixtures/rake.gemspec",
  "usr/local/bundle/bundler/gems/rake-2466a5e1d14f/a/b/c/rake.gemspec",
])("language/gem passes over the source of a gem at %s", (path) => {
  expect(run(memoryFile(path, bytes("rubbish")))).toEqual({ packages: [], problems: [], unread: [] });
});

describe("language/gem in what Bundler took from Git", () => {
  const folder = "usr/local/bundle/bundler/gems/rails-2466a5e1d14f";
  const unread = [
    { kind: "unread", format: { packagesOf: "Bundler from Git", kind: "installed", type: "gem" } },
  ] as const;

  test.each([
    `${folder}/rake.gemspec`,
    `${folder}/rake/rake.gemspec`,
    `${folder}/gen/pb-ruby/rake.gemspec`,
    "app/vendor/cache/rake-2466a5e1d14f/rake.gemspec",
  ])("takes a specification at %s for an installed gem", (path) => {
    expect(read(specification('"rake"', '"13.0.3"'), path)).toEqual({ packages: [rake], problems: [] });
  });

  test.each([
    ["the version is a constant", specification('"rake"', "Rake::VERSION")],
    ["the version is read from a file", specification('"rake"', 'File.read("1.txt")')],
    ["the version depends on something", specification('"rake"', '"1.0" if ENV["OLD"]')],
    ["the version is set twice", specification('"rake"', '"1.0"').replace("end", '  s.version = "2.0"\nend')],
    ["the name is computed", specification('File.basename("a", ".gemspec")', '"1.0"')],
    ["nothing is stated", "eval rubbish"],
  ])("tells one as not read where %s", (_, text) => {
    const found = run(memoryFile(`${folder}/rake.gemspec`, bytes(text)));
    expect(found).toEqual({ packages: [], problems: [], unread });
  });
});

test.each([
  's.version += ".pre"',
  's.version << ".pre"',
  's.version ||= "2"',
  "s.name.concat VERSION",
  "s.name, x = 1",
])("language/gem does not take what bundler took from Git at its word where it goes on with %s", (line) => {
  const path = "app/vendor/bundle/bundler/gems/rake-0123456789ab/rake.gemspec";
  const text = specification('"rake"', '"13.0.3"').replace("end", `  ${line}\nend`);
  const { packages, unread } = run(memoryFile(path, bytes(text)));
  expect([packages, unread.length]).toEqual([[], 1]);
});

describe("language/gem reads", () => {
  test.each([
    ['"rake".freeze', '"13.0.3".freeze'],
    ["'rake'", "'13.0.3'"],
    ["%q{rake}", '"13.0.3"'],
    ["%q<rake>.freeze", 'Gem::Version.new("13.0.3")'],
  ])("the name %s and the version %s", (name, version) => {
    expect(read(specification(name, version)).packages).toEqual([rake]);
  });

  test("a version before its release as RubyGems writes it", () => {
    expect(read(specification('"rails"', '"7.1.0.rc1".freeze')).packages).toEqual([
      { type: "gem", name: "rails", version: "7.1.0.rc1" },
    ]);
  });

  test("the first value of a field, and only what is set on the specification itself", () => {
    const text = specification('"rake"', '"13.0.3"').replace("end", '  other.name = "x"\n  s.name = "y"\nend');
    expect(read(text).packages).toEqual([rake]);
  });

  test("a single licence", () => {
    const text = specification('"rake"', '"13.0.3"').replace("end", '  s.license = "MIT"\nend');
    expect(read(text).packages).toEqual([{ ...rake, licenses: ["MIT"] }]);
  });

  test("lines that end as those of Windows do", () => {
    expect(read(specification('"rake"', '"13.0.3"').replaceAll("\n", "\r\n"))).toEqual({
      packages: [rake],
      problems: [],
    });
  });

  test("a platform of several parts", () => {
    const platform = 'Gem::Platform.new(["x86_64".freeze, "linux".freeze, nil])';
    const text = specification('"rake"', '"13.0.3"').replace("end", `  s.platform = ${platform}\nend`);
    expect(read(text).packages).toEqual([{ ...rake, qualifiers: { platform: "x86_64-linux" } }]);
  });

  test("the platform ruby as none", () => {
    const text = specification('"rake"', '"13.0.3"').replace("end", '  s.platform = "ruby"\nend');
    expect(read(text).packages).toEqual([rake]);
  });
});

describe("language/gem reports a specification that states", () => {
  test.each([
    ["no name", specification("", '"1"')],
    ["a name that cannot be one", specification('"a b"', '"1"')],
    ["no version", specification('"rake"', "")],
    ["a version that is computed", specification('"rake"', "Rake::VERSION")],
    ["a version that cannot be one", specification('"rake"', '">= 1"')],
    ["nothing", ""],
  ])("%s", (_, text) => {
    const { packages, problems } = read(text);
    expect(packages).toEqual([]);
    expect(problems).toMatchObject([{ code: "unreadable", path: `${folder}/rake-13.0.3.gemspec` }]);
  });
});

test("language/gem does not read a specification of more than 1 MiB", () => {
  const path = `${folder}/rake-13.0.3.gemspec`;
  const file = { path, mode: 0o644, size: 1024 * 1024 + 1, read: () => expect.fail("was read") };
  expect(run(file).problems).toMatchObject([{ code: "limit-exceeded", path }]);
});

const rake: FoundPackage = { type: "gem", name: "rake", version: "13.0.3" };

function specification(name: string, version: string): string {
  return `Gem::Specification.new do |s|\n  s.name = ${name}\n  s.version = ${version}\nend\n`;
}

interface Outcome {
  readonly packages: readonly FoundPackage[];
  readonly problems: readonly Problem[];
}

/** The packages read, without those reported as not read. */
function read(text: string, path: string = `${folder}/rake-13.0.3.gemspec`): Outcome {
  const { packages, problems } = run(memoryFile(path, bytes(text)));
  return { packages, problems };
}

function run(file: OpenFile): Outcome & { readonly unread: readonly Extraction[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const extractions = [...gem.extract(file, context)];
  const packages = extractions.flatMap((value) => (value.kind === "package" ? [value.package] : []));
  return { packages, problems, unread: extractions.filter(({ kind }) => kind === "unread") };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
