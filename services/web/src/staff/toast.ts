import "element-plus/es/components/message/style/css";

import { ElMessage } from "element-plus";

export function toast(text: string): void {
  ElMessage({ message: text, type: "success", grouping: true, duration: 3000 });
}

export function warn(text: string): void {
  ElMessage({ message: text, type: "warning", grouping: true, duration: 5000, showClose: true });
}
