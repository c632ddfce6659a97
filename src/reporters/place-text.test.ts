import { describe, expect, test } from "vitest";
import { instruction } from "./place-text.ts";

describe("instruction", () => {
  test.each([
    ["RUN /bin/sh -c apt-get update   # buildkit", "RUN apt-get update"],
    ["/bin/sh -c apt-get update && \tmake", "RUN apt-get update && make"],
    ["/bin/sh -c #(nop) ADD file:5d in / ", "ADD file:5d in /"],
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ["RUN |2 A=1 B=x y /bin/sh -c make # buildkit", "RUN make"],
    ["|1 A=1 /bin/sh -c make", "RUN make"],
    ["COPY app.jar /app/ # buildkit", "COPY app.jar /app/"],
    ["bazel build ...", "bazel build ..."],
    ["COPY \u001b[31m /", "COPY \\x1b[31m /"],
  ])("writes %j as %j", (createdBy, expected) => {
    expect(instruction({ index: 0, size: 0, base: false, verified: true, createdBy })).toBe(expected);
  });

  test("is undefined where the history says nothing", () => {
    expect(instruction({ index: 0, size: 0, base: false, verified: true })).toBeUndefined();
    expect(instruction({ index: 0, size: 0, base: false, verified: true, createdBy: " " })).toBeUndefined();
  });
});
