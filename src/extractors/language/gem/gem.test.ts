import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/memory-file.ts";
import type { OpenFile } from "../../../model/file.ts";
import type { FoundPackage } from "../../../model/package.ts";
import type { Problem } from "../../../model/problem.ts";
import { describeExtractor } from "../../conformance.ts";
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
  "usr/local/bundle/bundler/gems/rake-0a1b2c/rake.gemspec",
])("language/gem passes over the source of a gem at %s", (path) => {
  expect(read("rubbish", path)).toEqual({ packages: [], problems: [] });
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

function read(text: string, path: string = `${folder}/rake-13.0.3.gemspec`): Outcome {
  return run(memoryFile(path, bytes(text)));
}

function run(file: OpenFile): Outcome {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const packages = [...gem.extract(file, context)].flatMap((value) =>
    value.kind === "package" ? [value.package] : [],
  );
  return { packages, problems };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
