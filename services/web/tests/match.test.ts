import { describe, expect, it } from "vitest";

import { find, pairs } from "@/portal/find/match";

const ITEMS = [
  { key: "bookkeeping", names: ["代理记账", "Bookkeeping"], texts: ["每月为企业记账、出报表"] },
  { key: "invoice", names: ["代理开票", "Invoicing"], texts: ["代企业向税务机关申请开具发票"] },
  { key: "tax", names: ["税务咨询", "Tax advice"], texts: ["解答申报、优惠和发票问题"] },
  { key: "registration", names: ["工商注册", "Company registration"], texts: ["设立、变更、注销的全程代办"] },
  { key: "licence", names: ["营业执照变更"], texts: ["市场监管窗口办理"] },
];
const keys = (query: string): string[] => find(query, ITEMS).map((one) => one.key);

describe("finding by words", () => {
  it("puts the item that has the name first", () => {
    expect(keys("代理记账")[0]).toBe("bookkeeping");
    expect(keys("记账")[0]).toBe("bookkeeping");
    expect(keys("tax")[0]).toBe("tax");
  });

  it("understands what people say instead", () => {
    expect(keys("做账")[0]).toBe("bookkeeping");
    expect(keys("注册公司")[0]).toBe("registration");
    expect(keys("开发票")[0]).toBe("invoice");
  });

  it("mixes service items and window matters in one list", () => {
    expect(keys("营业执照")).toContain("licence");
    expect(keys("营业执照")).toContain("registration");
  });

  it("finds nothing rather than anything", () => {
    expect(keys("火星旅行")).toEqual([]);
  });

  it("lists everything when nothing was typed", () => {
    expect(keys("  ")).toHaveLength(ITEMS.length);
  });

  it("compares neighbouring characters", () => {
    expect([...pairs("代理记账")]).toEqual(["代理", "理记", "记账"]);
  });
});
