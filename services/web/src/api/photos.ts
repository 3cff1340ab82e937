/**
 * Photos that wait for a link, kept on the device: too large for localStorage, hence a small database of their own.
 * They belong to drafts and leave the machine with them.
 */
const NAME = "louyu.photos";
const STORE = "photos";
const LONGEST_SIDE = 1600;

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error(NAME));
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const open = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = work(open.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error(STORE));
    });
  } finally {
    open.close();
  }
}

/** Smaller is sent sooner: a phone's photo of 8 MB says no more than one of 300 kB. */
async function shrunk(file: File): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const smaller = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    return smaller && smaller.size < file.size ? smaller : file;
  } catch {
    return file;
  }
}

/** Keeps a photo until it is dropped; its id. */
export async function keepPhoto(file: File): Promise<string> {
  const id = crypto.randomUUID();
  const picture = await shrunk(file);
  await within("readwrite", (store) => store.put(picture, id));
  return id;
}

export async function keptPhoto(id: string): Promise<Blob | undefined> {
  const found: unknown = await within("readonly", (store) => store.get(id) as IDBRequest<unknown>);
  return found instanceof Blob ? found : undefined;
}

export async function dropPhoto(id: string): Promise<void> {
  await within("readwrite", (store) => store.delete(id));
}

export function dropPhotos(): void {
  if (typeof indexedDB !== "undefined") indexedDB.deleteDatabase(NAME);
}
