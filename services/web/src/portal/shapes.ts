/** The resources the portal reads, as the gateway's JSON gives them. */
export interface Attachment {
  id: string;
  name: string;
  media_type?: string;
  size?: string;
}

export interface ServiceItem {
  id: string;
  etag: string;
  code: string;
  name_zh: string;
  name_en: string;
  summary_zh?: string;
  summary_en?: string;
  affairs: string;
  station?: string;
  desk: string;
  form?: unknown;
  first_response_hours: number;
  resolution_hours: number;
  price_note?: string;
  sensitivity?: string;
  live?: boolean;
  synthetic?: boolean;
}

export interface Ticket {
  id: string;
  etag: string;
  number: string;
  service_item_id: string;
  item_name_zh: string;
  item_name_en: string;
  affairs: string;
  station?: string;
  state: string;
  urgency?: string;
  filed_for?: string;
  enterprise_id?: string;
  requester: string;
  assignee?: string;
  summary: string;
  form?: Readonly<Record<string, unknown>>;
  attachments?: Attachment[];
  last_word?: string;
  rating?: number;
  remark?: string;
  reopened?: number;
  trips?: number;
  closed_automatically?: boolean;
  subtasks?: { id: string; title: string; done?: boolean }[];
  verbs?: string[];
  sensitivity?: string;
  referred_to?: string;
  first_response_due_time?: string;
  resolution_due_time?: string;
  create_time: string;
  accept_time?: string;
  resolve_time?: string;
  close_time?: string;
  update_time?: string;
}

export interface TimelineEntry {
  id: string;
  kind: string;
  actor?: string;
  text?: string;
  state?: string;
  attachments?: Attachment[];
  create_time: string;
}

export interface Material {
  code: string;
  name_zh: string;
  name_en: string;
  required?: boolean;
  hint_zh?: string;
  hint_en?: string;
}

export interface PublishedMatter {
  matter_id: string;
  department_id: string;
  department_name_zh: string;
  department_name_en: string;
  code: string;
  name_zh: string;
  name_en: string;
  summary_zh?: string;
  summary_en?: string;
  materials?: Material[];
  promised_days: number;
  synthetic?: boolean;
}

export interface BuildingMatter {
  id: string;
  counter_id: string;
  counter_name_zh: string;
  counter_name_en: string;
  matter: PublishedMatter;
  open?: boolean;
  online?: boolean;
}

export interface Counter {
  id: string;
  name_zh: string;
  name_en: string;
  kind: string;
  weekdays?: string[];
  opens?: string;
  closes?: string;
  place?: string;
}

export interface CaseMaterial {
  code: string;
  name_zh: string;
  name_en: string;
  required?: boolean;
  files?: Attachment[];
  on_paper?: boolean;
  correction?: string;
}

export interface CaseStep {
  kind: string;
  side: string;
  text?: string;
  state: string;
  create_time: string;
}

export interface Case {
  id: string;
  etag: string;
  number?: string;
  building_matter_id: string;
  matter_id: string;
  matter_name_zh: string;
  matter_name_en: string;
  department_name_zh: string;
  department_name_en: string;
  counter_id?: string;
  state: string;
  filed_for?: string;
  enterprise_id?: string;
  applicant: string;
  summary?: string;
  materials?: CaseMaterial[];
  last_word?: string;
  decision?: string;
  results?: Attachment[];
  delivery?: string;
  grade?: string;
  remark?: string;
  callback_open?: boolean;
  callback_note?: string;
  steps?: CaseStep[];
  verbs?: string[];
  due_time?: string;
  create_time: string;
  submit_time?: string;
  update_time?: string;
}

export interface Enrolment {
  id: string;
  activity_id: string;
  account: string;
  state: string;
  position?: number;
  cancel_cause?: string;
  title: string;
  start_time: string;
  end_time?: string;
  place?: string;
  check_in_time?: string;
}

export interface Activity {
  id: string;
  etag: string;
  title: string;
  kind: string;
  station?: string;
  affairs?: string;
  state: string;
  summary?: string;
  hosts?: string[];
  audience?: string[];
  brand?: string;
  floor?: string;
  place?: string;
  start_time: string;
  end_time: string;
  enrol_until_time?: string;
  capacity: number;
  enrolled?: number;
  waiting?: number;
  attended?: number;
  cancel_reason?: string;
  my_enrolment?: Enrolment;
  synthetic?: boolean;
}

export interface Pass {
  token: string;
  expire_time: string;
}

export interface Message {
  id: string;
  tenant: string;
  template: string;
  title: string;
  body: string;
  subject_capability?: string;
  subject_id?: string;
  state: string;
  create_time: string;
  read_time?: string;
}
