import type { Message } from "../shapes";

const PAGES: Readonly<Record<string, string>> = {
  requests: "/requests",
  opinions: "/opinions",
  cases: "/cases",
  calendar: "/activities",
  hazards: "/hazards",
  listings: "/listings",
  reports: "/reports",
  finds: "/finds",
};

/** Capabilities whose records have no page of their own: their list shows them. */
const LISTS: Readonly<Record<string, string>> = {
  rewards: "/rewards",
  visits: "/visits",
  zones: "/zones",
  honours: "/honours",
  appraisal: "/appraisal",
  reviews: "/appraisal",
  members: "/organisations",
  affiliations: "/organisations",
  transfers: "/organisations",
  development: "/development",
  guests: "/guests",
  dispatch: "/dispatch",
  "community-checkins": "/community",
  obligations: "/obligations",
  "outgoing-transfers": "/home-members",
  "home-affiliations": "/home-members",
};

/** The page that a message is about; empty when it stands for itself. */
export function targetOf(message: Message): string {
  const list = LISTS[message.subject_capability ?? ""];
  if (list) return list;
  const page = PAGES[message.subject_capability ?? ""];
  return page && message.subject_id ? `${page}/${message.subject_id}` : "";
}
