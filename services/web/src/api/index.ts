export { api, newKey, Problem, type Options, type Query } from "./http";
export { asProblem, linkDown, type FieldProblem } from "./problem";
export { asPage, usePages, useResource, type Page, type Pages, type Resource } from "./pages";
export { useSubmit, type Submission } from "./submit";
export { useDraft } from "./drafts";
export { keepPhoto, keptPhoto, dropPhoto } from "./photos";
export { concerns, followTenant, liveState, useLive, type LiveEvent, type LiveState } from "./live";
export { fileUrl, uploadFile, type StoredFile } from "./files";
