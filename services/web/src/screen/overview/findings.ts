import type { Overview, TenantFigure, TrendPoint } from "@/api/contracts";
import { defineWords } from "@/words";

import { nameOf, type Code } from "../words";
import { byCode, figure, sameAs, whole } from "./figures";

/** Titles that say what a figure shows. Each is true of the very data below it, or says that there is none. */
const say = defineWords(
  {
    trendMore: "{period}办结{closed}件，比受理多{n}件，积压在减少",
    trendLess: "{period}受理{opened}件、办结{closed}件，办结比受理少{n}件",
    trendSame: "{period}受理和办结都是{opened}件",
    trendNone: "{period}还没有受理和办结",
    affairs: "{name}最多，占五务量的{share}",
    affairsTie: "{names}并列最多，各{n}件",
    affairsNone: "五务量暂无数据",
    kinds: "{name}办得最多：{n}场，共{all}场",
    kindsTie: "{names}办得最多：各{n}场，共{all}场",
    kindsNone: "还没有确认举办的活动",
    compareSpread: "{name}：{best}最好（{high}），{worst}还差{gap}",
    compareMany: "{best}等{n}个单位",
    compareSpreadCount: "{name}：{best}最多（{high}）",
    compareSame: "{name}：各单位都是{value}",
    compareOne: "{name}：只有{best}有数据（{high}）",
    compareNone: "{name}：各单位都没有可计算的记录",
    points: "{n}个百分点",
    and: "、",
  },
  {
    trendMore: "{period}: {closed} closed, {n} more than opened – the backlog shrinks",
    trendLess: "{period}: {opened} opened, {closed} closed, {n} fewer than opened",
    trendSame: "{period}: {opened} opened and as many closed",
    trendNone: "{period}: nothing opened or closed yet",
    affairs: "{name} leads with {share} of the five affairs",
    affairsTie: "{names} lead with {n} each",
    affairsNone: "The five affairs: no data",
    kinds: "Most often: {name}, {n} of {all}",
    kindsTie: "Most often: {names}, {n} each of {all}",
    kindsNone: "No activity is confirmed as held yet",
    compareSpread: "{name}: best is {best} ({high}), {worst} is {gap} behind",
    compareMany: "{best} with {others} {others?other|others}",
    compareSpreadCount: "{name}: most at {best} ({high})",
    compareSame: "{name}: {value} everywhere",
    compareOne: "{name}: only {best} has data ({high})",
    compareNone: "{name}: nothing to compute anywhere",
    points: "{n} points",
    and: ", ",
  },
);

export function trendTitle(points: readonly TrendPoint[], period: string): string {
  const opened = points.reduce((sum, one) => sum + whole(one.opened), 0);
  const closed = points.reduce((sum, one) => sum + whole(one.closed), 0);
  if (opened === 0 && closed === 0) return say("trendNone", { period });
  if (opened === closed) return say("trendSame", { period, opened });
  const n = Math.abs(opened - closed);
  return closed > opened ? say("trendMore", { period, closed, n }) : say("trendLess", { period, opened, closed, n });
}

export interface Share {
  key: string;
  label: string;
  count: number;
}

export function sharesOf(
  overview: Overview | undefined,
  code: Code,
  dimension: string,
  keys: readonly string[],
  label: (key: string) => string,
): Share[] {
  const parts = byCode(overview, code)?.parts?.filter((one) => one.dimension === dimension) ?? [];
  return keys.map((key) => ({ key, label: label(key), count: whole(parts.find((one) => one.key === key)?.count) }));
}

export function affairsTitle(shares: readonly Share[]): string {
  const all = shares.reduce((sum, one) => sum + one.count, 0);
  if (all === 0) return say("affairsNone");
  const most = Math.max(...shares.map((one) => one.count));
  const first = shares.filter((one) => one.count === most);
  if (first.length > 1) return say("affairsTie", { names: first.map((one) => one.label).join(say("and")), n: most });
  return say("affairs", { name: first[0]?.label ?? "", share: figure(most / all, "RATIO") });
}

export function kindsTitle(shares: readonly Share[]): string {
  const all = shares.reduce((sum, one) => sum + one.count, 0);
  if (all === 0) return say("kindsNone");
  const n = Math.max(...shares.map((one) => one.count));
  const first = shares.filter((one) => one.count === n).map((one) => one.label);
  return first.length > 1 ? say("kindsTie", { names: first.join(say("and")), n, all }) : say("kinds", { name: first[0] ?? "", n, all });
}

const LESS_IS_BETTER: ReadonlySet<Code> = new Set<Code>(["REOPENING", "FIRST_RESPONSE_MEDIAN", "FIRST_RESPONSE_P90", "CLOSURE_MEDIAN"]);

/** Best first; those without data last, by name. */
export function ranked(tenants: readonly TenantFigure[], code: Code): TenantFigure[] {
  const sign = LESS_IS_BETTER.has(code) ? 1 : -1;
  return [...tenants].sort((a, b) => {
    const x = a.indicator?.value;
    const y = b.indicator?.value;
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    return sign * (x - y) || (a.name ?? "").localeCompare(b.name ?? "", "zh-CN");
  });
}

export function compareTitle(tenants: readonly TenantFigure[], code: Code): string {
  const name = nameOf(code);
  const known = ranked(tenants, code).filter((one) => one.indicator?.value !== undefined);
  const best = known[0];
  const worst = known.at(-1);
  if (!best || !worst) return say("compareNone", { name });
  const unit = best.indicator?.unit;
  const high = figure(best.indicator?.value, unit);
  if (known.length === 1) return say("compareOne", { name, best: best.name ?? "", high });
  const gap = Math.abs((best.indicator?.value ?? 0) - (worst.indicator?.value ?? 0));
  if (gap < sameAs(unit)) return say("compareSame", { name, value: high });
  const top = known.filter((one) => Math.abs((one.indicator?.value ?? 0) - (best.indicator?.value ?? 0)) < sameAs(unit));
  const leader = top.length > 1 ? say("compareMany", { best: best.name ?? "", n: top.length, others: top.length - 1 }) : (best.name ?? "");
  if (unit === "COUNT") return say("compareSpreadCount", { name, best: leader, high });
  const words = unit === "RATIO" ? say("points", { n: (gap * 100).toFixed(1) }) : figure(gap, unit);
  return say("compareSpread", { name, best: leader, high, worst: worst.name ?? "", gap: words });
}
