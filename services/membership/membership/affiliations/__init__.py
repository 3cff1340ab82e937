"""Dual management 双重管理: members whose organisation is elsewhere, and the floating register."""
