import { describe, expect, test } from "vitest";
import { compileExpression, type Outcome } from "./expression.ts";
import { Meter } from "./values/meter.ts";
import { ListValue } from "./values/value.ts";

const pod = {
  kind: "Pod",
  metadata: { name: "web", labels: { app: "shop" } },
  spec: { replicas: 3, ratio: 0.5, containers: [{ name: "a", image: "nginx:1.27" }, { name: "b" }] },
};

describe("an expression", () => {
  test("reads JSON: whole numbers as int, others as double", () => {
    expect(evaluate("object.spec.replicas + 1")).toEqual({ value: 4n });
    expect(evaluate("object.spec.ratio * 2.0")).toEqual({ value: 1 });
    expect(evaluate("type(object.spec.replicas) == int && type(object.spec.ratio) == double")).toEqual({ value: true });
  });

  test("says which key is missing, and goes on without it where it is asked to", () => {
    expect(evaluate("object.spec.nodeName")).toEqual({ error: "no such key: nodeName", isUnknown: false });
    expect(evaluate("object.spec.?nodeName.orValue('none')")).toEqual({ value: "none" });
    expect(evaluate("has(object.spec.nodeName)")).toEqual({ value: false });
    expect(evaluate("[?object.spec.?nodeName, 'x'].size()")).toEqual({ value: 1n });
  });

  test("does not see what JavaScript gives to every object", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(evaluate(`has(object.${name})`)).toEqual({ value: false });
      expect(evaluate(`'${name}' in object`)).toEqual({ value: false });
      expect(evaluate(`object.${name}`)).toMatchObject({ error: `no such key: ${name}` });
    }
  });

  test("lets an operand that decides make up for a fault of another", () => {
    expect(evaluate("1 / 0 == 1 || true")).toEqual({ value: true });
    expect(evaluate("false && 1 / 0 == 1")).toEqual({ value: false });
    expect(evaluate("[0, 1].exists(n, 1 / n == 1)")).toEqual({ value: true });
    expect(evaluate("1 / 0 == 1 || false")).toEqual({ error: "division by zero", isUnknown: false });
  });

  test("binds variables of nested macros apart from each other", () => {
    expect(evaluate("[1, 2].map(x, [10, 20].map(y, x * y)) == [[10, 20], [20, 40]]")).toEqual({ value: true });
    expect(evaluate("[1, 2].all(x, [3].exists(x, x == 3)) && [5].exists(x, x == 5)")).toEqual({ value: true });
    expect(evaluate("{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}")).toEqual({ value: true });
    expect(evaluate("cel.bind(n, object.metadata.name, n + n)")).toEqual({ value: "webweb" });
  });

  test("does not overflow in silence", () => {
    expect(evaluate("object.spec.replicas + 9223372036854775807")).toMatchObject({ error: "integer overflow" });
    expect(evaluate("-9223372036854775808 == -9223372036854775807 - 1")).toEqual({ value: true });
  });

  test("counts code points in strings", () => {
    expect(evaluate("'🐱ab'.size() == 3 && '🐱ab'.substring(1) == 'ab' && '🐱ab'.indexOf('b') == 2")).toEqual({
      value: true,
    });
  });
});

describe("compiling an expression", () => {
  test("tells what is wrong and where", () => {
    expect(compileExpression("object.a\n  && objct.b", { variables: ["object"] })).toEqual({
      error: "undeclared reference to 'objct' (in container '')",
      line: 2,
      column: 6,
    });
    expect(errorOf("object.a +")).toBe("expected a value, found the end");
    expect(errorOf("object.name.matches('[')")).toContain("missing closing ]");
    expect(errorOf("object.items.map(1, 2)")).toBe("the first argument of map() must be a variable name");
    expect(errorOf("'abc")).toBe("the string is not closed");
  });

  test("finds types that never fit", () => {
    expect(errorOf("1 + 'a'")).toBe("found no matching overload for '_+_' applied to '(int, string)'");
    expect(errorOf("'a'.size() == 'b'")).toBe("found no matching overload for '_==_' applied to '(int, string)'");
    expect(errorOf("object.a && 'yes'")).toContain("'_&&_'");
    expect(errorOf("['a'].map(x, x + 1)")).toContain("'(string, int)'");
    expect(errorOf("duration('5 minutes')")).toContain("is not a duration");
  });

  test("knows for policies of Kubernetes only what an API server knows", () => {
    const options = { variables: ["object"], functions: "kubernetes" } as const;
    expect(compileExpression("[2, 1].sort()", options)).toMatchObject({ error: expect.stringContaining("'sort'") });
    expect(compileExpression("cel.bind(x, 1, x)", options)).toMatchObject({
      error: expect.stringContaining("undeclared"),
    });
    expect(compileExpression("quantity('1Gi').isLessThan(quantity('2G'))", options)).toHaveProperty("expression");
  });
});

