import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { echoNpm } from "./echo-npm.ts";

describeScheme(echoNpm, {
  ascending: ["1.2.3-rc.1", "1.2.3", "1.2.3+echo.1", "1.2.3+echo.2", "1.2.3+echo.10", "1.2.4-a+echo.1", "1.2.4"],
  equal: [
    ["1.2.3", "v1.2.3", "1.2.3+echo.0", "1.2.3+build.5", " 1.2.3\n"],
    ["1.2.3+echo.1", "1.2.3+echo.01"],
  ],
  refused: ["", "+echo.1", "a+echo.1", "1.2.3 +echo.1+", "1.2.3+echo 1"],
  versions: fc
    .tuple(
      fc.constantFrom("1", "1.2.0", "1.10.0", "1.2.0-a", "1.2.0-1"),
      fc.constantFrom("", "", "+echo.1", "+echo.10"),
    )
    .map((parts) => parts.join("")),
});
