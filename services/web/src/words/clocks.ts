import type { Tone } from "@/design/states";
import { locale } from "@/words";

import { causeWord, clockWord, say } from "./sla.words";
import { moment, relative, span } from "./times";

/** A clock as either face reads it: what is not set is missing on one, "UNSPECIFIED" on the other. */
export interface SlaClock {
  kind?: string;
  standing?: string;
  promised_seconds: string;
  used_seconds: string;
  due_time?: string;
  stop_time?: string;
  segments?: readonly {
    begin_time?: string;
    end_time?: string;
    running: boolean;
    cause?: string;
    used_seconds: string;
    version: string;
  }[];
  level?: string;
  next_level?: string;
  next_level_time?: string;
  calendar?: { name_zh: string; name_en: string; shifts: readonly string[]; every_day: boolean };
}

/** What a list knows of the promise that falls due next. */
export interface Due {
  state?: string;
  next_due_clock?: string;
  next_due_time?: string;
  warn_time?: string;
}

export interface DueStanding {
  tone: Tone;
  word: string;
  text: string;
}

/** How a request stands with its promises: a colour, a word and when; nothing where nothing is owed. */
export function dueOf(ticket: Due, now: Date): DueStanding | undefined {
  if (!ticket.next_due_time) {
    return ticket.state === "WAITING" ? { tone: "neutral", word: say("paused"), text: "" } : undefined;
  }
  const due = new Date(ticket.next_due_time);
  const clock = clockWord(ticket.next_due_clock);
  if (due < now) {
    const over = span((now.getTime() - due.getTime()) / 1000);
    return { tone: "danger", word: say("over"), text: say("was", { clock, span: over }) };
  }
  const text = say("due", { clock, when: relative(due, now) });
  const soon = ticket.warn_time ? new Date(ticket.warn_time) < now : false;
  return soon ? { tone: "warning", word: say("soon"), text } : { tone: "success", word: say("ok"), text };
}

/** Working time as people say it: 2小时30分, never in days, since a working day is not one. */
export function workingTime(seconds: number | string): string {
  const minutes = Math.round(Number(seconds) / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const zh = locale.value === "zh";
  const parts = [
    hours > 0 ? `${hours}${zh ? "小时" : " h"}` : "",
    rest > 0 || hours === 0 ? `${rest}${zh ? "分钟" : " min"}` : "",
  ];
  return parts.filter(Boolean).join(zh ? "" : " ");
}

/** A clock in a sentence. */
export function clockSentence(clock: SlaClock, now: Date): string {
  const amount = workingTime(clock.promised_seconds);
  const used = workingTime(clock.used_seconds);
  switch (clock.standing) {
    case "RUNNING":
      return say("running", { amount, used, due: moment(clock.due_time, now) });
    case "PAUSED":
      return say("pausedText", { amount, used, cause: causeWord(clock.segments?.at(-1)?.cause) });
    case "OVERDUE":
      return say("overdue", {
        amount,
        due: moment(clock.due_time, now),
        over: workingTime(Number(clock.used_seconds) - Number(clock.promised_seconds)),
      });
    case "MET":
      return say("met", { stop: moment(clock.stop_time, now), used, amount });
    case "MISSED":
      return say("missed", { stop: moment(clock.stop_time, now), used, amount });
    default:
      return say("ended");
  }
}

/** Which working time a clock counts. */
export function calendarSentence(clock: SlaClock): string {
  const calendar = clock.calendar;
  if (!calendar) return "";
  const name = locale.value === "zh" || !calendar.name_en ? calendar.name_zh : calendar.name_en;
  const shifts = calendar.shifts.join(locale.value === "zh" ? "、" : ", ");
  return say(calendar.every_day ? "calendarEvery" : "calendarDays", { name, shifts });
}

const TONES: Readonly<Record<string, Tone>> = {
  RUNNING: "info",
  PAUSED: "neutral",
  OVERDUE: "danger",
  MET: "success",
  MISSED: "danger",
  ENDED: "neutral",
};

export function toneOfStanding(standing: string | undefined): Tone {
  return TONES[standing ?? ""] ?? "neutral";
}
