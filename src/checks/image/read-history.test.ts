import { expect, test } from "vitest";
import { readHistory } from "./read-history.ts";

test.each([
  ["/bin/sh -c #(nop)  ENV A=b", "ENV", "A=b"],
  ["ENV A=b", "ENV", "A=b"],
  ["COPY a /b # buildkit", "COPY", "a /b"],
  ["/bin/sh -c apk add a", "RUN", "apk add a"],
  ["RUN /bin/sh -c apk add a # buildkit", "RUN", "apk add a"],
  ["RUN /bin/bash -o pipefail -c a | b # buildkit", "RUN", "a | b"],
  ["|1 A=b /bin/sh -c make", "RUN", "make"],
  ["bazel build", "", "bazel build"],
  ["", "", ""],
])("%s is read as %s", (createdBy, keyword, text) => {
  expect(readHistory([{ createdBy, isEmptyLayer: false }])[0]).toMatchObject({ keyword, text });
});

test("build arguments keep values with blanks", () => {
  const createdBy = "RUN |2 A=one two B=3 /bin/sh -c make # buildkit";
  expect(readHistory([{ createdBy, isEmptyLayer: false }])[0]?.buildArguments).toEqual([
    { name: "A", value: "one two" },
    { name: "B", value: "3" },
  ]);
});
