"""What everyone may know about the demo accounts; also in accounts.txt. Demo deployments only."""

from typing import Final

PASSWORD: Final = "louyu-demo-2026"
TOTP_SECRET: Final = "LOUYUDEMOLOUYUDEMOLOUYUDEMOLOUYU"
"""The seed of every staff account's second factor."""
OPERATOR: Final = "operator"
DAYS: Final = 60
"""How far in the past business time begins."""
TIME_ZONE: Final = "Asia/Shanghai"
SEED: Final = 20160701
"""The same district is loaded every time."""
