import { span } from "@/words/times";

import type { Ticket } from "../shapes";

/** The five stations of a request as its requester sees them; the desk's finer states fold into them. */
export const STAGES = ["filed", "received", "working", "confirm", "closed"] as const;
export type Stage = (typeof STAGES)[number];

const STAGE_OF: Readonly<Record<string, number>> = {
  SUBMITTED: 0,
  TRIAGED: 1,
  ASSIGNED: 1,
  ACCEPTED: 2,
  IN_PROGRESS: 2,
  WAITING: 2,
  REFERRED: 2,
  RESOLVED: 3,
  CLOSED: 4,
  REJECTED: 4,
  WITHDRAWN: 4,
};

export function stageOf(ticket: Ticket): number {
  return STAGE_OF[ticket.state] ?? 0;
}

/** What the requester is asked to do, if anything: it decides the order on the home page. */
export type Ask = "answer" | "confirm" | "rate" | undefined;

export function askOf(ticket: Ticket): Ask {
  const verbs = ticket.verbs ?? [];
  if (ticket.state === "WAITING") return "answer";
  if (ticket.state === "RESOLVED" && verbs.includes("confirm")) return "confirm";
  if (ticket.state === "CLOSED" && !ticket.rating && verbs.includes("rate")) return "rate";
  return undefined;
}

export function isOpen(ticket: Ticket): boolean {
  return !["CLOSED", "REJECTED", "WITHDRAWN"].includes(ticket.state);
}

/** One promised time and how it stands. */
export interface Clock {
  which: "response" | "result";
  /** met and missed are done; running, late and waiting (for the requester) are not; over ended before. */
  standing: "met" | "missed" | "running" | "late" | "waiting" | "over";
  due: string;
  done: string;
  /** Seconds left, or seconds over it. */
  seconds: number;
}

function clock(which: Clock["which"], due: string | undefined, done: string | undefined, waiting: boolean, over: boolean, now: Date): Clock | undefined {
  if (!due) return undefined;
  const limit = new Date(due).getTime();
  const end = done ? new Date(done).getTime() : now.getTime();
  const seconds = Math.abs(limit - end) / 1000;
  const inTime = end <= limit;
  let standing: Clock["standing"];
  if (done) standing = inTime ? "met" : "missed";
  else if (over) standing = "over";
  else if (!inTime) standing = "late";
  else standing = waiting ? "waiting" : "running";
  return { which, standing, due, done: done ?? "", seconds };
}

/** Both promised times of a request, the first response and the result. */
export function clocksOf(ticket: Ticket, now: Date): Clock[] {
  const over = !isOpen(ticket);
  const waiting = ticket.state === "WAITING";
  return [
    clock("response", ticket.first_response_due_time, ticket.accept_time, waiting, over, now),
    clock("result", ticket.resolution_due_time, ticket.resolve_time, waiting, over, now),
  ].filter((one) => one !== undefined);
}

/** Seconds between filing and an end, as people say it. */
export function took(ticket: Ticket, end: string): string {
  if (!end || !ticket.create_time) return "";
  return span((new Date(end).getTime() - new Date(ticket.create_time).getTime()) / 1000);
}
