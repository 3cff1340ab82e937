import { ref } from "vue";

import { api, asProblem, keptPhoto, uploadFile } from "@/api";
import { explain } from "@/design";

import { bodyOf, forget, photosOf, type Book, type Report } from "./book";

const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
const SENT_BEFORE = "IDEMPOTENCY_KEY_REUSED";
const STALE_PHOTO = "FILE_REFERENCE_INVALID";

export const sending = ref(false);
let timer: ReturnType<typeof setTimeout> | undefined;
let wait = FIRST_WAIT_MS;

/** Photos first, each until it is stored; then the report under its own key. */
async function send(tenant: string, report: Report): Promise<void> {
  for (const photo of photosOf(report)) {
    if (photo.reference) continue;
    const picture = await keptPhoto(photo.id);
    if (!picture) {
      // The browser cleared its store: the words still count.
      for (const check of Object.values(report.checks)) check.photos = check.photos.filter((one) => one.id !== photo.id);
      continue;
    }
    const stored = await uploadFile(tenant, new File([picture], photo.name, { type: picture.type }));
    photo.reference = stored.reference;
  }
  await api.post("/v1/tenants/{tenant}/inspections:record", { path: { tenant }, body: bodyOf(report), key: report.key });
}

/** Whether the report is settled: accepted, or refused with a reason that waiting does not mend. */
async function settled(tenant: string, report: Report): Promise<boolean> {
  try {
    await send(tenant, report);
    return true;
  } catch (error) {
    const problem = asProblem(error);
    // It arrived earlier and only the answer was lost.
    if (problem.reason === SENT_BEFORE) return true;
    if (problem.reason === STALE_PHOTO) {
      for (const photo of photosOf(report)) photo.reference = "";
      return false;
    }
    if (problem.status >= 400 && problem.status < 500 && ![401, 408, 409, 429].includes(problem.status)) {
      report.refused = explain(problem);
    }
    return false;
  }
}

/** Sends what waits, one after the other; what could not be sent is tried again by itself. */
export async function sendWaiting(tenant: string, book: Book, sent: () => void): Promise<void> {
  if (sending.value) return;
  clearTimeout(timer);
  sending.value = true;
  try {
    for (const report of [...book.waiting]) {
      if (report.refused || !(await settled(tenant, report))) continue;
      book.waiting = book.waiting.filter((one) => one.key !== report.key);
      await forget(report);
      wait = FIRST_WAIT_MS;
      sent();
    }
  } finally {
    sending.value = false;
  }
  if (book.waiting.some((one) => !one.refused)) {
    timer = setTimeout(() => void sendWaiting(tenant, book, sent), wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

/** Follows the link: as soon as it is back, what waits is sent. */
export function followLink(again: () => void): () => void {
  window.addEventListener("online", again);
  return () => window.removeEventListener("online", again);
}
