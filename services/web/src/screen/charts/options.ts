import type { ChartOption } from "./draw";
import type { ChartTokens } from "./tokens";

export interface Bar {
  label: string;
  /** Undefined is n/a: no bar, and the words say so. */
  value: number | undefined;
  words: string;
}

const CHANGE_MS = 200;

function base(tokens: ChartTokens): ChartOption {
  return {
    animation: !tokens.still,
    animationDuration: CHANGE_MS,
    animationDurationUpdate: CHANGE_MS,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: tokens.ink },
    // Patterns besides colour.
    aria: { enabled: true, decal: { show: true } },
    tooltip: {
      // HTML tooltips carry style attributes, which the Content-Security-Policy forbids.
      renderMode: "richText",
      backgroundColor: tokens.surface,
      borderColor: tokens.line,
      textStyle: { color: tokens.ink, fontSize: tokens.text },
    },
  };
}

/** Lying bars, first on top: names may be long, figures stand at the end of the bar. */
export function barsOption(tokens: ChartTokens, bars: readonly Bar[], mark?: { value: number; words: string }): ChartOption {
  const size = tokens.text;
  return {
    ...base(tokens),
    grid: { left: 0, right: tokens.text * 6.5, top: mark ? tokens.rem * 1.6 : tokens.rem * 0.25, bottom: 0, containLabel: true },
    xAxis: {
      type: "value",
      min: 0,
      max: Math.max(mark?.value ?? 0, ...bars.map((one) => one.value ?? 0)) || 1,
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map((one) => one.label),
      axisLabel: { color: tokens.ink, fontSize: size, width: tokens.text * 11, overflow: "truncate" },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: tokens.line } },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: tokens.rem * 1.4,
        itemStyle: { color: tokens.series[0], borderRadius: [0, 3, 3, 0] },
        label: {
          show: true,
          position: "right",
          color: tokens.ink,
          fontSize: size,
          formatter: (one) => bars[one.dataIndex]?.words ?? "",
        },
        data: bars.map((one) => one.value ?? 0),
        ...(mark
          ? {
              markLine: {
                symbol: "none",
                silent: true,
                lineStyle: { color: tokens.soft, type: "dashed" as const },
                label: { position: "start" as const, formatter: mark.words, color: tokens.soft, fontSize: size },
                data: [{ xAxis: mark.value }],
              },
            }
          : {}),
      },
    ],
  };
}

export interface Line {
  name: string;
  /** May be shorter than the labels: what lies ahead has no point, rather than a zero. */
  values: number[];
}

export function linesOption(tokens: ChartTokens, labels: readonly string[], lines: readonly Line[]): ChartOption {
  const size = tokens.text;
  const dashes = ["solid", "dashed", "dotted"] as const;
  const symbols = ["circle", "rect", "triangle"] as const;
  return {
    ...base(tokens),
    tooltip: { ...base(tokens).tooltip, trigger: "axis" },
    legend: { top: 0, left: 0, itemGap: tokens.rem, textStyle: { color: tokens.ink, fontSize: size } },
    grid: { left: 0, right: tokens.rem, top: tokens.rem * 2.2, bottom: 0, containLabel: true },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: [...labels],
      axisLabel: { color: tokens.soft, fontSize: size, hideOverlap: true },
      axisLine: { lineStyle: { color: tokens.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      axisLabel: { color: tokens.soft, fontSize: size },
      splitLine: { lineStyle: { color: tokens.line } },
    },
    series: lines.map((line, index) => ({
      type: "line" as const,
      name: line.name,
      data: line.values,
      color: tokens.series[index] ?? tokens.ink,
      symbol: symbols[index] ?? "circle",
      symbolSize: tokens.rem * 0.5,
      showSymbol: labels.length <= 31,
      lineStyle: { width: Math.max(2, tokens.rem / 7), type: dashes[index] ?? "solid" },
    })),
  };
}
