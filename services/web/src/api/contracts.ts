// Shapes of the gateway's JSON, from the descriptors.
// louyu/activity/v1/calendar.proto
export type ActivityState = "DRAFT" | "PUBLISHED" | "CLOSED" | "RUNNING" | "ENDED" | "CONFIRMED" | "ARCHIVED" | "CANCELLED";
export type ActivityKind = "SALON" | "CIRCLE" | "FEATURE" | "ORG_LIFE" | "EDUCATION";
export type Host = "PARTY" | "UNION" | "LEAGUE" | "WOMEN" | "COMMUNITY" | "ENTERPRISE" | "CLUB";
export type Audience = "MEMBERS" | "WORKERS" | "ENTERPRISES";
export type EnrolmentState = "ENROLLED" | "WAITING" | "CHECKED_IN" | "ATTENDED" | "ABSENT" | "EXCUSED" | "CANCELLED";
export type CancelCause = "PARTICIPANT" | "ACTIVITY" | "NO_PLACE";
export interface Evidence {
  id: string;
  name?: string;
  media_type?: string;
  size?: string;
}
export interface Activity {
  id: string;
  etag: string;
  title?: string;
  kind?: ActivityKind;
  station?: Station;
  affairs?: Affairs;
  state?: ActivityState;
  summary?: string;
  hosts?: Host[];
  audience?: Audience[];
  brand?: string;
  business_link?: string;
  floor?: string;
  place?: string;
  start_time?: string;
  end_time?: string;
  enrol_until_time?: string;
  capacity?: number;
  enrolled?: number;
  waiting?: number;
  attended?: number;
  evidence_note?: string;
  evidence?: Evidence[];
  cancel_reason?: string;
  created_by?: string;
  confirmed_by?: string;
  verbs?: string[];
  my_enrolment?: Enrolment;
  correlation_id?: string;
  synthetic?: boolean;
  create_time?: string;
  publish_time?: string;
  confirm_time?: string;
  update_time?: string;
}
export interface Enrolment {
  id: string;
  activity_id?: string;
  account?: string;
  enterprise_id?: string;
  state?: EnrolmentState;
  position?: number;
  cancel_cause?: CancelCause;
  title?: string;
  start_time?: string;
  end_time?: string;
  place?: string;
  create_time?: string;
  check_in_time?: string;
}
export interface Pass {
  token?: string;
  svg?: string;
  expire_time?: string;
}
export interface ListActivitiesResponse {
  activities?: Activity[];
  next_page_token?: string;
}
export interface ListMyEnrolmentsResponse {
  enrolments?: Enrolment[];
  next_page_token?: string;
}
export interface ListEnrolmentsResponse {
  enrolments?: Enrolment[];
  next_page_token?: string;
}
export interface ActivityPublished {
  activity_id?: string;
  title?: string;
  kind?: ActivityKind;
  station?: Station;
  affairs?: Affairs;
  audience?: Audience[];
  brand?: string;
  business_linked?: boolean;
  start_time?: string;
  end_time?: string;
  capacity?: number;
  synthetic?: boolean;
}
export interface ActivityCancelled {
  activity_id?: string;
  title?: string;
  start_time?: string;
}
export interface ActivityMoved {
  activity_id?: string;
  state?: ActivityState;
}
export interface ActivityHeld {
  activity_id?: string;
  kind?: ActivityKind;
  station?: Station;
  affairs?: Affairs;
  audience?: Audience[];
  brand?: string;
  hosts?: Host[];
  business_linked?: boolean;
  start_time?: string;
  end_time?: string;
  enrolled?: number;
  attended?: number;
  enterprises?: number;
  synthetic?: boolean;
}
export interface Enrolled {
  enrolment_id?: string;
  activity_id?: string;
  title?: string;
  account?: string;
  enterprise_id?: string;
  start_time?: string;
  moved_up?: boolean;
}
export interface WaitListed {
  enrolment_id?: string;
  activity_id?: string;
  title?: string;
  account?: string;
  position?: number;
  start_time?: string;
}
export interface EnrolmentCancelled {
  enrolment_id?: string;
  activity_id?: string;
  title?: string;
  account?: string;
  cause?: CancelCause;
  start_time?: string;
}
export interface CheckedIn {
  enrolment_id?: string;
  activity_id?: string;
  account?: string;
}
export interface AttendanceConfirmed {
  enrolment_id?: string;
  activity_id?: string;
  account?: string;
  person_id?: string;
  enterprise_id?: string;
  attendance?: EnrolmentState;
  kind?: ActivityKind;
  title?: string;
  start_time?: string;
}
// louyu/dashboard/v1/overview.proto
export type Period = "DAY" | "WEEK" | "MONTH" | "QUARTER" | "CUSTOM";
export type Reach = "TENANT" | "SPAN" | "DISTRICT" | "ENTERPRISE" | "OWN";
export type Unit = "COUNT" | "RATIO" | "MINUTES" | "SCORE";
export type IndicatorCode = "ACTIVITIES_HELD" | "ATTENDANCE" | "PERSONS_ATTENDED" | "FIRST_RESPONSE_MEDIAN" | "FIRST_RESPONSE_P90" | "FIRST_RESPONSE_IN_TIME" | "CLOSURE" | "CLOSURE_MEDIAN" | "REOPENING" | "SATISFACTION" | "RATING_COVERAGE" | "AFFAIRS_VOLUME" | "LIVE_ITEMS";
export type Side = "NUMERATOR" | "DENOMINATOR" | "MISSING";
export type Step = "DAY" | "WEEK" | "MONTH";
export interface Part {
  dimension?: string;
  key?: string;
  count?: string;
}
export interface Indicator {
  code?: IndicatorCode;
  number?: number;
  value?: number;
  unit?: Unit;
  numerator?: string;
  denominator?: string;
  target?: number;
  parts?: Part[];
}
export interface Scope {
  tenant?: string;
  reach?: Reach;
  tenants?: number;
}
export interface Range {
  period?: Period;
  start_time?: string;
  end_time?: string;
}
export interface Overview {
  scope?: Scope;
  range?: Range;
  indicators?: Indicator[];
  freshness?: Freshness;
}
export interface Freshness {
  as_of_time?: string;
  sources?: Source[];
  rebuilding?: boolean;
}
export interface Source {
  service?: string;
  last_event_time?: string;
  applied_time?: string;
  pending?: string;
  parked?: string;
}
export interface TenantFigure {
  tenant?: string;
  name?: string;
  indicator?: Indicator;
}
export interface TrendPoint {
  start_time?: string;
  opened?: string;
  closed?: string;
  held?: string;
}
export interface Trend {
  scope?: Scope;
  range?: Range;
  step?: Step;
  points?: TrendPoint[];
}
export interface OverviewRecord {
  id: string;
  tenant?: string;
  capability?: string;
  number?: string;
  affairs?: Affairs;
  station?: Station;
  value?: number;
  start_time?: string;
  counted?: boolean;
}
export interface CompareTenantsResponse {
  total?: Indicator;
  range?: Range;
  tenants?: TenantFigure[];
}
export interface ListRecordsResponse {
  records?: OverviewRecord[];
  next_page_token?: string;
}
export interface OverviewChanged {
  tenant_id?: string;
}
// louyu/identity/v1/accounts.proto
export type AccountState = "INVITED" | "ACTIVE" | "LOCKED" | "LEFT";
export interface Account {
  id: string;
  etag: string;
  person_id?: string;
  display_name?: string;
  login?: string;
  email?: string;
  locale?: string;
  staff?: boolean;
  totp_enrolled?: boolean;
  state?: AccountState;
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
}
export interface Invitation {
  account?: Account;
  code?: string;
  expire_time?: string;
}
export interface ListAccountsResponse {
  accounts?: Account[];
  next_page_token?: string;
}
export interface AccountName {
  id: string;
  display_name?: string;
}
export interface LookupAccountsResponse {
  accounts?: AccountName[];
}
export interface InvitationDetails {
  login?: string;
  display_name?: string;
  totp?: TotpEnrolment;
}
export interface TotpEnrolment {
  secret?: string;
  uri?: string;
}
export interface AcceptInvitationResponse {
  login?: string;
}
export interface Membership {
  tenant?: string;
  kind?: TenantKind;
  state?: TenantState;
  name_zh?: string;
  name_en?: string;
  roles?: string[];
  permissions?: HeldPermission[];
}
export interface HeldPermission {
  permission?: string;
  letter?: string;
  scope_id?: string;
}
export interface Me {
  account?: Account;
  session_id?: string;
  memberships?: Membership[];
}
export interface ChangePasswordResponse {
}
export interface ConfirmTotpResponse {
}
export interface AccountContact {
  id: string;
  display_name?: string;
  email?: string;
  locale?: string;
  active?: boolean;
  person_id?: string;
}
export interface ResolveAccountsResponse {
  accounts?: AccountContact[];
}
// louyu/identity/v1/audit.proto
export interface AuditEntry {
  id: string;
  chain_seq?: string;
  actor?: string;
  action?: string;
  object_id?: string;
  reason?: string;
  detail?: { [key: string]: string };
  record_time?: string;
}
export interface SearchAuditResponse {
  entries?: AuditEntry[];
  next_page_token?: string;
}
export interface VerifyAuditResponse {
  intact?: boolean;
  entries?: string;
  checkpoints?: string;
  broken_at?: string;
  problem?: string;
}
// louyu/identity/v1/clients.proto
export interface Client {
  id: string;
  name?: string;
  permissions?: string[];
  active?: boolean;
  create_time?: string;
  last_used_time?: string;
}
export interface ClientSecret {
  client?: Client;
  secret?: string;
}
export interface ListClientsResponse {
  clients?: Client[];
  next_page_token?: string;
}
export interface ClientToken {
  access_token?: string;
  expires_in?: number;
}
// louyu/identity/v1/clock.proto
export interface Clock {
  business_time?: string;
  system_time?: string;
  offset_seconds?: string;
  walkable?: boolean;
}
// louyu/identity/v1/consents.proto
export interface Consent {
  id: string;
  purpose?: string;
  recipient?: string;
  active?: boolean;
  create_time?: string;
  expire_time?: string;
  withdraw_time?: string;
}
export interface ListMyConsentsResponse {
  consents?: Consent[];
  next_page_token?: string;
}
export interface CheckConsentResponse {
  active?: boolean;
}
export interface ConsentChanged {
  consent_id?: string;
  person_id?: string;
  purpose?: string;
  recipient?: string;
  active?: boolean;
}
// louyu/identity/v1/desks.proto
export interface Desk {
  id: string;
  etag: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  members?: AccountName[];
  emails?: string[];
  create_time?: string;
  update_time?: string;
}
export interface ListDesksResponse {
  desks?: Desk[];
  next_page_token?: string;
}
export interface EmailList {
  emails?: string[];
}
export interface ResolveDeskResponse {
  name_zh?: string;
  name_en?: string;
  members?: AccountContact[];
  emails?: string[];
}
// louyu/identity/v1/grants.proto
export type GrantChangeKind = "GRANTS" | "ACCOUNT" | "SESSION" | "CLIENT" | "TENANT";
export interface Grant {
  id: string;
  account?: string;
  display_name?: string;
  role?: string;
  floor?: string;
  enterprise_id?: string;
  case_id?: string;
  start_time?: string;
  end_time?: string;
  granted_by?: string;
  revoked?: boolean;
  revoke_reason?: string;
  create_time?: string;
}
export interface ListGrantsResponse {
  grants?: Grant[];
  next_page_token?: string;
}
export interface Role {
  code?: string;
  name_zh?: string;
  name_en?: string;
  staff?: boolean;
  kinds?: string[];
  bound_to?: string[];
  permissions?: string[];
}
export interface ListRolesResponse {
  roles?: Role[];
}
export interface EffectiveGrant {
  tenant?: string;
  permission?: string;
  letter?: string;
  scope_id?: string;
  start_time?: string;
  end_time?: string;
}
export interface ListEffectiveGrantsResponse {
  account?: string;
  active?: boolean;
  person_id?: string;
  as_of?: string;
  grants?: EffectiveGrant[];
  tenants?: EffectiveTenant[];
}
export interface EffectiveTenant {
  tenant?: string;
  kind?: string;
  suspended?: boolean;
}
export interface GrantChange {
  position?: string;
  kind?: GrantChangeKind;
  account?: string;
  session_id?: string;
}
export interface ListGrantChangesResponse {
  changes?: GrantChange[];
  position?: string;
  reset?: boolean;
}
export interface RoleGranted {
  grant_id?: string;
  account?: string;
  role?: string;
  floor?: string;
  enterprise_id?: string;
}
export interface RoleRevoked {
  grant_id?: string;
  account?: string;
  role?: string;
  floor?: string;
  enterprise_id?: string;
}
// louyu/identity/v1/people.proto
export type MaskedField = "ID_NUMBER" | "PHONE";
export interface Person {
  id: string;
  etag: string;
  name?: string;
  id_number_masked?: string;
  phone_masked?: string;
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
}
export interface ListPeopleResponse {
  people?: Person[];
  next_page_token?: string;
}
export interface UnmaskPersonResponse {
  value?: string;
}
export interface CheckDuplicateResponse {
  known?: boolean;
}
// louyu/identity/v1/sessions.proto
export interface TokenPair {
  access_token?: string;
  expires_in?: number;
  refresh_token?: string;
  refresh_expires_in?: number;
  session_id?: string;
  account_id?: string;
}
export interface SignOutResponse {
}
export interface PublicKey {
  kid?: string;
  x?: string;
  expire_time?: string;
}
export interface ListKeysResponse {
  keys?: PublicKey[];
}
export interface RotateKeysResponse {
  kid?: string;
}
export interface Session {
  id: string;
  remote_address?: string;
  user_agent?: string;
  current?: boolean;
  revoked?: boolean;
  create_time?: string;
  last_used_time?: string;
  expire_time?: string;
}
export interface ListMySessionsResponse {
  sessions?: Session[];
  next_page_token?: string;
}
export interface RevokeSessionsResponse {
  revoked?: number;
}
// louyu/identity/v1/tenants.proto
export type TenantKind = "BUILDING" | "MULTI_SITE" | "SUPERIOR" | "SUBDISTRICT" | "DISTRICT" | "DEPARTMENT" | "COMMUNITY" | "HOME_ORGANISATION";
export type TenantState = "PROVISIONING" | "ACTIVE" | "SUSPENDED" | "ARCHIVED";
export interface Site {
  name?: string;
  address?: string;
}
export interface Tenant {
  id: string;
  etag: string;
  kind?: TenantKind;
  state?: TenantState;
  name_zh?: string;
  name_en?: string;
  aliases?: string[];
  region?: string;
  superior?: string;
  sites?: Site[];
  area_m2?: string;
  height_m?: string;
  built_year?: number;
  opened_year?: number;
  floors?: number;
  reason?: string;
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
}
export interface ListTenantsResponse {
  tenants?: Tenant[];
  next_page_token?: string;
}
export interface SiteList {
  sites?: Site[];
}
export interface AliasList {
  aliases?: string[];
}
export interface ListRegistryResponse {
  tenants?: Tenant[];
}
export interface TenantActivated {
  tenant_id?: string;
  kind?: string;
  name_zh?: string;
  name_en?: string;
  state?: string;
  region_id?: string;
  superior_id?: string;
  synthetic?: boolean;
}
export interface TenantSuspended {
  tenant_id?: string;
  kind?: string;
  name_zh?: string;
  name_en?: string;
  state?: string;
  region_id?: string;
  superior_id?: string;
  synthetic?: boolean;
}
export interface TenantChanged {
  tenant_id?: string;
  kind?: string;
  name_zh?: string;
  name_en?: string;
  state?: string;
  region_id?: string;
  superior_id?: string;
  synthetic?: boolean;
}
// louyu/membership/v1/enterprises.proto
export type Industry = "INSURANCE" | "FINANCE" | "EDUCATION" | "ECOMMERCE" | "INTERNET" | "CATERING" | "PROFESSIONAL" | "REAL_ESTATE" | "TRADE" | "MANUFACTURING" | "CONSTRUCTION" | "CULTURE" | "HEALTH" | "LOGISTICS" | "OTHER";
export type HeadcountBand = "UP_TO_10" | "11_TO_50" | "51_TO_100" | "101_TO_300" | "OVER_300";
export type OwnerSupport = "SUPPORTIVE" | "NEUTRAL" | "RESERVED";
export type BranchStatus = "OWN" | "NONE";
export type EnterpriseState = "ACTIVE" | "MOVED_OUT";
export type EnterpriseOrder = "NAME" | "FLOOR";
export interface FormerName {
  name?: string;
  until_time?: string;
}
export interface Enterprise {
  id: string;
  etag: string;
  name?: string;
  short_name?: string;
  credit_code?: string;
  industry?: Industry;
  floor?: string;
  room?: string;
  branch?: BranchStatus;
  headcount?: HeadcountBand;
  owner_support?: OwnerSupport;
  contact_account?: string;
  contact_display?: string;
  state?: EnterpriseState;
  survey_time?: string;
  survey_completeness?: number;
  former_names?: FormerName[];
  verbs?: string[];
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
  move_out_time?: string;
}
export interface ListEnterprisesResponse {
  enterprises?: Enterprise[];
  next_page_token?: string;
}
export interface EnterpriseSummary {
  total?: number;
  surveyed?: number;
  with_branch?: number;
  industries?: IndustryCount[];
  floors?: FloorCount[];
}
export interface IndustryCount {
  industry?: Industry;
  count?: number;
}
export interface FloorCount {
  floor?: string;
  count?: number;
}
export interface EnterpriseRegistered {
  enterprise_id?: string;
  name?: string;
  industry?: Industry;
  floor?: string;
  branch?: BranchStatus;
  synthetic?: boolean;
}
export interface EnterpriseChanged {
  enterprise_id?: string;
  name?: string;
  industry?: Industry;
  floor?: string;
  branch?: BranchStatus;
}
export interface EnterpriseSurveyed {
  enterprise_id?: string;
  industry?: Industry;
  branch?: BranchStatus;
  headcount?: HeadcountBand;
  completeness?: number;
}
export interface EnterpriseMovedOut {
  enterprise_id?: string;
  floor?: string;
}
// louyu/membership/v1/imports.proto
export type ImportKind = "ENTERPRISES";
export type ImportState = "UPLOADED" | "CHECKED" | "RUNNING" | "DONE" | "DISCARDED";
export type RowOutcome = "CREATED" | "UPDATED" | "UNCHANGED" | "REJECTED";
export interface ImportColumn {
  column?: string;
  title?: string;
  field?: string;
  samples?: string[];
  source?: string;
}
export interface ImportSheet {
  name?: string;
  header_row?: number;
  rows?: number;
  columns?: ImportColumn[];
  chosen?: boolean;
}
export interface ImportField {
  field?: string;
  title?: string;
  required?: boolean;
}
export interface ImportCounts {
  created?: number;
  updated?: number;
  unchanged?: number;
  rejected?: number;
}
export interface Import {
  id: string;
  etag: string;
  kind?: ImportKind;
  file_name?: string;
  state?: ImportState;
  sheets?: ImportSheet[];
  fields?: ImportField[];
  expected?: ImportCounts;
  result?: ImportCounts;
  total_rows?: number;
  done_rows?: number;
  verbs?: string[];
  creator?: string;
  synthetic?: boolean;
  create_time?: string;
  finish_time?: string;
}
export interface RowProblem {
  column?: string;
  title?: string;
  field?: string;
  reason?: string;
  message?: string;
  value?: string;
}
export interface ImportRow {
  sheet?: string;
  row?: number;
  name?: string;
  expected?: RowOutcome;
  outcome?: RowOutcome;
  enterprise_id?: string;
  problems?: RowProblem[];
}
export interface ListImportsResponse {
  imports?: Import[];
  next_page_token?: string;
}
export interface ColumnChoice {
  sheet?: string;
  column?: string;
  field?: string;
}
export interface ListImportRowsResponse {
  rows?: ImportRow[];
  next_page_token?: string;
}
export interface ImportFinished {
  import_id?: string;
  creator?: string;
  kind?: ImportKind;
  result?: ImportCounts;
}
// louyu/notification/v1/inbox.proto
export type MessageState = "QUEUED" | "SENT" | "DELIVERED" | "READ" | "FAILED";
export type Channel = "IN_APP" | "EMAIL";
export type AttemptOutcome = "ACCEPTED" | "DEFERRED" | "GAVE_UP";
export interface Message {
  id: string;
  tenant?: string;
  template?: string;
  title?: string;
  body?: string;
  subject_capability?: string;
  subject_id?: string;
  state?: MessageState;
  channel?: Channel;
  create_time?: string;
  read_time?: string;
}
export interface Preferences {
  email?: boolean;
  language?: string;
}
export interface Delivery {
  id: string;
  message_id?: string;
  template?: string;
  channel?: Channel;
  attempt?: number;
  outcome?: AttemptOutcome;
  answer?: string;
  create_time?: string;
}
export interface ListMessagesResponse {
  messages?: Message[];
  next_page_token?: string;
}
export interface CountUnreadResponse {
  unread?: number;
}
export interface MarkAllReadResponse {
  marked?: number;
}
export interface ListDeliveriesResponse {
  deliveries?: Delivery[];
  next_page_token?: string;
}
export interface MessageDelivered {
  message_id?: string;
  template?: string;
  subject_capability?: string;
  subject_id?: string;
}
export interface DeliveryFailed {
  message_id?: string;
  template?: string;
  channel?: Channel;
  attempts?: number;
}
// louyu/operations/v1/clock.proto
export interface ApplyOffsetResponse {
  business_time?: string;
  jobs_run?: number;
}
// louyu/operations/v1/dead_letters.proto
export interface DeadLetter {
  id: string;
  consumer?: string;
  event_tenant?: string;
  event_type?: string;
  aggregate_id?: string;
  event_seq?: string;
  error?: string;
  waiting?: boolean;
  attempts?: number;
  create_time?: string;
}
export interface ListDeadLettersResponse {
  dead_letters?: DeadLetter[];
  next_page_token?: string;
}
export interface ReplayDeadLetterResponse {
  applied?: number;
  remaining?: number;
}
// louyu/options/v1/access.proto
export type Sensitivity = "P0" | "P1" | "P2" | "P3" | "P4";
export interface Access {
  permission?: string;
  scope?: Scope;
  sensitivity?: Sensitivity;
  etag_required?: boolean;
  hosted_by?: string;
}
export interface Event {
  aggregate?: string;
  sensitivity?: Sensitivity;
  permission?: string;
}
// louyu/ticket/v1/catalogue.proto
export type Affairs = "PARTY" | "GOVERNMENT" | "SOCIAL" | "BUSINESS" | "LEGAL";
export type Station = "PARTY_MASS" | "ENTERPRISE" | "WORKERS" | "COMMUNITY";
export interface ServiceItem {
  id: string;
  etag: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  summary_zh?: string;
  summary_en?: string;
  affairs?: Affairs;
  station?: Station;
  desk?: string;
  form?: Record<string, unknown>;
  first_response_hours?: number;
  resolution_hours?: number;
  price_note?: string;
  sensitivity?: Sensitivity;
  live?: boolean;
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
}
export interface ListServiceItemsResponse {
  service_items?: ServiceItem[];
  next_page_token?: string;
}
export interface ServiceItemPublished {
  service_item_id?: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  affairs?: Affairs;
  station?: Station;
  live?: boolean;
  synthetic?: boolean;
}
// louyu/ticket/v1/requests.proto
export type TicketState = "SUBMITTED" | "TRIAGED" | "ASSIGNED" | "ACCEPTED" | "IN_PROGRESS" | "WAITING" | "REFERRED" | "RESOLVED" | "CLOSED" | "REJECTED" | "WITHDRAWN";
export type Urgency = "NORMAL" | "URGENT";
export type FiledFor = "PERSON" | "ENTERPRISE";
export interface Attachment {
  id: string;
  name?: string;
  media_type?: string;
  size?: string;
}
export interface Subtask {
  id: string;
  title?: string;
  assignee?: string;
  done?: boolean;
  done_time?: string;
}
export interface Ticket {
  id: string;
  etag: string;
  number?: string;
  service_item_id?: string;
  item_name_zh?: string;
  item_name_en?: string;
  affairs?: Affairs;
  station?: Station;
  state?: TicketState;
  urgency?: Urgency;
  filed_for?: FiledFor;
  enterprise_id?: string;
  requester?: string;
  assignee?: string;
  desk?: string;
  summary?: string;
  form?: Record<string, unknown>;
  attachments?: Attachment[];
  last_word?: string;
  rating?: number;
  remark?: string;
  reopened?: number;
  trips?: number;
  closed_automatically?: boolean;
  subtasks?: Subtask[];
  verbs?: string[];
  sensitivity?: Sensitivity;
  referred_to?: string;
  correlation_id?: string;
  synthetic?: boolean;
  first_response_due_time?: string;
  resolution_due_time?: string;
  create_time?: string;
  accept_time?: string;
  resolve_time?: string;
  close_time?: string;
  update_time?: string;
  floor?: string;
}
export interface TimelineEntry {
  id: string;
  kind?: string;
  actor?: string;
  text?: string;
  state?: TicketState;
  attachments?: Attachment[];
  create_time?: string;
}
export interface ListTicketsResponse {
  tickets?: Ticket[];
  next_page_token?: string;
}
export interface CountTicketsResponse {
  counts?: StateCount[];
}
export interface StateCount {
  state?: TicketState;
  count?: string;
}
export interface ListTimelineResponse {
  entries?: TimelineEntry[];
  next_page_token?: string;
}
export interface RequestSettings {
  etag: string;
  auto_close_days?: number;
  create_time?: string;
}
export interface TicketOpened {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  service_item_id?: string;
  affairs?: Affairs;
  station?: Station;
  urgency?: Urgency;
  filed_for?: FiledFor;
  enterprise_id?: string;
  desk?: string;
  first_response_minutes?: number;
  resolution_minutes?: number;
  synthetic?: boolean;
}
export interface TicketTriaged {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  urgency?: Urgency;
}
export interface TicketAssigned {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
}
export interface TicketAccepted {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
  within_first_response?: boolean;
}
export interface TicketStarted {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
}
export interface TicketHeld {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
}
export interface TicketResumed {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
}
export interface TicketReferred {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  party?: string;
  affairs?: Affairs;
}
export interface TicketResolved {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
  within_resolution?: boolean;
}
export interface TicketClosed {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  automatically?: boolean;
  assignee?: string;
}
export interface TicketRated {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  rating?: number;
  assignee?: string;
}
export interface TicketReopened {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
}
export interface TicketRejected {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
}
export interface TicketWithdrawn {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  assignee?: string;
}
export interface TicketCommented {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  author?: string;
  assignee?: string;
}
export interface SubtaskAssigned {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  subtask_id?: string;
  assignee?: string;
}
export interface SubtaskCompleted {
  ticket_id?: string;
  number?: string;
  item_name_zh?: string;
  item_name_en?: string;
  requester?: string;
  subtask_id?: string;
  assignee?: string;
}
// louyu/window/v1/cases.proto
export type CaseState = "DRAFT" | "PRECHECKED" | "PENDING_RELAY" | "SUBMITTED" | "ACCEPTED" | "NEEDS_CORRECTION" | "REFUSED" | "PROCESSING" | "DECIDED" | "DELIVERED" | "RATED" | "WITHDRAWN";
export type Decision = "GRANTED" | "DENIED";
export type DeliveryMethod = "COUNTER" | "POST" | "ELECTRONIC" | "ONSITE";
export type Grade = "VERY_POOR" | "POOR" | "FAIR" | "GOOD" | "VERY_GOOD";
export type CaseFiledFor = "PERSON" | "ENTERPRISE";
export interface CaseFile {
  id: string;
  name?: string;
  media_type?: string;
  size?: string;
}
export interface CaseMaterial {
  code?: string;
  name_zh?: string;
  name_en?: string;
  required?: boolean;
  files?: CaseFile[];
  on_paper?: boolean;
  correction?: string;
}
export interface CaseStep {
  kind?: string;
  side?: string;
  text?: string;
  state?: CaseState;
  create_time?: string;
}
export interface Case {
  id: string;
  etag: string;
  tenant?: string;
  number?: string;
  building_matter_id?: string;
  matter_id?: string;
  matter_version?: number;
  matter_name_zh?: string;
  matter_name_en?: string;
  department_id?: string;
  department_name_zh?: string;
  department_name_en?: string;
  counter_id?: string;
  state?: CaseState;
  filed_for?: CaseFiledFor;
  enterprise_id?: string;
  applicant?: string;
  summary?: string;
  materials?: CaseMaterial[];
  handler?: string;
  last_word?: string;
  decision?: Decision;
  results?: CaseFile[];
  delivery?: DeliveryMethod;
  trips?: number;
  corrections?: number;
  once_done?: boolean;
  grade?: Grade;
  remark?: string;
  callback_open?: boolean;
  callback_note?: string;
  steps?: CaseStep[];
  verbs?: string[];
  correlation_id?: string;
  synthetic?: boolean;
  due_time?: string;
  create_time?: string;
  submit_time?: string;
  accept_time?: string;
  decide_time?: string;
  deliver_time?: string;
  update_time?: string;
}
export interface MaterialInput {
  code?: string;
  files?: string[];
  on_paper?: boolean;
}
export interface ListCasesResponse {
  cases?: Case[];
  next_page_token?: string;
}
export interface CountReceivedCasesResponse {
  counts?: CaseCount[];
  overdue?: string;
  callbacks?: string;
}
export interface CaseCount {
  state?: CaseState;
  count?: string;
}
export interface ListReceivedCasesResponse {
  cases?: Case[];
  next_page_token?: string;
}
export interface CorrectionItem {
  material?: string;
  reason?: string;
}
export interface CaseQueued {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
}
export interface CaseSubmitted {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  matter_id?: string;
  filed_for?: CaseFiledFor;
  enterprise_id?: string;
  promised_days?: number;
  corrected?: boolean;
  synthetic?: boolean;
}
export interface CaseAccepted {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  handler?: string;
  due_time?: string;
}
export interface CaseCorrectionNeeded {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  items?: number;
}
export interface CaseRefused {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
}
export interface CaseStarted {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  handler?: string;
}
export interface CaseDecided {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  decision?: Decision;
}
export interface CaseDelivered {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  delivery?: DeliveryMethod;
  trips?: number;
  corrections?: number;
  once_done?: boolean;
  in_time?: boolean;
}
export interface CaseRated {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  grade?: Grade;
  callback?: boolean;
  handler?: string;
}
export interface CaseCallbackClosed {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
}
export interface CaseWithdrawn {
  case_id?: string;
  number?: string;
  matter_name_zh?: string;
  matter_name_en?: string;
  applicant?: string;
  department_id?: string;
  handler?: string;
}
// louyu/window/v1/counters.proto
export type CounterKind = "STANDING" | "MOBILE";
export type CounterState = "OPEN" | "CLOSED";
export type Weekday = "MONDAY" | "TUESDAY" | "WEDNESDAY" | "THURSDAY" | "FRIDAY" | "SATURDAY" | "SUNDAY";
export interface Counter {
  id: string;
  etag: string;
  name_zh?: string;
  name_en?: string;
  department_id?: string;
  kind?: CounterKind;
  weekdays?: Weekday[];
  opens?: string;
  closes?: string;
  place?: string;
  state?: CounterState;
  matters?: number;
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
}
export interface BuildingMatter {
  id: string;
  counter_id?: string;
  counter_name_zh?: string;
  counter_name_en?: string;
  matter?: PublishedMatter;
  open?: boolean;
  online?: boolean;
  create_time?: string;
}
export interface ListCountersResponse {
  counters?: Counter[];
  next_page_token?: string;
}
export interface ListBuildingMattersResponse {
  matters?: BuildingMatter[];
  next_page_token?: string;
}
export interface MatterEnabled {
  counter_id?: string;
  matter_id?: string;
  department_id?: string;
}
export interface MatterDisabled {
  counter_id?: string;
  matter_id?: string;
  department_id?: string;
}
// louyu/window/v1/departments.proto
export type DepartmentState = "APPLIED" | "APPROVED" | "TESTED" | "LIVE" | "SUSPENDED" | "REFUSED";
export interface Department {
  id: string;
  etag: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  modern_name_zh?: string;
  modern_name_en?: string;
  aliases?: string[];
  state?: DepartmentState;
  online?: boolean;
  approver_id?: string;
  last_word?: string;
  verbs?: string[];
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
  live_time?: string;
}
export interface ListDepartmentsResponse {
  departments?: Department[];
  next_page_token?: string;
}
export interface ContractFinding {
  subject?: string;
  reason?: string;
  message?: string;
}
export interface ContractReport {
  passed?: boolean;
  findings?: ContractFinding[];
  department?: Department;
}
export interface ListApplicationsResponse {
  departments?: Department[];
  next_page_token?: string;
}
export interface DepartmentLive {
  department_id?: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  synthetic?: boolean;
}
export interface DepartmentSuspended {
  department_id?: string;
  code?: string;
}
export interface DepartmentAvailabilityChanged {
  department_id?: string;
  online?: boolean;
}
// louyu/window/v1/matters.proto
export type MatterState = "DRAFT" | "PUBLISHED" | "RETIRED";
export interface Material {
  code?: string;
  name_zh?: string;
  name_en?: string;
  required?: boolean;
  hint_zh?: string;
  hint_en?: string;
}
export interface Matter {
  id: string;
  etag: string;
  department_id?: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  summary_zh?: string;
  summary_en?: string;
  materials?: Material[];
  promised_days?: number;
  state?: MatterState;
  version?: number;
  draft_changed?: boolean;
  verbs?: string[];
  synthetic?: boolean;
  create_time?: string;
  update_time?: string;
  publish_time?: string;
}
export interface PublishedMatter {
  matter_id?: string;
  version?: number;
  department_id?: string;
  department_name_zh?: string;
  department_name_en?: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  summary_zh?: string;
  summary_en?: string;
  materials?: Material[];
  promised_days?: number;
  synthetic?: boolean;
  publish_time?: string;
}
export interface ListMattersResponse {
  matters?: Matter[];
  next_page_token?: string;
}
export interface ListPublishedMattersResponse {
  matters?: PublishedMatter[];
  next_page_token?: string;
}
export interface MatterPublished {
  matter_id?: string;
  version?: number;
  department_id?: string;
  code?: string;
  name_zh?: string;
  name_en?: string;
  promised_days?: number;
  synthetic?: boolean;
}
export interface MatterRetired {
  matter_id?: string;
  department_id?: string;
}
