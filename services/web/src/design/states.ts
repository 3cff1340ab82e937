import { locale } from "@/words";

export type Tone = "neutral" | "info" | "progress" | "success" | "warning" | "danger";

interface Entry {
  zh: string;
  en: string;
  tone: Tone;
}

const s = (tone: Tone, zh: string, en: string): Entry => ({ tone, zh, en });

/** A state is a colour and a word, the same on every face. Codes are those of the contracts. */
export const STATES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  ticket: {
    SUBMITTED: s("info", "已提交", "Submitted"),
    TRIAGED: s("info", "已受理", "Triaged"),
    ASSIGNED: s("info", "已派单", "Assigned"),
    ACCEPTED: s("progress", "已接单", "Accepted"),
    IN_PROGRESS: s("progress", "办理中", "In progress"),
    WAITING: s("warning", "待补充", "Waiting for the requester"),
    REFERRED: s("progress", "已转办", "Referred"),
    RESOLVED: s("warning", "待确认", "To be confirmed"),
    CLOSED: s("success", "已办结", "Closed"),
    REJECTED: s("danger", "已退回", "Rejected"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  listing: {
    DRAFT: s("warning", "待发布", "Draft"),
    PUBLISHED: s("progress", "已发布", "Published"),
    FILLED: s("success", "已满", "Filled"),
    CLOSED: s("neutral", "已结束", "Ended"),
  },
  interest: {
    SENT: s("warning", "待答复", "To be answered"),
    SHOWN: s("progress", "待看铺", "Viewing arranged"),
    ACCEPTED: s("success", "已达成", "Agreed"),
    DECLINED: s("neutral", "未达成", "Declined"),
    WITHDRAWN: s("neutral", "已撤回", "Taken back"),
  },
  find: {
    KEPT: s("progress", "待认领", "Kept"),
    RESERVED: s("warning", "待领取", "Set aside"),
    RETURNED: s("success", "已归还", "Given back"),
    HANDED_ON: s("neutral", "已移交", "Handed on"),
  },
  find_claim: {
    CLAIMED: s("warning", "待核验", "To be verified"),
    VERIFIED: s("progress", "已核验", "Verified"),
    FULFILLED: s("success", "已领回", "Given back"),
    DECLINED: s("neutral", "未通过", "Declined"),
    WITHDRAWN: s("neutral", "已撤回", "Taken back"),
  },
  stall: {
    OPEN: s("neutral", "正常", "In no difficulty"),
    STRUGGLING: s("warning", "困难", "In difficulty"),
    IMPROVED: s("success", "已改善", "Improved"),
    CLOSED: s("neutral", "已关停", "Closed"),
  },
  suggestion: {
    RECEIVED: s("info", "已收到", "Received"),
    ADOPTED: s("progress", "已采纳", "Adopted"),
    EXPLAINED: s("warning", "已说明", "Explained"),
    LINKED: s("progress", "已落实到事项", "Tied to an action"),
    REPLIED: s("success", "已答复", "Replied to"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  campaign: {
    DRAFT: s("neutral", "草稿", "Draft"),
    OPEN: s("progress", "征集中", "Open"),
    CLOSED: s("neutral", "已结束", "Closed"),
  },
  survey: {
    DRAFT: s("neutral", "草稿", "Draft"),
    BEFORE_OPEN: s("progress", "前测进行中", "Asking before"),
    BETWEEN: s("warning", "待开后测", "Between the waves"),
    AFTER_OPEN: s("progress", "后测进行中", "Asking after"),
    DONE: s("success", "已完成", "Done"),
  },
  urgency: {
    NORMAL: s("neutral", "一般", "Normal"),
    URGENT: s("danger", "紧急", "Urgent"),
  },
  hazard: {
    FOUND: s("danger", "已发现", "Found"),
    ASSIGNED: s("info", "已指派", "Assigned"),
    RECTIFYING: s("progress", "整改中", "Being put right"),
    SUBMITTED: s("warning", "待验收", "To be verified"),
    RETURNED: s("danger", "退回整改", "Returned"),
    VERIFIED: s("success", "已销号", "Verified"),
  },
  commitment: {
    IN_FORCE: s("success", "有效", "In force"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
    LAPSED: s("neutral", "已到期", "Lapsed"),
  },
  zone: {
    PROPOSED: s("info", "待本人申报", "Proposed"),
    DECLARED: s("warning", "待支部审定", "To be decided"),
    RETURNED: s("danger", "已退回", "Returned"),
    APPROVED: s("progress", "待挂牌", "No plaque yet"),
    PLAQUED: s("success", "已挂牌", "Plaque hangs"),
    ENDED: s("neutral", "已结束", "Ended"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  honour: {
    NOMINATED: s("warning", "待审批", "To be decided"),
    APPROVED: s("info", "待本人同意", "Waiting for consent"),
    DISPLAYED: s("success", "公示中", "On display"),
    REJECTED: s("neutral", "未批准", "Turned down"),
    NOT_CONSENTED: s("neutral", "本人未同意", "Not consented to"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
    ENDED: s("neutral", "已结束", "Ended"),
    REVOKED: s("danger", "已撤销", "Revoked"),
  },
  appraisal: {
    OPEN: s("neutral", "未开始", "Not begun"),
    EVIDENCE: s("progress", "考核中", "Being recorded"),
    SCORED: s("info", "已确认", "Confirmed"),
    SHOWN: s("warning", "待本人确认", "With the member"),
    APPEALED: s("danger", "申诉中", "Appealed"),
    FINAL: s("success", "已生效", "Final"),
    ENDED: s("neutral", "已终止", "Ended"),
  },
  outcome: {
    MET: s("success", "达标", "Met"),
    NOT_MET: s("danger", "未达标", "Not met"),
    NOT_ASSESSABLE: s("warning", "无法评定", "Not assessable"),
  },
  review: {
    OPEN: s("progress", "评议中", "Open"),
    DECIDED: s("success", "已评定", "Decided"),
  },
  duty: {
    ASSIGNED: s("info", "待执行", "To be done"),
    DONE: s("warning", "待督导人确认", "To be confirmed"),
    RETURNED: s("danger", "已退回", "Returned"),
    CONFIRMED: s("success", "已确认", "Confirmed"),
    CANCELLED: s("neutral", "已取消", "Cancelled"),
  },
  contact: {
    RECORDED: s("neutral", "已记录", "Recorded"),
    OBJECTED: s("warning", "有异议", "Objected to"),
    KEPT: s("success", "核实保留", "Kept"),
    REMOVED: s("neutral", "已删除", "Removed"),
  },
  supervision: {
    ISSUED: s("warning", "待整改", "To be put right"),
    RECTIFYING: s("progress", "整改中", "Being put right"),
    CLOSED: s("success", "已销号", "Closed"),
  },
  finding: {
    OPEN: s("warning", "待整改", "To be put right"),
    SUBMITTED: s("progress", "待验收", "To be verified"),
    RETURNED: s("danger", "退回整改", "Returned"),
    VERIFIED: s("success", "已销号", "Verified"),
  },
  checkin: {
    REPORTED: s("warning", "待社区确认", "To be confirmed"),
    CONFIRMED: s("success", "已报到", "Confirmed"),
    RETURNED: s("danger", "社区已退回", "Returned"),
    ENDED: s("neutral", "已结束", "Ended"),
  },
  communityService: {
    ASKED: s("warning", "待认领", "To be taken up"),
    TAKEN: s("progress", "已认领", "Taken up"),
    REPORTED: s("warning", "待社区确认", "To be confirmed"),
    CONFIRMED: s("success", "社区已确认", "Confirmed"),
    DECLINED: s("neutral", "未承接", "Declined"),
  },
  dispatchBatch: {
    SELECTED: s("neutral", "待出发", "Selected"),
    TAKING_OVER: s("warning", "待接班", "To acknowledge"),
    SERVING: s("success", "在岗", "Serving"),
    HANDING_OVER: s("progress", "交接中", "Handing over"),
    RELIEVED: s("neutral", "已轮换", "Relieved"),
    CANCELLED: s("neutral", "已取消", "Cancelled"),
  },
  dispatchItem: {
    OPEN: s("progress", "在办", "Open"),
    DONE: s("success", "已办结", "Done"),
  },
  star: {
    APPLIED: s("progress", "待评定", "To be decided"),
    GRANTED: s("success", "已评定", "Granted"),
    REFUSED: s("neutral", "未评定", "Turned down"),
    WITHDRAWN: s("neutral", "已撤回", "Taken back"),
  },
  report: {
    DRAFT: s("neutral", "草稿", "Draft"),
    SUBMITTED: s("warning", "待审阅", "To be accepted"),
    RETURNED: s("danger", "已退回", "Returned"),
    ACCEPTED: s("success", "已认可", "Accepted"),
  },
  obligation: {
    OPEN: s("info", "待完成", "Open"),
    FULFILLED: s("success", "按时完成", "In time"),
    LATE: s("warning", "补报", "Late"),
    MISSED: s("danger", "未完成", "Missed"),
    WAIVED: s("neutral", "已免除", "Waived"),
  },
  severity: {
    GENERAL: s("neutral", "一般隐患", "General"),
    MAJOR: s("danger", "重大隐患", "Major"),
  },
  inspection: {
    PLANNED: s("info", "已安排", "Planned"),
    DONE: s("success", "已完成", "Done"),
    CANCELLED: s("neutral", "已取消", "Called off"),
  },
  check: {
    GOOD: s("success", "正常", "In order"),
    PROBLEM: s("danger", "有隐患", "Not in order"),
    ABSENT: s("neutral", "无此设施", "None here"),
  },
  week: {
    GAP: s("danger", "本周未巡查", "Missing this week"),
    MET: s("success", "本周已巡查", "Inspected"),
  },
  case: {
    DRAFT: s("neutral", "草稿", "Draft"),
    PRECHECKED: s("info", "已预审", "Prechecked"),
    PENDING_RELAY: s("warning", "待中转", "Pending relay"),
    SUBMITTED: s("info", "已提交", "Submitted"),
    ACCEPTED: s("progress", "已受理", "Accepted"),
    NEEDS_CORRECTION: s("warning", "待补正", "Needs correction"),
    REFUSED: s("danger", "不予受理", "Refused"),
    PROCESSING: s("progress", "办理中", "Processing"),
    DECIDED: s("success", "已办结", "Decided"),
    DELIVERED: s("success", "已送达", "Delivered"),
    RATED: s("success", "已评价", "Rated"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  activity: {
    DRAFT: s("neutral", "草稿", "Draft"),
    PUBLISHED: s("info", "报名中", "Open for enrolment"),
    CLOSED: s("warning", "报名截止", "Enrolment closed"),
    RUNNING: s("progress", "进行中", "Running"),
    ENDED: s("warning", "已结束", "Ended"),
    CONFIRMED: s("success", "已确认", "Held"),
    ARCHIVED: s("neutral", "已归档", "Archived"),
    CANCELLED: s("danger", "已取消", "Cancelled"),
  },
  enrolment: {
    ENROLLED: s("info", "已报名", "Enrolled"),
    WAITING: s("warning", "候补", "On the wait list"),
    CHECKED_IN: s("progress", "已签到", "Checked in"),
    ATTENDED: s("success", "已参加", "Attended"),
    ABSENT: s("danger", "缺席", "Absent"),
    EXCUSED: s("neutral", "请假", "Excused"),
    CANCELLED: s("neutral", "已取消", "Cancelled"),
  },
  tenant: {
    PROVISIONING: s("info", "筹建", "Provisioning"),
    ACTIVE: s("success", "启用", "Active"),
    SUSPENDED: s("danger", "停用", "Suspended"),
    ARCHIVED: s("neutral", "归档", "Archived"),
  },
  account: {
    INVITED: s("warning", "待激活", "Invited"),
    ACTIVE: s("success", "正常", "Active"),
    LOCKED: s("danger", "锁定", "Locked"),
    LEFT: s("neutral", "已注销", "Left"),
  },
  enterprise: {
    ACTIVE: s("success", "在册", "In the building"),
    MOVED_OUT: s("neutral", "已迁出", "Moved out"),
  },
  import: {
    UPLOADED: s("info", "待核对", "Columns to check"),
    CHECKED: s("info", "已预检", "Checked"),
    RUNNING: s("progress", "导入中", "Importing"),
    DONE: s("success", "已完成", "Done"),
    DISCARDED: s("neutral", "已放弃", "Discarded"),
  },
  row: {
    CREATED: s("success", "新增", "New"),
    UPDATED: s("info", "更新", "Updated"),
    UNCHANGED: s("neutral", "无变化", "Unchanged"),
    REJECTED: s("danger", "有误", "Wrong"),
  },
  proposal: {
    PROPOSED: s("warning", "待审批", "To be decided"),
    ACCEPTED: s("success", "已入账", "Posted"),
    DECLINED: s("neutral", "未采纳", "Declined"),
  },
  redemption: {
    RESERVED: s("warning", "待领取", "To be fetched"),
    FULFILLED: s("success", "已领取", "Handed over"),
    CANCELLED: s("neutral", "已取消", "Cancelled"),
  },
  department: {
    APPLIED: s("info", "申请中", "Applied"),
    APPROVED: s("info", "已批准", "Approved"),
    TESTED: s("progress", "已联调", "Contract-tested"),
    LIVE: s("success", "已上线", "Live"),
    SUSPENDED: s("danger", "已暂停", "Suspended"),
    REFUSED: s("danger", "未通过", "Refused"),
  },
  org: {
    APPLIED: s("info", "待审批", "Waiting for approval"),
    APPROVED: s("progress", "已批准，待成立", "Approved, to be founded"),
    REJECTED: s("danger", "未批准", "Rejected"),
    ACTIVE: s("success", "在册", "Active"),
    DISSOLVED: s("neutral", "已撤销", "Dissolved"),
  },
  member: {
    PROPOSED: s("warning", "待本人确认", "Waiting for the person"),
    ACTIVE: s("success", "在册", "On the roster"),
    DECLINED: s("neutral", "本人不同意", "Declined"),
    ENDED: s("neutral", "已离册", "Ended"),
  },
  affiliation: {
    DECLARED: s("warning", "待核实", "To be verified"),
    PENDING_HOME: s("progress", "待原支部确认", "Waiting for the home organisation"),
    ACTIVE: s("success", "双重管理中", "Managed by both"),
    RETURNED: s("danger", "已退回", "Returned"),
    DECLINED: s("neutral", "本人不同意", "Declined"),
    DISPUTED: s("danger", "原支部有异议", "Disputed by the home organisation"),
    ENDED: s("neutral", "已结束", "Ended"),
  },
  transfer: {
    DRAFT: s("neutral", "待本人提交", "To be submitted"),
    SUBMITTED: s("warning", "待转出", "Waiting for the source"),
    RELEASED: s("progress", "在途", "On its way"),
    DONE: s("success", "已接收", "Received"),
    REJECTED: s("danger", "未通过", "Not accepted"),
    EXPIRED: s("danger", "已过期", "Expired"),
    WITHDRAWN: s("neutral", "已撤回", "Withdrawn"),
  },
  application: {
    RECORDED: s("warning", "待本人确认", "Waiting for the person"),
    OPEN: s("progress", "办理中", "Under way"),
    DONE: s("success", "已转正", "Full member"),
    DENIED: s("neutral", "本人否认", "Not the person's"),
    WITHDRAWN: s("neutral", "已撤回", "Taken back"),
    ENDED: s("neutral", "已终止", "Ended"),
  },
  guest: {
    INVITED: s("warning", "待本人确认", "Waiting for the person"),
    ASKED: s("warning", "待答复", "To be answered"),
    ADMITTED: s("success", "有效", "In force"),
    DECLINED: s("neutral", "本人不需要", "Declined"),
    REJECTED: s("neutral", "未同意", "Not admitted"),
    ENDED: s("neutral", "已结束", "Ended"),
  },
  matter: {
    DRAFT: s("neutral", "草稿", "Draft"),
    PUBLISHED: s("success", "已发布", "Published"),
    RETIRED: s("neutral", "已停用", "Retired"),
  },
  counter: {
    OPEN: s("success", "启用中", "Open"),
    CLOSED: s("neutral", "已关闭", "Closed"),
  },
};

export function toneOf(of: string, state: string | undefined): Tone {
  return STATES[of]?.[state ?? ""]?.tone ?? "neutral";
}

export function stateWord(of: string, state: string | undefined): string {
  const entry = STATES[of]?.[state ?? ""];
  if (!entry) return state ?? "";
  return locale.value === "zh" ? entry.zh : entry.en;
}
