import { beforeAll, describe, expect, it } from "vitest";

import type { Indicator, Overview, TenantFigure } from "@/api/contracts";
import { figure, verdict } from "@/screen/overview/figures";
import { affairsTitle, compareTitle, ranked, sharesOf, trendTitle } from "@/screen/overview/findings";
import { isPresent, rangeWords } from "@/screen/overview/periods";
import { codeWord } from "@/screen/words";
import { locale } from "@/words";

beforeAll(() => {
  locale.value = "zh";
});

const indicator = (part: Partial<Indicator>): Indicator => ({
  code: "CLOSURE",
  number: 29,
  unit: "RATIO",
  numerator: "0",
  parts: [],
  ...part,
});
const tenant = (name: string, value?: number): TenantFigure => ({ tenant: name, name, indicator: indicator({ value }) });

describe("a figure", () => {
  it("is n/a without a denominator, never 0 or 100 %", () => {
    expect(figure(undefined, "RATIO")).toBe("n/a");
    expect(figure(0, "RATIO")).toBe("0%");
    expect(figure(0.923, "RATIO")).toBe("92.3%");
  });

  it("has its unit", () => {
    expect(figure(75, "MINUTES")).toBe("1小时15分");
    expect(figure(4.712, "SCORE")).toBe("4.71");
    expect(figure(1234, "COUNT")).toBe("1,234");
  });

  it("is good below its target where less is better", () => {
    expect(verdict(indicator({ value: 0.95, target: 0.9 }))).toBe("good");
    expect(verdict(indicator({ code: "REOPENING", value: 0.06, target: 0.05 }))).toBe("short");
    expect(verdict(indicator({ value: 0.95 }))).toBe("plain");
    expect(verdict(indicator({ target: 0.9 }))).toBe("plain");
  });
});

describe("a title", () => {
  const point = (opened: number, closed: number) => ({ opened: String(opened), closed: String(closed), held: "0" });

  it("says what the trend shows", () => {
    expect(trendTitle([point(3, 5), point(1, 2)], "本月")).toBe("本月办结7件，比受理多3件，积压在减少");
    expect(trendTitle([point(5, 2)], "本月")).toBe("本月受理5件、办结2件，办结比受理少3件");
    expect(trendTitle([point(2, 2)], "本月")).toBe("本月受理和办结都是2件");
    expect(trendTitle([point(0, 0)], "本月")).toBe("本月还没有受理和办结");
  });

  it("names the affair with most, or those that tie", () => {
    const overview = {
      indicators: [
        indicator({
          code: "AFFAIRS_VOLUME",
          parts: [
            { dimension: "affairs", key: "BUSINESS", count: "6" },
            { dimension: "affairs", key: "LEGAL", count: "2" },
            { dimension: "station", key: "ENTERPRISE", count: "8" },
          ],
        }),
      ],
    } as unknown as Overview;
    const shares = sharesOf(overview, "AFFAIRS_VOLUME", "affairs", ["PARTY", "BUSINESS", "LEGAL"], codeWord);
    expect(shares.map((one) => one.count)).toEqual([0, 6, 2]);
    expect(affairsTitle(shares)).toBe("商务最多，占五务量的75.0%");
    expect(affairsTitle([])).toBe("五务量暂无数据");
    expect(affairsTitle(shares.map((one) => ({ ...one, count: 1 })))).toBe("党务、商务、法务并列最多，各1件");
  });

  it("compares tenants honestly", () => {
    const tenants = [tenant("甲", 0.7), tenant("乙"), tenant("丙", 0.9)];
    expect(ranked(tenants, "CLOSURE").map((one) => one.name)).toEqual(["丙", "甲", "乙"]);
    expect(compareTitle(tenants, "CLOSURE")).toBe("办结率：丙最好（90.0%），甲还差20.0个百分点");
    expect(compareTitle([tenant("甲", 0.7)], "CLOSURE")).toBe("办结率：只有甲有数据（70.0%）");
    expect(compareTitle([tenant("甲")], "CLOSURE")).toBe("办结率：各单位都没有可计算的记录");
    expect(compareTitle([tenant("甲", 1), tenant("乙", 1)], "CLOSURE")).toBe("办结率：各单位都是100%");
  });
});

describe("a period", () => {
  const range = { period: "MONTH" as const, start_time: "2026-10-31T16:00:00Z", end_time: "2026-11-30T16:00:00Z" };

  it("ends the day before its end, in the district's time", () => {
    expect(rangeWords(range)).toMatch(/11月1日 周日 至 .*11月30日 周一/);
  });

  it("knows whether there is anything later", () => {
    expect(isPresent(range, new Date("2026-11-21T00:00:00Z"))).toBe(true);
    expect(isPresent(range, new Date("2026-12-01T00:00:00Z"))).toBe(false);
  });
});
