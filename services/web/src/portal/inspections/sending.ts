import { api, keptPhoto, uploadFile, type Problem } from "@/api";

import { sender } from "../sending";
import { bodyOf, forget, photosOf, type Report } from "./book";

const STALE_PHOTO = "FILE_REFERENCE_INVALID";

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

/** Photos that were stored too long ago are stored again. */
function mend(report: Report, problem: Problem): boolean {
  if (problem.reason !== STALE_PHOTO) return false;
  for (const photo of photosOf(report)) photo.reference = "";
  return true;
}

export const { sending, sendWaiting } = sender<Report>(send, { forget, mend });
