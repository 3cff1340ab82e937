import { clockTime, day } from "@/words/times";

import type { Activity } from "../shapes";

export function left(activity: Activity): number {
  return Math.max(0, activity.capacity - (activity.enrolled ?? 0));
}

/** 11月21日 周六 14:30–16:00 */
export function when(activity: Pick<Activity, "start_time" | "end_time">, now: Date): string {
  const start = `${day(activity.start_time, now)} ${clockTime(activity.start_time)}`;
  const sameDay = day(activity.start_time) === day(activity.end_time);
  return `${start}–${sameDay ? "" : `${day(activity.end_time, now)} `}${clockTime(activity.end_time)}`;
}

/** Whether enrolling is possible by the clock; the server decides in the end. */
export function enrolOpen(activity: Activity, now: Date): boolean {
  if (activity.state !== "PUBLISHED") return false;
  const until = activity.enrol_until_time ?? activity.start_time;
  return new Date(until).getTime() > now.getTime();
}
