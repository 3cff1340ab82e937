"""Reporting to the community 双报到: organisations and members, their posts, and what they did there."""
