import type * as wire from "@/api/contracts";

/**
 * The contracts' resources with those fields named that a record always has: the gateway leaves out what is
 * empty, so the generated types call everything but the id optional.
 */
type Sure<T, K extends keyof T> = Omit<T, K> & Required<Pick<T, K>>;

export type Attachment = wire.Attachment;
export type ServiceItem = Sure<
  wire.ServiceItem,
  "code" | "name_zh" | "affairs" | "first_response_hours" | "resolution_hours"
>;
export type Ticket = Sure<wire.Ticket, "number" | "service_item_id" | "state" | "requester" | "summary" | "create_time">;
export type TimelineEntry = Sure<wire.TimelineEntry, "kind" | "create_time">;

export type Material = Sure<wire.Material, "code" | "name_zh">;
export type PublishedMatter = Omit<
  Sure<wire.PublishedMatter, "name_zh" | "promised_days" | "department_name_zh">,
  "materials"
> & { materials?: Material[] };
export type BuildingMatter = Omit<wire.BuildingMatter, "matter"> & { matter: PublishedMatter };
export type Counter = wire.Counter;
export type CaseMaterial = Sure<wire.CaseMaterial, "code" | "name_zh">;
export type CaseStep = Sure<wire.CaseStep, "kind" | "create_time">;
export type Case = Omit<Sure<wire.Case, "state" | "matter_name_zh" | "department_name_zh" | "create_time">, "materials" | "steps"> & {
  materials?: CaseMaterial[];
  steps?: CaseStep[];
};

export type Enrolment = Sure<wire.Enrolment, "activity_id" | "state" | "title" | "start_time">;
export type Activity = Omit<
  Sure<wire.Activity, "title" | "kind" | "state" | "start_time" | "end_time" | "capacity">,
  "my_enrolment"
> & { my_enrolment?: Enrolment };
export type Pass = Sure<wire.Pass, "token" | "expire_time">;
export type Message = Sure<wire.Message, "title" | "body" | "state" | "create_time">;
export type SignedInDevice = wire.Session;
