import { effectScope, type EffectScope } from "vue";

import { api, newKey, useDraft } from "@/api";

import { sender, type Waiting } from "../sending";
import type { VisitMap } from "../shapes";

export interface Need {
  item: string;
  words: string;
}

/** One visit as it is filled in on the spot. */
export interface Report extends Waiting {
  kind: Kind;
  id: string;
  name: string;
  at: string;
  code: string;
  remark: string;
  needs: Need[];
}

export type Kind = "enterprise" | "site";

export interface Item {
  id: string;
  name_zh: string;
  name_en: string;
}

/** What a visitor carries: the plan's map and the services as last read, what is begun, what waits for a link. */
export interface Book {
  maps: VisitMap[];
  items: Item[];
  open: Record<string, Report>;
  waiting: Report[];
}

let current: { name: string; scope: EffectScope; book: Book } | undefined;

/** The one book of this account here: both pages and the sending write into the same. */
export function bookOf(owner: string, tenant: string): Book {
  const name = `${owner}/${tenant}`;
  if (current?.name === name) return current.book;
  current?.scope.stop();
  const scope = effectScope(true);
  const book = scope.run(
    () => useDraft<Book>(owner, `visits.${tenant}`, () => ({ maps: [], items: [], open: {}, waiting: [] })).form,
  ) as Book;
  current = { name, scope, book };
  return book;
}

export function begin(book: Book, kind: Kind, id: string, name: string): Report {
  book.open[id] ??= {
    kind,
    id,
    name,
    at: new Date().toISOString(),
    code: "",
    remark: "",
    needs: [],
    key: newKey(),
    refused: "",
  };
  return book.open[id] as Report;
}

/** The name of somebody on one of the maps. */
export function nameIn(book: Book, id: string): string | undefined {
  return book.maps
    .flatMap((map) => map.floors)
    .flatMap((floor) => floor.places)
    .find((place) => place.id === id)?.name;
}

/** The request's body: the same words for the same report, whenever it is sent. */
function bodyOf(report: Report): object {
  return {
    target: report.kind.toUpperCase(),
    target_id: report.id,
    visit_time: report.at,
    remark: report.remark.trim(),
    ...(report.kind === "site" ? { checkin_code: report.code.trim() } : {}),
    needs: report.needs.map((need) => ({ service_item_id: need.item, summary: need.words.trim() })),
  };
}

export const { sending, sendWaiting } = sender<Report>(async (tenant, report) => {
  await api.post("/v1/tenants/{tenant}/visits", { path: { tenant }, body: bodyOf(report), key: report.key });
});
