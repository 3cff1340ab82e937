/** What the gateway takes. Named one by one, a phone hands over its own format as JPEG. */
export const PHOTOS = "image/jpeg,image/png,image/webp";
export const PHOTOS_AND_PDF = `${PHOTOS},application/pdf`;
