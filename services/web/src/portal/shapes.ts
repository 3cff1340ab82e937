import type { components } from "@/api/schema";

/**
 * The resources the portal reads. What is empty is there as "", 0 or "UNSPECIFIED"; only messages and times can
 * be missing, and those that a record cannot be without are named here.
 */
type Schemas = components["schemas"];
type Sure<T, K extends keyof T> = Omit<T, K> & Required<Pick<T, K>>;

export type Attachment = Schemas["Attachment"];
export type ServiceItem = Schemas["ServiceItem"];
export type Ticket = Schemas["Ticket"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Material = Schemas["Material"];
export type BuildingMatter = Sure<Schemas["BuildingMatter"], "matter">;
export type Counter = Schemas["Counter"];
export type CaseMaterial = Schemas["CaseMaterial"];
export type Case = Schemas["Case"];
export type Enrolment = Sure<Schemas["Enrolment"], "start_time">;
export type Activity = Sure<Omit<Schemas["Activity"], "my_enrolment">, "start_time" | "end_time"> & { my_enrolment?: Enrolment };
export type Pass = Schemas["Pass"];
export type InspectionSite = Schemas["InspectionSite"];
export type InspectionWeek = Schemas["InspectionWeek"];
export type Inspection = Schemas["Inspection"];
export type VisitPlan = Schemas["VisitPlan"];
export type VisitMap = Schemas["VisitMap"];
export type Visit = Sure<Schemas["Visit"], "visit_time">;
export type Listing = Schemas["Listing"];
export type Interest = Sure<Schemas["Interest"], "create_time">;
export type Find = Schemas["Find"];
export type FindClaim = Sure<Schemas["FindClaim"], "create_time">;
export type Hazard = Schemas["Hazard"];
export type HazardEntry = Schemas["HazardEntry"];
export type Message = Schemas["Message"];
export type Suggestion = Sure<Schemas["Suggestion"], "create_time">;
export type SuggestionStep = Schemas["SuggestionStep"];
export type Campaign = Schemas["Campaign"];
export type Survey = Schemas["Survey"];
export type Session = Schemas["Session"];
export type ExplainedClocks = Schemas["ExplainClocksResponse"];
