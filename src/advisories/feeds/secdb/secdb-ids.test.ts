import { expect, test } from "vitest";
import { idsNamedIn, readSecdbIds } from "./secdb-ids.ts";

test.each([
  ["CVE-2022-37434", ["CVE-2022-37434"]],
  [" CVE-2019-1234 (+)", ["CVE-2019-1234"]],
  ["CVE-2017-2616 (+ regression fix)", ["CVE-2017-2616"]],
  ["CVE_2019-2426", ["CVE-2019-2426"]],
  ["CVE 2018-16859", ["CVE-2018-16859"]],
  ["CVE-2017-8073.patch", ["CVE-2017-8073"]],
  ["CVE-2017-17434-1", ["CVE-2017-17434"]],
  ["CVE-2020-1111 CVE-2020-2222", ["CVE-2020-1111", "CVE-2020-2222"]],
  ["CVE-????-?????  XSA-295", ["XSA-295"]],
  ["ZBX-11023", ["ZBX-11023"]],
  ["wnpa-sec-2017-21", ["wnpa-sec-2017-21"]],
  ["GHSA-4374-p667-p6c8", ["GHSA-4374-p667-p6c8"]],
  ["CVE-2019-12", []],
  ["regression fix", []],
  ["", []],
])("%j names %j", (text, ids) => {
  expect(readSecdbIds(text).map(({ id }) => id)).toEqual(ids);
});

test("what stands beside a CVE is another name of it only when it cannot cover several", () => {
  expect(readSecdbIds("CVE-2018-19961 XSA-275")).toEqual([{ id: "CVE-2018-19961", aliases: [], related: ["XSA-275"] }]);
  expect(readSecdbIds("CVE-2023-1111 GHSA-4374-p667-p6c8")).toEqual([
    { id: "CVE-2023-1111", aliases: ["GHSA-4374-p667-p6c8"], related: [] },
  ]);
  expect(readSecdbIds("CVE-2023-1111 CVE-2023-2222 GHSA-4374-p667-p6c8")).toEqual([
    { id: "CVE-2023-1111", aliases: [], related: ["GHSA-4374-p667-p6c8"] },
    { id: "CVE-2023-2222", aliases: [], related: ["GHSA-4374-p667-p6c8"] },
  ]);
});

test("a text without end takes no longer than its beginning", () => {
  expect(readSecdbIds("CVE-2020-1111 ".repeat(100_000))).toHaveLength(1);
  expect(readSecdbIds(`a${"-1".repeat(1_000_000)}`)).toEqual([]);
});

test("identifiers are found anywhere in a value of another shape", () => {
  const value = [{ id: "CVE-2022-1111", also: { "XSA-275 (+)": ["GHSA-4374-p667-p6c8"] } }, "CVE_2019-2426", 3, null];
  expect(idsNamedIn(value)).toEqual(new Set(["CVE-2022-1111", "XSA-275", "GHSA-4374-p667-p6c8", "CVE-2019-2426"]));
  const deep: unknown = JSON.parse(`${"[".repeat(200_000)}"CVE-2022-1111"${"]".repeat(200_000)}`);
  expect([...idsNamedIn(deep)]).toEqual(["CVE-2022-1111"]);
  expect([...idsNamedIn(undefined)]).toEqual([]);
});

test.each([
  "XSA-295",
  "TALOS-2020-1234",
  "ZBX-11023",
  "wnpa-sec-2017-21",
  "GHSA-4374-p667-p6c8",
  "CGA-4374-p667-p6c8",
  "GO-2023-1234",
  "PYSEC-2023-12",
  "RUSTSEC-2023-0001",
])("%s is one of them", (id) => {
  expect([...idsNamedIn({ fixes: id })]).toEqual([id]);
});

test("a word that could be the name of a package or a version is none of them", () => {
  expect([...idsNamedIn(["font-adobe-100dpi", "go-2", "talos-1", "1.2-r0", { "py3-abc-2": "libx11-1" }])]).toEqual([]);
});

test("what is too long to be looked through is an error, as the rest may name more", () => {
  expect([...idsNamedIn(`CVE-2022-1111 ${"a ".repeat(1_000_000)}CVE-2022-2222`)]).toHaveLength(2);
  expect(() => idsNamedIn(["a ".repeat(9_000_000)])).toThrow("have more than");
});
