import { expect, test } from "vitest";
import { ecosystemBase, normaliseName } from "./package-name.ts";

test("PyPI names are alike whatever their case and separators", () => {
  expect(normaliseName("PyPI", "Flask__Cors.X")).toBe("flask-cors-x");
});

test("NuGet, Packagist and VSCode names are alike whatever their case", () => {
  expect(normaliseName("NuGet", "Newtonsoft.Json")).toBe("newtonsoft.json");
  expect(normaliseName("Packagist", "Symfony/HTTP")).toBe("symfony/http");
  expect(normaliseName("VSCode", "GitHub.vscode-pull-request")).toBe("github.vscode-pull-request");
});

test("names of other ecosystems stay as they are, with or without a release", () => {
  expect(normaliseName("npm", "JSONStream")).toBe("JSONStream");
  expect(normaliseName("Debian:12", "libX11")).toBe("libX11");
});

test("the suffix of a release begins at the first colon", () => {
  expect(ecosystemBase("Ubuntu:22.04:LTS")).toBe("Ubuntu");
  expect(ecosystemBase("npm")).toBe("npm");
});

test("Go's modules are alike whatever their case, as package URLs write them", () => {
  expect(normaliseName("Go", "github.com/Masterminds/semver")).toBe("github.com/masterminds/semver");
});

test("Swift's packages are alike whatever their case and the end of their repository's address", () => {
  expect(normaliseName("SwiftURL", "github.com/Vapor/vapor")).toBe("github.com/vapor/vapor");
  expect(normaliseName("SwiftURL", "github.com/apple/swift-nio.git")).toBe("github.com/apple/swift-nio");
  expect(normaliseName("SwiftURL", "github.com/apple/swift-nio.git/swift-nio")).toBe("github.com/apple/swift-nio");
  expect(normaliseName("SwiftURL", "https://github.com/Vapor/jwt.git")).toBe("github.com/vapor/jwt");
  expect(normaliseName("SwiftURL", "HTTPS://github.com/vapor/vapor/")).toBe("github.com/vapor/vapor");
});
