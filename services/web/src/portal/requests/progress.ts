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
