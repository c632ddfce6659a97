import { expect, test } from "vitest";
import { fixedEvents, sortVersions, splitVersion } from "./fixed-events.ts";

test("versions are sorted as rpm does, each once", () => {
  expect(sortVersions(["1:0.9-1", "0:1.10-1", "0:1.9-2", "0:1.9-2", "0:1 .9"])).toEqual([
    "0:1.9-2",
    "0:1.10-1",
    "1:0.9-1",
  ]);
});

test("a version is divided into its parts", () => {
  expect(splitVersion("1:7.76.1-23.el9_2.4")).toEqual({ epoch: "1:", version: "7.76.1", release: "23.el9_2.4" });
  expect(splitVersion("2.0-rc-1")).toEqual({ epoch: "", version: "2.0-rc", release: "1" });
  expect(splitVersion("7")).toEqual({ epoch: "", version: "7", release: "" });
});

test("of one line the lowest version is the fix", () => {
  expect(fixedEvents(["0:1-3", "0:1-2"], () => undefined)).toEqual([{ introduced: "0" }, { fixed: "0:1-2" }]);
});

test("a later line is affected from where it begins to its own fix", () => {
  const events = fixedEvents(["0:2-5", "0:1-3"], (lower, higher) => `${lower.slice(0, 3) && higher.slice(0, 4)}0`);
  expect(events).toEqual([{ introduced: "0" }, { fixed: "0:1-3" }, { introduced: "0:2-0" }, { fixed: "0:2-5" }]);
});

test("a beginning that is not between the two fixes is none", () => {
  for (const start of ["0:1-3", "0:1-1", "0:2-5", "0:3-1"]) {
    expect(fixedEvents(["0:2-5", "0:1-3"], () => start)).toEqual([{ introduced: "0" }, { fixed: "0:1-3" }]);
  }
});
