import { describe, expect, it } from "vitest";
import { reactive } from "vue";

import { Problem } from "@/api/problem";
import {
  checkForm,
  copyOf,
  emptyForm,
  serverErrors,
  toBody,
  toInstant,
  toLocal,
  toPatch,
  type FieldSpec,
} from "@/staff/forms";

const FIELDS: FieldSpec[] = [
  { name: "name", label: "名称", required: true, max: 5 },
  { name: "kind", label: "类型", kind: "choice" },
  { name: "days", label: "天数", kind: "number", min: 1, max: 30 },
  { name: "when", label: "时间", kind: "moment" },
  { name: "live", label: "开放", kind: "yes" },
  { name: "files", label: "文件", kind: "files" },
  { name: "why", label: "理由", required: true, when: (form) => form["kind"] === "OTHER" },
];

describe("a form as data", () => {
  it("begins with what a page shows, and leaves that alone", () => {
    const shown = reactive({ name: "名称", verbs: ["update"] });
    const form = copyOf({ ...shown });
    form.verbs.push("retire");
    expect(shown.verbs).toEqual(["update"]);
  });


  it("names what is missing or wrong, and only what is shown", () => {
    const form = emptyForm(FIELDS);
    expect(Object.keys(checkForm(FIELDS, form))).toEqual(["name"]);
    Object.assign(form, { name: "六个字的名称", days: "31", kind: "OTHER" });
    expect(Object.keys(checkForm(FIELDS, form))).toEqual(["name", "days", "why"]);
    Object.assign(form, { name: "好", days: "x", kind: "A" });
    expect(Object.keys(checkForm(FIELDS, form))).toEqual(["days"]);
  });

  it("sends what was filled in, trimmed, files as references, moments as instants", () => {
    const form = { ...emptyForm(FIELDS), name: " 茶艺社 ", days: "3", when: "2026-11-21T14:30", live: true };
    Object.assign(form, { files: [{ reference: "r1", name: "a", content_type: "image/png", size: 1 }], why: "hidden" });
    expect(toBody(FIELDS, form)).toEqual({
      name: "茶艺社",
      days: 3,
      when: "2026-11-21T06:30:00.000Z",
      live: true,
      files: ["r1"],
    });
  });

  it("patches only what changed, and empties what was emptied", () => {
    const before = { ...emptyForm(FIELDS), name: "甲", kind: "A", days: 3, live: true };
    expect(toPatch(FIELDS, before, { ...before })).toEqual({});
    expect(toPatch(FIELDS, before, { ...before, name: "乙", kind: "", live: false })).toEqual({
      name: "乙",
      kind: "",
      live: false,
    });
  });

  it("reads moments in the district's time zone, whatever the browser's", () => {
    expect(toInstant("2026-01-01T00:00")).toBe("2025-12-31T16:00:00.000Z");
    expect(toLocal("2025-12-31T16:00:00Z")).toBe("2026-01-01T00:00");
    expect(toLocal(undefined)).toBe("");
  });

  it("puts the server's words beside the field they are about", () => {
    const problem = new Problem(400, {
      fields: [
        { field: "name", reason: "TOO_LONG", detail: "太长" },
        { field: "files[0]", reason: "FILE", detail: "文件无效" },
        { field: "elsewhere", reason: "X", detail: "x" },
      ],
    });
    expect(serverErrors(FIELDS, problem)).toEqual({ name: "太长", files: "文件无效" });
  });
});