describe("an expression that is made to do harm", () => {
  const text = `${"a".repeat(100_000)}!`;
  const numbers = Array.from({ length: 400 }, (_, index) => index);

  test.each([
    ["nested loops", "numbers.all(a, numbers.all(b, numbers.all(c, a + b + c >= 0)))"],
    ["nested lists", "numbers.map(a, numbers.map(b, numbers.map(c, numbers)))"],
    ["a long list", "lists.range(1000000000).size()"],
    [
      "a string that grows",
      "cel.bind(x, text + text + text, cel.bind(y, x + x + x + x + x, y + y + y + y + y + y + y)).size()",
    ],
    ["a string that is replaced by itself", "text.replace('', text).size()"],
    [
      "a list that is joined by a long string",
      "numbers.map(n, 'x').join(text).size() > 0 && numbers.map(n, 'x').join(text).size() > 0",
    ],
    ["a search that starts again and again", "cel.bind(x, text.substring(50000), text.lastIndexOf(x + 'b'))"],
    ["comparisons of long strings", "numbers.map(n, text + 'x').all(x, x == text + 'x')"],
    ["a large pattern on a long string", "numbers.exists(n, text.matches('([a-z]*){80}b'))"],
    ["text of values in values", "'%s'.format([numbers.map(n, text)])"],
  ])("ends at its limit: %s", (_name, source) => {
    expect(evaluateHostile(source)).toEqual({ error: "the cost limit is exceeded", isUnknown: true });
  });

  test("matches in linear time what makes backtracking explode", () => {
    expect(evaluateHostile("text.matches('^(a+)+$')")).toEqual({ value: false });
    expect(evaluateHostile("text.matches(text)")).toMatchObject({ error: expect.stringContaining("longer than") });
  });

  test("is refused when it is too deep or too long", () => {
    expect(errorOf(`${"(".repeat(5000)}1${")".repeat(5000)}`)).toBe("the expression is nested more than 250 deep");
    expect(errorOf(`${"[".repeat(100_000)}`)).toBe("the expression is nested more than 250 deep");
    expect(errorOf(Array.from({ length: 5000 }, () => "1").join("+"))).toBe(
      "the expression is nested more than 600 deep",
    );
    expect(errorOf(`object${".a".repeat(5000)}`)).toBe("the expression is nested more than 600 deep");
    expect(errorOf(`!${"!".repeat(5000)}true`)).toBe("the expression is nested more than 250 deep");
    expect(errorOf(`'${"x".repeat(100_000)}'`)).toBe("the expression is longer than 100000 characters");
  });

  test("cannot hide its cost behind an operand that decides", () => {
    expect(evaluateHostile("numbers.all(a, numbers.all(b, numbers.all(c, true))) || true")).toMatchObject({
      isUnknown: true,
    });
  });

  test("stops at data that is nested without an end, and leaves others alone", () => {
    const cyclic: Record<string, unknown> = { name: "x" };
    cyclic["self"] = [cyclic];
    const outcome = run("object == object", { object: cyclic });
    expect(outcome).toEqual({ error: expect.stringContaining("nested more than"), isUnknown: false });
    expect(run("object.name", { object: cyclic })).toEqual({ value: "x" });
  });

  test("ends at the same place every time", () => {
    const left = [0, 1].map(() => {
      const meter = new Meter(1_000_000);
      run("numbers.map(a, numbers.filter(b, b > a)).size()", { numbers }, meter);
      return meter.left;
    });
    expect(left[0]).toBe(left[1]);
    expect(left[0]).toBeLessThan(1_000_000);
  });

  function evaluateHostile(source: string): Outcome {
    return run(source, { text, numbers });
  }
});

function evaluate(source: string): Outcome {
  const outcome = run(source, { object: pod });
  return "value" in outcome && outcome.value instanceof ListValue ? { value: outcome.value } : outcome;
}

function run(source: string, values: Record<string, unknown>, meter?: Meter): Outcome {
  const compiled = compileExpression(source, { variables: Object.keys(values) });
  if ("error" in compiled) throw new Error(compiled.error);
  return compiled.expression.evaluate({ values, ...(meter ? { meter } : {}) });
}

function errorOf(source: string): string {
  const compiled = compileExpression(source, { variables: ["object"] });
  return "error" in compiled ? compiled.error : "";
}
