import { fileUrl } from "@/api";

/** Saves a document of the API, e.g. plaques to be printed, under a name. */
export async function saveDocument(route: string, name: string): Promise<void> {
  const url = await fileUrl(route);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
