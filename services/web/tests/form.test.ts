import { describe, expect, it } from "vitest";

import { check, readForm, shown, toForm, type Question } from "@/portal/order/form";

const SCHEMA = {
  type: "object",
  required: ["kind", "months"],
  "x-order": ["kind", "months", "start", "note", "phone"],
  properties: {
    note: { type: "string", title: "补充说明", maxLength: 500 },
    kind: { type: "string", title: "纳税人类型", enum: ["small", "general"], "x-labels": ["小规模纳税人", "一般纳税人"] },
    months: { type: "integer", title: "委托月数", minimum: 1, maximum: 36 },
    start: { type: "string", format: "date", title: "开始日期" },
    phone: { type: "string", format: "tel", title: "联系电话" },
  },
};

const question = (name: string): Question => {
  const found = readForm(SCHEMA)
    .flatMap((group) => group.questions)
    .find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};

describe("a form from data", () => {
  it("keeps the named order and puts at most three questions on a page", () => {
    const pages = readForm(SCHEMA).map((group) => group.questions.map((one) => one.name));
    expect(pages).toEqual([
      ["kind", "months", "start"],
      ["note", "phone"],
    ]);
  });

  it("puts a named group on a page of its own", () => {
    const schema = {
      properties: {
        a: { type: "string", title: "甲", "x-group": "企业" },
        b: { type: "string", title: "乙", "x-group": "企业" },
        c: { type: "string", title: "丙", "x-group": "联系" },
      },
    };
    expect(readForm(schema).map((group) => [group.title, group.questions.length])).toEqual([
      ["企业", 2],
      ["联系", 1],
    ]);
  });

  it("asks nothing for an item without a form", () => {
    expect(readForm({})).toEqual([]);
    expect(readForm(undefined)).toEqual([]);
  });

  it("refuses what the server would refuse, with the figure the sentence needs", () => {
    expect(check(question("months"), "")).toEqual({ reason: "required" });
    expect(check(question("months"), "many")).toEqual({ reason: "not_a_number" });
    expect(check(question("months"), "1.5")).toEqual({ reason: "not_whole" });
    expect(check(question("months"), 0)).toEqual({ reason: "too_small", n: 1 });
    expect(check(question("months"), 37)).toEqual({ reason: "too_large", n: 36 });
    expect(check(question("note"), "长".repeat(501))).toEqual({ reason: "too_long", n: 500 });
    expect(check(question("phone"), "12345")).toEqual({ reason: "bad_format" });
    expect(check(question("phone"), "13800000000")).toBeUndefined();
    expect(check(question("note"), "")).toBeUndefined();
  });

  it("sends numbers as numbers and leaves out what was not answered", () => {
    expect(toForm(readForm(SCHEMA), { months: "12", note: "  尽快 ", kind: "small", start: "", gone: "x" })).toEqual({
      months: 12,
      note: "尽快",
      kind: "small",
    });
  });

  it("shows the label of a choice", () => {
    expect(shown(question("kind"), "general", "是", "否")).toBe("一般纳税人");
  });
});
