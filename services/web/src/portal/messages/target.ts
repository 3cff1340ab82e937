import type { Message } from "../shapes";

const PAGES: Readonly<Record<string, string>> = {
  requests: "/requests",
  opinions: "/opinions",
  cases: "/cases",
  calendar: "/activities",
  hazards: "/hazards",
};

/** The page that a message is about; empty when it stands for itself. */
export function targetOf(message: Message): string {
  const page = PAGES[message.subject_capability ?? ""];
  return page && message.subject_id ? `${page}/${message.subject_id}` : "";
}
