import { effectScope, type EffectScope } from "vue";

import { dropPhoto, newKey, useDraft } from "@/api";
import { CHECK_CLASSES } from "@/words/terms.words";

import type { Waiting } from "../sending";

/** A photo on the device; `reference` is there once it has been stored with the district. */
export interface Photo {
  id: string;
  name: string;
  reference: string;
}

export interface Answer {
  result: "" | "GOOD" | "PROBLEM" | "ABSENT";
  remark: string;
  major: boolean;
  photos: Photo[];
}

/** One inspection as it is filled in at the place. */
export interface Report extends Waiting {
  site: string;
  siteName: string;
  /** The planned inspection that this is, if one was planned. */
  plan: string;
  at: string;
  checks: Record<string, Answer>;
  remark: string;
}

interface Place {
  id: string;
  name: string;
}

/** What an inspector carries: the places as last read, what is being filled in, and what waits for a link. */
export interface Book {
  places: Place[];
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
    () => useDraft<Book>(owner, `inspections.${tenant}`, () => ({ places: [], open: {}, waiting: [] })).form,
  ) as Book;
  current = { name, scope, book };
  return book;
}

export function begin(book: Book, site: Place, plan: string): Report {
  const known = book.open[site.id];
  if (known) {
    if (plan) known.plan = plan;
    return known;
  }
  book.open[site.id] = {
    site: site.id,
    siteName: site.name,
    plan,
    at: new Date().toISOString(),
    checks: Object.fromEntries(
      CHECK_CLASSES.map((code): [string, Answer] => [code, { result: "", remark: "", major: false, photos: [] }]),
    ),
    remark: "",
    key: newKey(),
    refused: "",
  };
  return book.open[site.id] as Report;
}

export function photosOf(report: Report): Photo[] {
  return Object.values(report.checks).flatMap((check) => check.photos);
}

export async function forget(report: Report): Promise<void> {
  await Promise.all(photosOf(report).map((photo) => dropPhoto(photo.id)));
}

/** The request's body: the same words for the same report, whenever it is sent. */
export function bodyOf(report: Report): object {
  return {
    site_id: report.site,
    ...(report.plan ? { inspection_id: report.plan } : {}),
    inspect_time: report.at,
    checks: CHECK_CLASSES.map((code) => {
      const answer = report.checks[code];
      const wrong = answer?.result === "PROBLEM";
      return {
        check_class: code,
        result: answer?.result,
        ...(answer?.remark.trim() ? { remark: answer.remark.trim() } : {}),
        ...(wrong ? { severity: answer.major ? "MAJOR" : "GENERAL" } : {}),
        attachments: (answer?.photos ?? []).map((photo) => photo.reference),
      };
    }),
    ...(report.remark.trim() ? { remark: report.remark.trim() } : {}),
  };
}
