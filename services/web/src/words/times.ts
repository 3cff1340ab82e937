import { locale } from "./index";

const ZONE = "Asia/Shanghai";

function parts(date: Date): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
  const found = Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]));
  // en-GB pads days and months beside a weekday, whatever "numeric" says.
  return { ...found, day: String(Number(found["day"])), month: String(Number(found["month"])) };
}

const WEEKDAYS: Readonly<Record<string, string>> = {
  Mon: "周一",
  Tue: "周二",
  Wed: "周三",
  Thu: "周四",
  Fri: "周五",
  Sat: "周六",
  Sun: "周日",
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 11月21日 周六 14:30, with the year in front when it is not this year. Always the district's time zone. */
export function moment(value: string | Date | undefined, now: Date = new Date()): string {
  if (!value) return "";
  const date = typeof value === "string" ? new Date(value) : value;
  if (Number.isNaN(date.getTime())) return "";
  const p = parts(date);
  const sameYear = p["year"] === parts(now)["year"];
  const clock = `${p["hour"]}:${p["minute"]}`;
  if (locale.value === "zh") {
    return `${sameYear ? "" : `${p["year"]}年`}${p["month"]}月${p["day"]}日 ${WEEKDAYS[p["weekday"] ?? ""] ?? ""} ${clock}`;
  }
  const month = MONTHS[Number(p["month"]) - 1] ?? "";
  return `${p["weekday"]} ${p["day"]} ${month}${sameYear ? "" : ` ${p["year"]}`} ${clock}`;
}

/** 11月21日 周六 */
export function day(value: string | Date | undefined, now: Date = new Date()): string {
  return moment(value, now).replace(/ \d{2}:\d{2}$/, "");
}

/** 2026-11-21, the district's day, as the contracts write it. */
export function isoDay(at: string | Date = new Date()): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(at));
}

/** 14:30 */
export function clockTime(value: string | Date | undefined): string {
  const text = moment(value);
  return text.slice(-5);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** 3小时前, 2天后; under a minute it is 刚刚. */
export function relative(value: string | Date | undefined, now: Date = new Date()): string {
  if (!value) return "";
  const date = typeof value === "string" ? new Date(value) : value;
  const seconds = (date.getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return "";
  const format = new Intl.RelativeTimeFormat(locale.value === "zh" ? "zh-CN" : "en", { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return locale.value === "zh" ? "刚刚" : "just now";
}

/** A span such as 2小时15分. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  const zh = locale.value === "zh";
  const pieces = [
    days > 0 ? `${days}${zh ? "天" : " d"}` : "",
    hours > 0 ? `${hours}${zh ? "小时" : " h"}` : "",
    minutes > 0 && days === 0 ? `${minutes}${zh ? "分" : " min"}` : "",
  ].filter(Boolean);
  if (pieces.length === 0) return zh ? "不到1分钟" : "under a minute";
  return pieces.join(zh ? "" : " ");
}

/** 1,234 */
export function count(value: number | string | undefined): string {
  if (value === undefined) return "–";
  return new Intl.NumberFormat("en-US").format(Number(value));
}
