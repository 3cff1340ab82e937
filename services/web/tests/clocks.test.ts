import { beforeAll, describe, expect, it } from "vitest";

import { locale } from "@/words";
import { calendarSentence, clockSentence, dueOf, workingTime, type SlaClock } from "@/words/clocks";

beforeAll(() => {
  locale.value = "zh";
});

const now = new Date("2026-11-20T03:00:00Z");
const ticket = {
  state: "ASSIGNED",
  next_due_clock: "RESOLUTION",
  next_due_time: "2026-11-20T05:00:00Z",
  warn_time: "2026-11-20T04:00:00Z",
};
const clock = (part: Partial<SlaClock>): SlaClock =>
  ({ kind: "RESOLUTION", standing: "RUNNING", promised_seconds: "7200", used_seconds: "1800", segments: [], ...part }) as SlaClock;

describe("a promise in a list", () => {
  it("has a colour and a word", () => {
    expect(dueOf(ticket, now)).toMatchObject({ tone: "success", word: "正常" });
    expect(dueOf(ticket, new Date("2026-11-20T04:30:00Z"))).toMatchObject({ tone: "warning", word: "临期" });
    expect(dueOf(ticket, new Date("2026-11-20T06:00:00Z"))).toMatchObject({ tone: "danger", text: "办结已超 1小时" });
    expect(dueOf({ state: "WAITING" }, now)).toMatchObject({ tone: "neutral", word: "已暂停" });
    expect(dueOf({ state: "CLOSED" }, now)).toBeUndefined();
  });
});

describe("a clock in a sentence", () => {
  it("says what is promised, used and due", () => {
    expect(clockSentence(clock({ due_time: "2026-11-20T05:00:00Z" }), now)).toBe(
      "承诺 2小时，已用 30分钟，最迟 11月20日 周五 13:00。",
    );
  });

  it("says why it pauses and by how much it is over", () => {
    const paused = clock({ standing: "PAUSED", segments: [{ cause: "WAITING", running: false, used_seconds: "0", version: "0" }] });
    expect(clockSentence(paused, now)).toContain("正在等待补充，暂停计时");
    const over = clock({ standing: "OVERDUE", used_seconds: "9000", due_time: "2026-11-20T02:00:00Z" });
    expect(clockSentence(over, now)).toContain("已超 30分钟");
  });

  it("names the working time it counts", () => {
    const calendar = { name_zh: "工作时间", name_en: "Office hours", shifts: ["08:30-12:00"], every_day: false };
    expect(calendarSentence(clock({ calendar }))).toBe("按“工作时间”计时：工作日 08:30-12:00，节假日不计。");
    expect(workingTime(25 * 3600)).toBe("25小时");
  });
});
